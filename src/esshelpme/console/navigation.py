"""What the console's navigation offers to whom: a new page is a new line here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.dispatch.models import Alarm
from esshelpme.incidents import inbox
from esshelpme.intake import set_aside

MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Slot:
    """One line of the navigation."""

    page: str
    route: str
    icon: str
    text: str
    right: Right
    first: bool = False  # in the bar itself, not under "more"
    key: str = ""
    live: str = ""  # the route that tells its count
    count: str = ""

    @property
    def url(self) -> str:
        return reverse(self.route)


SLOTS = (
    Slot(
        "inbox",
        "console_inbox",
        "inbox",
        "desk.nav_inbox",
        Right.SEE_SET_ASIDE,
        first=True,
        key="i",
        live="console_inbox_count",
    ),
    Slot("handover", "console_handover", "shift", "desk.nav_handover", Right.HAND_OVER_SHIFT),
    Slot("transfers", "console_transfers", "link", "desk.nav_transfers", Right.DISPATCH),
    Slot("directory", "console_directory", "people", "desk.nav_directory", Right.SEE_DIRECTORY),
    Slot("accounts", "console_accounts", "key", "desk.nav_accounts", Right.MANAGE_ACCOUNTS),
    Slot("audit", "console_audit", "search", "desk.nav_audit", Right.SEE_AUDIT),
)


def slots(request: HttpRequest) -> dict[str, Any]:
    """Context processor: asked only when a template shows the navigation."""

    def mine(first: bool) -> list[Slot]:
        officer: Officer | None = getattr(request, "officer", None)
        if officer is None:
            return []
        found = [slot for slot in SLOTS if slot.first is first and officer.may(slot.right)]
        return [replace(slot, count=waiting()) if slot.live else slot for slot in found]

    return {
        "nav_slots": SimpleLazyObject(lambda: mine(True)),
        "nav_more": SimpleLazyObject(lambda: mine(False)),
    }


def waiting() -> str:
    """What waits in the inbox, as the badge shows it: empty, a number, or `99+`."""
    count = (
        inbox.count_unseen(most=MOST_COUNTED + 1)
        + set_aside.count_unseen(most=MOST_COUNTED + 1)
        + Alarm.objects.filter(incident__isnull=True, acknowledged_at__isnull=True).count()
    )
    if not count:
        return ""
    return str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"
