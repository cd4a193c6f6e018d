"""Putting messages into the outbox. Nothing is sent here: the sender (room `line`) delivers what was committed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from esshelpme.outbox.line_messages import MESSAGES_A_CALL, Message
from esshelpme.outbox.models import OutboundMessage
from esshelpme.platform.writing import gather
from esshelpme.privacy.sealing import installation_key, seal, unseal

# LINE accepts a reply token for about a minute; a redelivered one up to 20 minutes after the event. We stop early.
REPLY_SECONDS = 50
# Stop before LINE forgets the retry key (24 h) and would show the message again.
KEEP_TRYING = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """A token with which one answer to `recipient` is free, until `until`."""

    token: str
    until: datetime
    recipient: str


def put(*, recipient: str, messages: Sequence[Message], what: str, at: datetime, **more: Any) -> None:
    """Write one outbound message (arguments of `draft`). Raises `ValueError` above five message objects."""
    put_all([draft(recipient=recipient, messages=messages, what=what, at=at, **more)])


def draft(
    *,
    recipient: str,
    messages: Sequence[Message],
    what: str,
    at: datetime,
    silent: bool = False,
    reply: ReplyToken | None = None,
    keep_trying: timedelta = KEEP_TRYING,
    incident_id: int | None = None,
    message_id: int | None = None,
    assignment_id: int | None = None,
) -> OutboundMessage:
    """An outbound message not yet written, for `put_all`."""
    if not 1 <= len(messages) <= MESSAGES_A_CALL:
        raise ValueError(f"{len(messages)} message objects in a call: 1 to {MESSAGES_A_CALL}")
    return OutboundMessage(
        recipient=recipient,
        what=what[:40],
        # A lone surrogate that slipped through must cost a character, not the step.
        sealed=seal(
            outbound_key(), json.dumps(list(messages), ensure_ascii=False).encode("utf-8", "replace")
        ),
        silent=silent,
        reply_token=reply.token if reply and reply.recipient == recipient else "",
        reply_until=reply.until if reply and reply.recipient == recipient else None,
        retry_key=uuid.uuid4(),
        next_try_at=at,
        created_at=at,
        expires_at=at + keep_trying,
        incident_id=incident_id,
        message_id=message_id,
        assignment_id=assignment_id,
    )


def put_all(rows: Iterable[OutboundMessage]) -> None:
    """Write drafts, in order, with all others of this step."""
    for row in rows:
        gather(_insert, row)


def _insert(rows: list[OutboundMessage]) -> None:
    OutboundMessage.objects.bulk_create(rows)


def body_of(row: OutboundMessage) -> list[Message]:
    """The message objects of a row not yet delivered."""
    assert row.sealed is not None
    messages: list[Message] = json.loads(unseal(outbound_key(), row.sealed))
    return messages


def outbound_key() -> bytes:
    return installation_key("outbound", settings.SECRET_KEY)
