"""One raw event as the row of its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from esshelpme.intake import heard
from esshelpme.privacy.sealing import seal


@dataclass(frozen=True, slots=True)
class Row:
    """One event as its table row."""

    event_id: str
    person: str
    type: str
    message_id: str
    said_at: datetime
    received_at: datetime
    redelivered: bool
    sealed: bytes


def row_of(event: Mapping[str, Any], *, raw: bytes, key: bytes, received_at: datetime) -> Row:
    """The row of one event; `raw` is its JSON."""
    context = event.get("deliveryContext")
    return Row(
        event_id=_plain(heard.event_id(event), 64),
        person=_plain(heard.person(event), 64),
        type=_plain(str(event.get("type", "")), 30),
        message_id=_plain(heard.message_id(event), 60),
        said_at=heard.said_at(event, received_at),
        received_at=received_at,
        redelivered=isinstance(context, dict) and context.get("isRedelivery") is True,
        sealed=seal(key, raw),
    )


def _plain(value: str, limit: int) -> str:
    """Without what PostgreSQL's text cannot hold."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]
