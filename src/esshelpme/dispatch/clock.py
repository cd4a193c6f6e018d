"""Running what is due: expired offers, calls, the honest "nobody has accepted yet".

Each deadline runs in a transaction of its own under the incident's lock, and is marked done in it: killed in the
middle it runs again, finished it never does. A late one runs at once, and the timeline says how late.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from esshelpme.directory.models import Unit
from esshelpme.dispatch.alarms import raise_alarm, raise_system_alarm
from esshelpme.dispatch.calls import open_call_task
from esshelpme.dispatch.deadlines import set_deadline
from esshelpme.dispatch.models import Assignment, Deadline, Need
from esshelpme.dispatch.offers import next_if_silent
from esshelpme.dispatch.protocols import TELL_WAITING_EVERY
from esshelpme.dispatch.states import AlarmLevel, AssignmentStatus, DeadlineKind, NeedStatus
from esshelpme.incidents import changes, timeline
from esshelpme.incidents.models import Incident
from esshelpme.incidents.place import place_of
from esshelpme.incidents.tell import tell
from esshelpme.platform.writing import writing

log = structlog.get_logger(__name__)

BATCH = 200
TRIES = 5
RETRY_AFTER = timedelta(seconds=5)
# Later than this and the timeline says so.
LATE = timedelta(seconds=10)


def run_due(*, at: datetime, most: int = BATCH) -> int:
    """Run deadlines due by `at`; returns how many. One that fails is tried again and, in the end, alarmed."""
    due = list(
        Deadline.objects.filter(done_at__isnull=True, due_at__lte=at)
        .order_by("due_at", "id")
        .values_list("pk", "incident_id")[:most]
    )
    for pk, incident_id in due:
        try:
            _run(pk, incident_id, at=at)
        except Exception:
            log.exception("deadline_failed", deadline=pk, incident=incident_id)
            _postpone(pk, at=at)
    return len(due)


def _run(pk: int, incident_id: int, *, at: datetime) -> None:
    with writing():
        incident = changes.lock(incident_id)
        deadline = Deadline.objects.select_related("need").filter(pk=pk, done_at__isnull=True).first()
        if deadline is None:
            return
        Deadline.objects.filter(pk=pk).update(done_at=at)
        if not incident.is_open:
            return
        if at - deadline.due_at > LATE:
            timeline.append(
                incident,
                "DEADLINE_LATE",
                at=at,
                by="system",
                data={"kind": deadline.kind, "seconds": int((at - deadline.due_at).total_seconds())},
            )
        if deadline.kind == DeadlineKind.OFFERS_EXPIRE and deadline.need is not None:
            _expire_offers(incident, deadline.need, at=at)
        elif deadline.kind == DeadlineKind.CALL_TASK and deadline.need is not None:
            if deadline.need.holder_id is None and deadline.need.status == NeedStatus.OPEN:
                open_call_task(
                    incident, deadline.need, "NOT_ACCEPTED", at=at, unit=_nearest_with_phone(deadline.need)
                )
        elif deadline.kind == DeadlineKind.TELL_WAITING:
            _tell_waiting(incident, at=at)
        elif deadline.kind == DeadlineKind.NO_PLACE:
            _ask_place(incident, at=at)


def _expire_offers(incident: Incident, need: Need, *, at: datetime) -> None:
    for assignment in need.assignments.filter(
        status=AssignmentStatus.OFFERED, deadline_at__lte=at
    ).select_related("unit"):
        assignment.status, assignment.ended_at = AssignmentStatus.EXPIRED, at
        assignment.save(update_fields=["status", "ended_at"])
        timeline.append(
            incident,
            "OFFER_EXPIRED",
            at=at,
            by="system",
            data={"unit": assignment.unit.code, "need": need.agency_type},
        )
    if need.holder_id is not None or need.status != NeedStatus.OPEN:
        return
    waiting = need.assignments.filter(status=AssignmentStatus.OFFERED, deadline_at__isnull=False)
    latest = waiting.order_by("-deadline_at").first()
    if latest is not None and latest.deadline_at is not None:
        set_deadline(incident, DeadlineKind.OFFERS_EXPIRE, due_at=latest.deadline_at, need=need)
        return
    next_if_silent(incident, need, at=at)


def _tell_waiting(incident: Incident, *, at: datetime) -> None:
    if incident.needs.exclude(status=NeedStatus.OPEN).exists():
        return
    tell(incident, "waiting", at=at)
    # Somebody may have come on duty since the last ring found nobody.
    for need in incident.needs.filter(status=NeedStatus.OPEN):
        next_if_silent(incident, need, at=at)
    raise_alarm(incident, AlarmLevel.CENTRE, "NOBODY_ACCEPTED", at=at)
    set_deadline(incident, DeadlineKind.TELL_WAITING, due_at=at + TELL_WAITING_EVERY)


def _ask_place(incident: Incident, *, at: datetime) -> None:
    """Nobody knows where: an alarm and a question, again and again until somebody knows or has taken it."""
    if place_of(incident) is not None:
        return
    raise_alarm(incident, AlarmLevel.CENTRE, "NO_PLACE", at=at)
    open_call_task(incident, None, "ASK_PLACE", at=at)
    if not incident.needs.exclude(status=NeedStatus.OPEN).exists():
        set_deadline(incident, DeadlineKind.NO_PLACE, due_at=at + TELL_WAITING_EVERY)


def _nearest_with_phone(need: Need) -> Unit | None:
    """The unit offered first that has a number: the sleeping officer is woken by a call."""
    for assignment in (
        Assignment.objects.filter(need=need).select_related("unit__agency").order_by("ring", "distance_km")
    ):
        if assignment.unit.duty_phone or assignment.unit.agency.duty_phone:
            return assignment.unit
    return None


def _postpone(pk: int, *, at: datetime) -> None:
    with transaction.atomic():
        deadline = Deadline.objects.select_for_update().filter(pk=pk).first()
        if deadline is None:
            return
        deadline.attempts += 1
        if deadline.attempts >= TRIES:
            raise_system_alarm("DEADLINE_FAILED", detail=f"{deadline.kind} #{deadline.incident_id}", at=at)
            deadline.attempts = 0
        deadline.due_at = at + RETRY_AFTER
        deadline.save(update_fields=["attempts", "due_at"])
