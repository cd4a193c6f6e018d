"""From stored events to conversation steps: in order for each person, many persons at once, each exactly once.

A person is held by a transaction-level advisory lock while one of their events is turned into a step, and the event
is marked done in the same transaction. A poison event is tried a bounded number of times, then set aside for staff;
only its own person waits for that.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from esshelpme.dispatch.alarms import raise_system_alarm
from esshelpme.intake import heard as hearing
from esshelpme.intake.conversation import converse
from esshelpme.intake.heard import Heard
from esshelpme.intake.limits import is_flood, is_helped, over_limit
from esshelpme.intake.models import InboundEvent, TakenBack
from esshelpme.platform.writing import writing
from esshelpme.privacy.sealing import installation_key, seal, unseal

log = structlog.get_logger(__name__)

State = InboundEvent.State
TRIES = 4
RETRY_AFTER = (0.2, 0.5, 1.5)  # seconds: the person's later messages wait for it
LOCK_CLASS = 0x455353  # "ESS": our own class of advisory locks


# SQLSTATE classes that speak of the database and not of the event: connection, rollback (deadlock), resources,
# locks, intervention, system. https://www.postgresql.org/docs/18/errcodes-appendix.html
TRANSIENT = frozenset({"08", "40", "53", "55", "57", "58"})
# Of a flood beyond the limit, so many events are put aside in one transaction.
SKIP_AT_ONCE = 500

# One probe of the index a person, however many events each has waiting.
PERSONS = """
WITH RECURSIVE persons AS (
    (SELECT person FROM intake_inboundevent
     WHERE state = 0 AND person {after} %(after)s ORDER BY person LIMIT 1)
    UNION ALL
    SELECT (SELECT next.person FROM intake_inboundevent next
            WHERE next.state = 0 AND next.person > persons.person ORDER BY next.person LIMIT 1)
    FROM persons WHERE persons.person IS NOT NULL
)
SELECT persons.person FROM persons CROSS JOIN LATERAL (
    SELECT next_try_at FROM intake_inboundevent e
    WHERE e.state = 0 AND e.person = persons.person ORDER BY e.said_at, e.id LIMIT 1
) oldest
WHERE oldest.next_try_at <= %(at)s LIMIT %(most)s"""


def waiting_persons(*, at: datetime, after: str = "", most: int = 64) -> list[str]:
    """Persons whose oldest event may be turned into a step now, in the order of their ids from `after` on.

    A flood of one person is one person here: the caller goes round, so that everybody has a turn.
    """
    query = PERSONS.format(after=">" if after else ">=")
    with connection.cursor() as cursor:
        cursor.execute(query, {"after": after, "at": at, "most": most})
        return [person for (person,) in cursor.fetchall()]


def work_person(person: str, *, at: datetime) -> bool:
    """Turn the person's oldest waiting event into a step. False when there is none, or another worker has it."""
    with transaction.atomic():
        if not _hold(person):
            return False
        event = (
            InboundEvent.objects.filter(person=person, state=State.WAITING).order_by("said_at", "id").first()
        )
        if event is None or event.next_try_at > at:
            return False
        try:
            with writing():
                _step(event, at=at)
        except Exception as error:
            if is_transient(error):
                raise  # the database, not the event: nothing counted, the worker comes back
            cause, frames = _cause(error)
            log.error(
                "event_failed", id=event.event_id, attempt=event.attempts + 1, cause=cause, trace=frames
            )
            _failed(event, cause, at=at)
        return True


def is_transient(error: Exception) -> bool:
    """Whether the database failed and not what it was asked."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state[:2] in TRANSIENT


def open_event(event: InboundEvent) -> Mapping[str, Any]:
    """The event's JSON. Raises `CannotUnseal` under another secret."""
    assert event.sealed is not None
    value = json.loads(unseal(inbound_key(), event.sealed))
    return value if isinstance(value, Mapping) else {}


