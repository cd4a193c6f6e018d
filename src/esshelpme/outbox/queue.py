"""The sender's view of the outbox: claiming what is due, and writing down what became of it. Async SQL, set-based.

Only the one sender that holds the leadership lock claims. Messages to one recipient go one after another, in order;
many recipients at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

LEADER_LOCK = 0x4553534F  # "ESSO": one sender at a time


@dataclass(frozen=True, slots=True)
class Due:
    """A message that this sender has claimed."""

    id: int
    recipient: str
    what: str
    sealed: bytes
    silent: bool
    reply_token: str
    reply_until: datetime | None
    retry_key: UUID
    attempts: int
    expires_at: datetime
    incident_id: int | None
    message_id: int | None
    assignment_id: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try. `again_at` None and `failure` empty: delivered; with a failure: given up."""

    id: int
    again_at: datetime | None = None
    failure: str = ""
    drop_reply: bool = False

    @property
    def given_up(self) -> bool:
        """Whether it will not be tried again and did not reach its person."""
        return self.again_at is None and bool(self.failure)


CLAIM = """
UPDATE outbox_outboundmessage o SET state = 1, attempts = attempts + 1
FROM (
    SELECT m.id FROM outbox_outboundmessage m
    WHERE m.state = 0 AND m.next_try_at <= %(at)s
      AND NOT EXISTS (
          SELECT 1 FROM outbox_outboundmessage e
          WHERE e.recipient = m.recipient AND e.state IN (0, 1) AND e.id < m.id)
    ORDER BY m.next_try_at, m.id LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
) due
WHERE o.id = due.id
RETURNING o.id, o.recipient, o.what, o.sealed, o.silent, o.reply_token, o.reply_until, o.retry_key, o.attempts,
          o.expires_at, o.incident_id, o.message_id, o.assignment_id"""

FINISH = """
UPDATE outbox_outboundmessage o
SET state = CASE WHEN r.again_at IS NOT NULL THEN 0 WHEN r.failure = '' THEN 2 ELSE 3 END,
    next_try_at = COALESCE(r.again_at, o.next_try_at),
    finished_at = CASE WHEN r.again_at IS NULL THEN %(at)s END,
    failure = r.failure,
    reply_token = CASE WHEN r.drop_reply THEN '' ELSE o.reply_token END,
    sealed = CASE WHEN r.again_at IS NULL THEN NULL ELSE o.sealed END
FROM unnest(%(ids)s::bigint[], %(again)s::timestamptz[], %(failures)s::text[], %(drops)s::bool[])
    AS r (id, again_at, failure, drop_reply)
WHERE o.id = r.id AND o.state IN (0, 1)"""

# What a sender that died had in hand: pushes are repeated under the same retry key, so LINE shows them once. A
# reply may have gone out or not; it is never tried again as a reply.
RECOVER = """
UPDATE outbox_outboundmessage SET state = 0, reply_token = '', next_try_at = %(at)s WHERE state = 1"""


async def lead(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Try to become the one sender, for as long as the connection lives."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK])
    row = await cursor.fetchone()
    return bool(row and row[0])


async def recover(connection: psycopg.AsyncConnection[Any], *, at: datetime) -> int:
    """Take back what the sender before us left in hand."""
    return (await connection.execute(RECOVER, {"at": at})).rowcount


async def claim(connection: psycopg.AsyncConnection[Any], *, at: datetime, most: int) -> list[Due]:
    """Claim what is due, at most one message a recipient."""
    async with connection.cursor(row_factory=class_row(Due)) as cursor:
        await cursor.execute(CLAIM, {"at": at, "most": most})
        return await cursor.fetchall()


async def finish(
    connection: psycopg.AsyncConnection[Any], outcomes: Sequence[Outcome], *, at: datetime
) -> None:
    """Write down what became of tries."""
    await connection.execute(
        FINISH,
        {
            "at": at,
            "ids": [outcome.id for outcome in outcomes],
            "again": [outcome.again_at for outcome in outcomes],
            "failures": [outcome.failure.replace("\x00", "")[:300] for outcome in outcomes],
            "drops": [outcome.drop_reply for outcome in outcomes],
        },
    )
