"""What could not be understood, for people to look at: set aside after bounded tries, or skipped as unknown."""

from __future__ import annotations

import json
from datetime import datetime

from django.db.models import QuerySet

from esshelpme.dispatch.alarms import acknowledge_system_alarm
from esshelpme.dispatch.models import Alarm
from esshelpme.intake.models import InboundEvent
from esshelpme.intake.work import open_event
from esshelpme.privacy.sealing import CannotUnseal

State = InboundEvent.State
SHOWN = (State.SET_ASIDE.value, State.SKIPPED.value)
LONGEST_RAW = 8000


def waiting_for_eyes() -> QuerySet[InboundEvent]:
    """Events nobody has seen yet (index `inbound_set_aside`)."""
    return InboundEvent.objects.filter(state__in=SHOWN, seen_at__isnull=True)


def count_unseen(*, most: int) -> int:
    """How many, counted up to `most`."""
    return len(waiting_for_eyes().order_by().values_list("pk", flat=True)[:most])


def said(event: InboundEvent) -> tuple[str, str]:
    """The words a person would read in it, and the whole event as indented JSON. Empty when they are gone."""
    if event.sealed is None:
        return "", ""
    try:
        value = open_event(event)
    except (CannotUnseal, ValueError):
        return "", ""
    message = value.get("message")
    words = message.get("text") if isinstance(message, dict) else None
    raw = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    return words if isinstance(words, str) else "", raw[:LONGEST_RAW]


def try_again(event_pk: int, *, at: datetime, by: str) -> bool:
    """Let the conversation read it once more, with all its tries. False when it is gone, emptied, or waits already."""
    changed = InboundEvent.objects.filter(pk=event_pk, state__in=SHOWN, sealed__isnull=False).update(
        state=State.WAITING, attempts=0, next_try_at=at, done_at=None, failure="", seen_at=None
    )
    if changed:
        _quiet(event_pk, at=at, by=by)
    return bool(changed)


def see(event_pk: int, *, at: datetime, by: str) -> bool:
    """Somebody has looked at it. False when somebody had before."""
    changed = waiting_for_eyes().filter(pk=event_pk).update(seen_at=at)
    if changed:
        _quiet(event_pk, at=at, by=by)
    return bool(changed)


def see_flood(event_pk: int, *, at: datetime) -> int:
    """Everything skipped of the same person up to this event (a flood) was looked at. Returns how many."""
    event = InboundEvent.objects.filter(pk=event_pk).first()
    if event is None:
        return 0
    rows = waiting_for_eyes().filter(person=event.person, state=State.SKIPPED, pk__lte=event_pk)
    return rows.update(seen_at=at)


def _quiet(event_pk: int, *, at: datetime, by: str) -> None:
    """The alarm that this event raised has done its work."""
    event_id = InboundEvent.objects.values_list("event_id", flat=True).get(pk=event_pk)
    for alarm_id in Alarm.objects.filter(
        incident__isnull=True, reason="EVENT_SET_ASIDE", detail=event_id, acknowledged_at__isnull=True
    ).values_list("pk", flat=True):
        acknowledge_system_alarm(alarm_id, at=at, by=by)