def seal_event(event: Mapping[str, Any]) -> bytes:
    return seal(inbound_key(), json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def inbound_key() -> bytes:
    return installation_key("inbound", settings.SECRET_KEY)


def _step(event: InboundEvent, *, at: datetime) -> None:
    read = _read(event)
    if read.type is hearing.Type.OTHER and event.type not in QUIETLY_SKIPPED:
        _skip([(event, read)], at=at)
    elif over_limit(read, at=at):
        _skip([(event, read), *_more_of_the_flood(event)], at=at)
    else:
        converse(read, received_at=event.received_at, at=at)
        if read.type is hearing.Type.UNSEND:
            _purge(event.person, read.message_id)
        _done(event, at=at)


def _read(event: InboundEvent) -> Heard:
    return hearing.read(open_event(event), received_at=event.received_at)


def _more_of_the_flood(first: InboundEvent) -> list[tuple[InboundEvent, Heard]]:
    """What follows of a flood, up to the next event that must not wait behind it."""
    found: list[tuple[InboundEvent, Heard]] = []
    helped = is_helped(first.person)
    rows = InboundEvent.objects.filter(person=first.person, state=State.WAITING).exclude(pk=first.pk)
    for event in rows.order_by("said_at", "id")[:SKIP_AT_ONCE]:
        try:
            read = _read(event)
        except Exception:  # its own turn will tell
            break
        if not is_flood(read, helped=helped):
            break
        found.append((event, read))
    return found


# Events that say nothing of a person in danger: kept, not shown.
QUIETLY_SKIPPED = frozenset(
    {
        "join",
        "leave",
        "memberJoined",
        "memberLeft",
        "videoPlayComplete",
        "delivery",
        "activated",
        "deactivated",
    }
)


def _done(event: InboundEvent, *, at: datetime) -> None:
    """The words live with the person now, under their own key."""
    event.state, event.done_at, event.sealed = State.DONE, at, None
    event.save(update_fields=["state", "done_at", "sealed"])


def _skip(events: Sequence[tuple[InboundEvent, Heard]], *, at: datetime) -> None:
    """They stay here, sealed, for staff; but not what the person has taken back meanwhile."""
    gone = _taken_back(events[0][0].person, [read.message_id for _, read in events])
    for words, rows in (
        (False, [event.pk for event, read in events if read.message_id in gone]),
        (True, [event.pk for event, read in events if read.message_id not in gone]),
    ):
        if rows:
            InboundEvent.objects.filter(pk__in=rows).update(
                state=State.SKIPPED, done_at=at, **({} if words else {"sealed": None})
            )


def _taken_back(person: str, message_ids: Sequence[str]) -> set[str]:
    return set(
        TakenBack.objects.filter(
            contact__channel="LINE", contact__address=person, channel_message_id__in=message_ids
        ).values_list("channel_message_id", flat=True)
    )


def _failed(event: InboundEvent, cause: str, *, at: datetime) -> None:
    event.attempts += 1
    event.failure = cause
    if event.attempts >= TRIES:
        event.state, event.done_at = State.SET_ASIDE, at
        if _taken_back(event.person, [event.message_id]):
            event.sealed = None
        raise_system_alarm("EVENT_SET_ASIDE", detail=event.event_id, at=at)
    else:
        event.next_try_at = at + timedelta(seconds=RETRY_AFTER[event.attempts - 1])
    event.save(update_fields=["attempts", "failure", "state", "done_at", "next_try_at", "sealed"])


def _cause(error: Exception) -> tuple[str, list[str]]:
    """An error's type and where it arose, never its message: that may quote what a person said."""
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    own = [frame for frame in frames if not frame.startswith("<")]
    return f"{type(error).__name__} in {own[-1] if own else '?'}"[:300], frames[-12:]


def _purge(person: str, message_id: str) -> None:
    """What was unsent must not stay in a raw event either."""
    if message_id:
        InboundEvent.objects.filter(person=person, message_id=message_id).exclude(state=State.WAITING).update(
            sealed=None
        )


def _hold(person: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCK_CLASS, person])
        row = cursor.fetchone()
    return bool(row and row[0])
