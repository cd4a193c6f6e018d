"""Hand-over by telephone: call tasks, whom to call next, and what came of it."""

from __future__ import annotations

from datetime import datetime

from esshelpme.directory.models import Unit
from esshelpme.dispatch.models import CallTask, Need
from esshelpme.dispatch.protocols import ABROAD_NUMBERS, ANY_NUMBER, NUMBERS, Number
from esshelpme.dispatch.states import AssignmentStatus
from esshelpme.incidents import timeline
from esshelpme.incidents.models import Incident

OUTCOMES = ("ACCEPTED", "REFUSED", "NO_ANSWER")


def open_call_task(
    incident: Incident,
    need: Need | None,
    reason: str,
    *,
    at: datetime,
    unit: Unit | None = None,
    step: int = 0,
) -> CallTask:
    """Put a call on the board: the unit's duty phone first, then the national and provincial numbers.

    One open task per need: a second reason keeps the task that is there.
    """
    standing = CallTask.objects.filter(
        incident=incident, need=need, status=CallTask.Status.OPEN, **({} if need else {"reason": reason})
    ).first()
    if standing is not None:
        return standing
    phone, target = _whom(incident, need, unit, step)
    task = CallTask.objects.create(
        incident=incident,
        need=need,
        unit=unit,
        reason=reason,
        target=target,
        phone=phone,
        step=step,
        opened_at=at,
    )
    timeline.append(
        incident,
        "CALL_TASK_OPENED",
        at=at,
        by="system",
        data={
            "task": task.pk,
            "reason": reason,
            "need": need.agency_type if need else None,
            "unit": unit.code if unit else None,
        },
    )
    return task


def finish_call_task(
    task: CallTask,
    incident: Incident,
    *,
    outcome: str,
    answered_by: str = "",
    external_ref: str = "",
    at: datetime,
    by: str,
) -> None:
    """Record what a call came to. NO_ANSWER and REFUSED lead to the next number at once."""
    task.status, task.outcome = CallTask.Status.DONE, outcome
    task.answered_by, task.external_ref = answered_by, external_ref
    task.closed_at, task.closed_by = at, by
    task.save()
    timeline.append(
        incident,
        "CALL_TASK_DONE",
        at=at,
        by=by,
        data={"task": task.pk, "outcome": outcome, "need": task.need.agency_type if task.need else None},
    )
    if outcome == "ACCEPTED":
        return
    unit = _next_by_phone(task, incident, outcome, at=at, by=by)
    # After the units' own phones comes the first number of the list, after that the next one.
    step = task.step + 1 if task.unit is None else 0
    open_call_task(incident, task.need, f"AFTER_{outcome}", at=at, unit=unit, step=step)


def _next_by_phone(task: CallTask, incident: Incident, outcome: str, *, at: datetime, by: str) -> Unit | None:
    """End the offer that the call was about; the next unit of its need that is asked by telephone, the nearest."""
    if task.need is None or task.unit is None:
        return None
    asked = task.need.assignments.filter(status=AssignmentStatus.OFFERED, via="PHONE").select_related(
        "unit__agency"
    )
    refused = outcome == "REFUSED"
    for assignment in asked.filter(unit=task.unit):
        assignment.status = AssignmentStatus.DECLINED if refused else AssignmentStatus.EXPIRED
        assignment.ended_at = at
        assignment.save(update_fields=["status", "ended_at"])
        timeline.append(
            incident,
            "OFFER_DECLINED" if refused else "OFFER_EXPIRED",
            at=at,
            by=by,
            data={"unit": task.unit.code, "need": task.need.agency_type},
        )
    following = asked.exclude(unit=task.unit).order_by("ring", "distance_km", "pk").first()
    return following.unit if following is not None else None


def drop_call_tasks(incident: Incident, *, at: datetime, by: str, need: Need | None = None) -> None:
    """The calls are not needed any more: accepted, ended."""
    rows = CallTask.objects.filter(incident=incident, status=CallTask.Status.OPEN)
    if need is not None:
        rows = rows.filter(need=need)
    rows.update(status=CallTask.Status.DROPPED, closed_at=at, closed_by=by)


def numbers_for(incident: Incident, need: Need | None) -> tuple[Number, ...]:
    """The numbers after the units' own, in order."""
    if incident.place_flag == "ABROAD":
        return ABROAD_NUMBERS
    return NUMBERS.get(need.agency_type, ANY_NUMBER) if need else ANY_NUMBER


def _whom(incident: Incident, need: Need | None, unit: Unit | None, step: int) -> tuple[str, str]:
    if unit is not None:
        return unit.duty_phone or unit.agency.duty_phone, unit.name_th
    numbers = numbers_for(incident, need)
    number = numbers[min(step, len(numbers) - 1)]
    return number.phone, number.name_th
