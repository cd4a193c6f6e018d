"""From stored events to conversation steps: in order for each person, many persons at once, each exactly once.

A person is held by a transaction-level advisory lock while one of their events is turned into a step, and the event
is marked done in the same transaction. A poison event is tried a bounded number of times, then set aside for staff;
only its own person waits for that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from esshelpme.dispatch.alarms import raise_system_alarm
from esshelpme.intake import heard as hearing
from esshelpme.intake.conversation import converse
from esshelpme.intake.limits import over_limit
from esshelpme.intake.models import InboundEvent
from esshelpme.privacy.sealing import installation_key, seal, unseal

log = structlog.get_logger(__name__)

State = InboundEvent.State
TRIES = 4
RETRY_AFTER = (0.2, 0.5, 1.5)  # seconds: the person's later messages wait for it
LOCK_CLASS = 0x455353  # "ESS": our own class of advisory locks


def waiting_persons(*, at: datetime, most: int = 64) -> list[str]:
    """Persons with an event that may be turned into a step now, longest waiting first."""
    rows = (
        InboundEvent.objects.filter(state=State.WAITING, next_try_at__lte=at)
        .order_by("id")
        .values_list("person", flat=True)[:most]
    )
    return list(dict.fromkeys(rows))


def work_person(person: str, *, at: datetime) -> bool:
    """Turn the person's oldest waiting event into a step. False when there is none, or another worker has them."""
    with transaction.atomic():
        if not _hold(person):
            return False
        event = (
            InboundEvent.objects.filter(person=person, state=State.WAITING).order_by("said_at", "id").first()
        )
        if event is None or event.next_try_at > at:
            return False
        try:
            with transaction.atomic():
                _step(event, at=at)
        except (OperationalError, InterfaceError):
            raise  # the database, not the event: nothing counted, the worker comes back
        except Exception as error:
            log.exception("event_failed", event=event.event_id, attempt=event.attempts + 1)
            _failed(event, error, at=at)
        return True


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
    read = hearing.read(open_event(event), received_at=event.received_at)
    if (read.type is hearing.Type.OTHER and event.type not in QUIETLY_SKIPPED) or over_limit(read, at=at):
        _finish(event, State.SKIPPED, at=at)
    else:
        converse(read, received_at=event.received_at, at=at)
        if read.type is hearing.Type.UNSEND:
            _purge(event.person, read.message_id)
        _finish(event, State.DONE, at=at)


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


def _finish(event: InboundEvent, state: int, *, at: datetime) -> None:
    """Done: the words live with the person now. Skipped: they stay here, sealed, for staff."""
    event.state, event.done_at = state, at
    if state == State.DONE:
        event.sealed = None
    event.save(update_fields=["state", "done_at", "sealed"])


def _failed(event: InboundEvent, error: Exception, *, at: datetime) -> None:
    event.attempts += 1
    event.failure = f"{type(error).__name__}: {error}"[:300]
    if event.attempts >= TRIES:
        event.state, event.done_at = State.SET_ASIDE, at
        raise_system_alarm("EVENT_SET_ASIDE", detail=event.event_id, at=at)
    else:
        event.next_try_at = at + timedelta(seconds=RETRY_AFTER[event.attempts - 1])
    event.save(update_fields=["attempts", "failure", "state", "done_at", "next_try_at"])


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
