"""Are these messages such as LINE would take? As strict as its reference, so that ours are caught here.

Limits: developers.line.biz/en/reference/messaging-api (message objects, action objects, Flex, rich menus) and
docs/messaging-api/text-character-count.
"""

from __future__ import annotations

from esshelpme.simulator.validation.messages import Refusal, check_messages
from esshelpme.simulator.validation.richmenus import check_rich_menu

__all__ = ["Refusal", "check_messages", "check_rich_menu"]
