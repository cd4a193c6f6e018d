"""A message that LINE will not take: on the timeline, an alarm for staff, and another way where there is one."""

from __future__ import annotations

from datetime import datetime

import django.db
import structlog

from esshelpme.dispatch.alarms import raise_alarm, raise_system_alarm
from esshelpme.dispatch.calls import open_call_task
from esshelpme.dispatch.models import Assignment
from esshelpme.dispatch.states import AlarmLevel, AssignmentStatus, NeedStatus
from esshelpme.incidents import timeline
from esshelpme.incidents.changes import lock
from esshelpme.incidents.models import Message
from esshelpme.outbox.models import OutboundMessage
from esshelpme.outbox.queue import Due
from esshelpme.platform.writing import writing

log = structlog.get_logger(__name__)
State = OutboundMessage.State


def give_up(row: Due, failure: str, *, at: datetime) -> None:
    """End a message that did not reach its person and write that down: both or neither, once."""
    ended = {
        "state": State.UNDELIVERED,
        "finished_at": at,
        "failure": failure.replace("\x00", "")[:300],
        "sealed": None,
    }
    mine = OutboundMessage.objects.filter(pk=row.id, state__in=(State.WAITING, State.SENDING))
    try:
        with writing():
            if mine.update(**ended):
                note_undelivered(row, failure, at=at)
    except django.db.OperationalError:
        raise
    except Exception:  # staff must know even when the note itself fails
        log.exception("undelivered_not_noted", message=row.id)
        with writing():
            if mine.update(**ended):
                raise_system_alarm("UNDELIVERED", detail=f"{row.what} #{row.id}", at=at)


def note_undelivered(row: Due, failure: str, *, at: datetime) -> None:
    """Write down that a message did not reach its person."""
    reason = failure.split(maxsplit=1)[0] if failure else "UNKNOWN"
    if reason == "QUOTA":
        raise_system_alarm("LINE_QUOTA_SPENT", detail="", at=at)
    elif reason in ("401", "403"):
        raise_system_alarm("LINE_REFUSES_TOKEN", detail=reason, at=at)
    if row.incident_id is None:
        return
    with writing():
        incident = lock(row.incident_id)
        data = {"what": row.what, "reason": reason, "message": row.message_id}
        timeline.append(incident, "MESSAGE_UNDELIVERED", at=at, by="system", data=data)
        if row.message_id is not None:
            Message.objects.filter(pk=row.message_id).update(undelivered_at=at)
        if not incident.is_open:
            return
        raise_alarm(incident, AlarmLevel.CENTRE, "UNDELIVERED", at=at)
        assignment = (
            Assignment.objects.select_related("need", "unit__agency")
            .filter(pk=row.assignment_id or 0)
            .first()
        )
        if (
            assignment is not None
            and row.what == "offer"
            and assignment.status == AssignmentStatus.OFFERED
            and assignment.need.status == NeedStatus.OPEN
        ):
            open_call_task(incident, assignment.need, "UNDELIVERED", at=at, unit=assignment.unit)
