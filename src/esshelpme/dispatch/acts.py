"""What each staff action does. The incident's row is locked and the officer's right is checked by `actions`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.directory.models import Unit
from esshelpme.dispatch import alarms, calls, engine, forms, notices, offers
from esshelpme.dispatch.deadlines import drop_deadlines
from esshelpme.dispatch.models import Assignment, CallTask, Need
from esshelpme.dispatch.protocols import MOVED_KM
from esshelpme.dispatch.states import ACTIVE, LIVE, AssignmentStatus, NeedStatus
from esshelpme.incidents import changes, timeline
from esshelpme.incidents.access import NoSuchIncident, incident_for
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.models import Incident, Report
from esshelpme.incidents.place import Place, distance_km, place_of
from esshelpme.incidents.states import ENDED, OPEN, NotAllowed, Status
from esshelpme.incidents.tell import tell
from esshelpme.words import say

# To whom a hand-over by telephone goes, by the number's name: which need it fills.
HANDOVER_FILLS = {"191": "POLICE", "1669": "HEALTH", "1323": "HEALTH", "1300": "SOCIAL"}


class BadField(ValueError):
    """A field names something that does not exist (HTTP 422). `path` is the field."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(detail)
        self.path = path


def close(incident: Incident, form: forms.Close, *, officer: Officer, at: datetime) -> None:
    changes.close(
        incident,
        form.disposition,
        note_text=form.note,
        safe_to_contact=form.safe_to_contact,
        at=at,
        by=officer.actor,
    )
    end(incident, at=at, by=officer.actor)
    ask_rating = not incident.discreet or form.safe_to_contact is True
    tell(incident, "closed" if ask_rating else "closed_plain", at=at)


def resolve(incident: Incident, form: forms.Noted, *, officer: Officer, at: datetime) -> None:
    if incident.status not in OPEN:
        raise NotAllowed("ENDED", f"the incident is {incident.status}")
    if form.note:
        changes.note(incident, form.note, at=at, by=officer.actor)
    offers.resolve(incident, at=at, by=officer.actor)


def reopen(incident: Incident, form: forms.Reopen, *, officer: Officer, at: datetime) -> None:
    take_up_again(incident, note_text=form.note, at=at, by=officer.actor)


def cancel(incident: Incident, form: forms.Noted, *, officer: Officer, at: datetime) -> None:
    changes.cancel(incident, note_text=form.note, at=at, by=officer.actor)
    end(incident, at=at, by=officer.actor)
    tell(incident, "cancelled", at=at)


def confirm_cancel(incident: Incident, form: forms.Nothing, *, officer: Officer, at: datetime) -> None:
    if incident.cancel_requested_at is None:
        raise NotAllowed("NO_REQUEST", "nobody asked to cancel")
    cancel(incident, forms.Noted(), officer=officer, at=at)


def refuse_cancel(incident: Incident, form: forms.Nothing, *, officer: Officer, at: datetime) -> None:
    changes.answer_cancel(incident, at=at, by=officer.actor)


def assign(incident: Incident, form: forms.OfUnit, *, officer: Officer, at: datetime) -> None:
    """Offer the incident to a unit chosen by a person, whatever its distance."""
    if incident.status not in OPEN:
        raise NotAllowed("ENDED", f"the incident is {incident.status}")
    unit = unit_by_code(form.unit)
    if incident.assignments.filter(unit=unit, status__in=LIVE).exists():
        raise NotAllowed("ALREADY", "the unit has this incident already")
    if incident.status == Status.NEW:
        changes.change_status(incident, Status.DISPATCHING, at=at, by=officer.actor)
    need = need_for(incident, unit, at=at)
    place = place_of(incident)
    engine.offer_unit(incident, need, unit, distance=_distance(place, unit), at=at, by=officer.actor)


def withdraw(incident: Incident, form: forms.OfUnit, *, officer: Officer, at: datetime) -> None:
    assignment = _live_assignment(incident, form.unit)
    had_it = assignment.need.holder_id == assignment.pk
    offers.withdraw(assignment, incident, at=at, by=officer.actor)
    if incident.status in OPEN:
        if had_it:
            engine.wait_again(incident, assignment.need, at=at)
        offers.next_if_silent(incident, assignment.need, at=at)
        engine.follow_lead(incident, at=at)
        engine.keep_watch(incident, at=at)


def accept_for(incident: Incident, form: forms.AcceptFor, *, officer: Officer, at: datetime) -> None:
    """A unit accepted by telephone: recorded by staff, with the unit's own reference."""
    if incident.status not in OPEN:
        raise NotAllowed("ENDED", f"the incident is {incident.status}")
    unit = unit_by_code(form.unit)
    if incident.status == Status.NEW:
        changes.change_status(incident, Status.DISPATCHING, at=at, by=officer.actor)
    assignment = (
        Assignment.objects.filter(incident=incident, unit=unit)
        .select_related("need", "unit")
        .order_by("-pk")
        .first()
    )
    if assignment is None or assignment.status in (AssignmentStatus.WITHDRAWN, AssignmentStatus.DONE):
        assignment = engine.offer_unit(
            incident,
            need_for(incident, unit, at=at),
            unit,
            distance=_distance(place_of(incident), unit),
            at=at,
            by=officer.actor,
        )
    _close_call(incident, assignment.need, unit, form.external_ref, at=at, by=officer.actor)
    offers.accept_for(
        assignment, incident, via="PHONE", external_ref=form.external_ref, at=at, by=officer.actor
    )


def status_for(incident: Incident, form: forms.StatusFor, *, officer: Officer, at: datetime) -> None:
    offers.progress(
        _live_assignment(incident, form.unit),
        incident,
        AssignmentStatus(form.status),
        at=at,
        by=officer.actor,
    )


def handover(incident: Incident, form: forms.Handover, *, officer: Officer, at: datetime) -> None:
    """The incident was handed to another service by telephone (or it refused, or nobody answered)."""
    if incident.status not in OPEN:
        raise NotAllowed("ENDED", f"the incident is {incident.status}")
    _hand_over(incident, form, _need_of_handover(incident, form.to), officer=officer, at=at)


def _hand_over(
    incident: Incident, form: forms.Handover, need: Need | None, *, officer: Officer, at: datetime
) -> None:
    """Record a hand-over that fills `need` (None: none of the open ones)."""
    data: dict[str, Any] = {
        "to": form.to,
        "via": form.via,
        "outcome": form.outcome,
        "external_ref": form.external_ref,
        "need": need.agency_type if need else None,
        "named": bool(form.answered_by),  # the name itself is words: it lies in the note beside this step
    }
    timeline.append(incident, "HANDED_OVER", at=at, by=officer.actor, data=data)
    if form.note or form.answered_by:
        changes.note(
            incident, " · ".join(filter(None, (form.answered_by, form.note))), at=at, by=officer.actor
        )
    open_tasks = CallTask.objects.filter(incident=incident, need=need, status=CallTask.Status.OPEN)
    # Without a need it was no call of the list: the one that asks the reporter for the place still stands.
    task = open_tasks.first() if need is not None else None
    if task is not None:
        calls.finish_call_task(
            task,
            incident,
            outcome=form.outcome,
            answered_by=form.answered_by or form.to,
            external_ref=form.external_ref,
            at=at,
            by=officer.actor,
        )
    if form.outcome == "ACCEPTED" and need is not None:
        if incident.status == Status.NEW:
            changes.change_status(incident, Status.DISPATCHING, at=at, by=officer.actor)
        first = not incident.needs.exclude(status=NeedStatus.OPEN).exists()
        need.status = NeedStatus.HANDED_OVER
        need.save(update_fields=["status"])
        for assignment in need.assignments.filter(status=AssignmentStatus.OFFERED).select_related(
            "unit", "need"
        ):
            offers.withdraw(assignment, incident, at=at, by=officer.actor)
        drop_deadlines(incident, need=need)
        engine.follow_lead(incident, at=at)
        tell(incident, "accepted" if first else "accepted_again", at=at)


def backup(incident: Incident, form: forms.Backup, *, officer: Officer, at: datetime) -> None:
    if form.need not in {need.agency_type for need in incident.needs.all()}:
        raise BadField("need", f"the incident has no need {form.need}")
    if offers.ask_backup(incident, form.need, at=at, by=officer.actor) is None:
        raise NotAllowed("ALREADY", "backup of this type is being sought already")


def set_kind(incident: Incident, form: forms.SetKind, *, officer: Officer, at: datetime) -> None:
    if not changes.set_kind(incident, form.kind, at=at, by=officer.actor):
        raise NotAllowed("SAME", "the kind is that already")
    kind_changed(incident, at=at)


def set_place(incident: Incident, form: forms.SetPlace, *, officer: Officer, at: datetime) -> None:
    if incident.status not in OPEN:
        raise NotAllowed("ENDED", f"the incident is {incident.status}")
    where = form.location
    try:
        place = place_at(
            where.lat, where.lng, source="STAFF", accuracy_m=where.accuracy_m, address=where.address
        )
    except ValueError as error:
        raise BadField("location", str(error)) from error
    new_place(incident, place, said_at=at, at=at, by=officer.actor)


def set_priority(incident: Incident, form: forms.SetPriority, *, officer: Officer, at: datetime) -> None:
    changes.set_priority(incident, form.priority, note=form.note, at=at, by=officer.actor)


def quiet(incident: Incident, form: forms.Quiet, *, officer: Officer, at: datetime) -> None:
    if not changes.set_discreet(incident, form.on, at=at, by=officer.actor):
        raise NotAllowed("SAME", "the mode is that already")


def note(incident: Incident, form: forms.Words, *, officer: Officer, at: datetime) -> None:
    changes.note(incident, form.text, at=at, by=officer.actor)


def message(incident: Incident, form: forms.Words, *, officer: Officer, at: datetime) -> None:
    tell(incident, "words", at=at, by=officer.actor, words=form.text)


def merge(incident: Incident, form: forms.Merge, *, officer: Officer, at: datetime) -> None:
    """Join this incident into another: the reports move, this one closes as DUPLICATE, its reporters stay told."""
    try:
        target = incident_for(officer, form.into, right=Right.RUN_INCIDENT, for_update=True)
    except NoSuchIncident as error:
        raise BadField("into", "no such incident") from error
    if target.pk == incident.pk:
        raise BadField("into", "an incident cannot be merged into itself")
    if target.status in ENDED or target.merged_into_id is not None:
        raise NotAllowed("ENDED", "the other incident has ended")
    taken = [row.needs.exclude(status=NeedStatus.OPEN).exists() for row in (incident, target)]
    if taken == [True, False]:  # merging stands units down: never those who are on the way, for nobody
        raise NotAllowed("TAKEN", "somebody has this incident and nobody the other: merge that one into this")
    incident.merged_into = target
    timeline.changed(incident, "merged_into")
    moved = list(Report.objects.filter(incident=incident).values_list("pk", flat=True))
    timeline.append(incident, "MERGED", at=at, by=officer.actor, data={"into": target.ref})
    changes.close(incident, "DUPLICATE", at=at, by=officer.actor)
    end(incident, at=at, by=officer.actor)
    Report.objects.filter(pk__in=moved).update(incident=target)
    timeline.append(
        target, "REPORTS_JOINED", at=at, by=officer.actor, data={"from": incident.ref, "reports": moved}
    )
    place = place_of(incident)
    if place is not None and target.place_id is None and target.status in OPEN:
        new_place(target, place, said_at=incident.place_said_at or at, at=at, by=officer.actor)
    changes.add_dangers(target, incident.dangers, at=at, by=officer.actor)
    if incident.discreet and not target.discreet:
        changes.set_discreet(target, True, at=at, by=officer.actor)


def acknowledge(incident: Incident, form: forms.Acknowledge, *, officer: Officer, at: datetime) -> None:
    alarms.acknowledge(incident, form.seq, at=at, by=officer.actor)


def call(incident: Incident, form: forms.Call, *, officer: Officer, at: datetime) -> None:
    """By one key: put a call on the board for the leading need, or the one named."""
    needs = incident.needs.filter(status=NeedStatus.OPEN)
    need = needs.filter(agency_type=form.need).first() if form.need else needs.order_by("-lead", "pk").first()
    calls.open_call_task(incident, need, "BY_HAND", at=at)


def call_done(incident: Incident, form: forms.CallDone, *, officer: Officer, at: datetime) -> None:
    task = (
        CallTask.objects.select_related("need", "unit")
        .filter(pk=form.task, incident=incident, status=CallTask.Status.OPEN)
        .first()
    )
    if task is None:
        raise NotAllowed("NO_TASK", "this call is recorded already")
    if form.outcome == "ACCEPTED" and task.unit is not None:
        accept_for(
            incident,
            forms.AcceptFor(unit=task.unit.code, external_ref=form.external_ref),
            officer=officer,
            at=at,
        )
        return
    if form.outcome == "ACCEPTED" and task.need is not None and task.need.status == NeedStatus.OPEN:
        if incident.status not in OPEN:
            raise NotAllowed("ENDED", f"the incident is {incident.status}")
        said = forms.Handover(
            to=task.target[:100],
            outcome="ACCEPTED",
            external_ref=form.external_ref,
            answered_by=form.answered_by,
        )
        # The need that the call was for, whatever the number is called.
        _hand_over(incident, said, task.need, officer=officer, at=at)
        return
    calls.finish_call_task(
        task,
        incident,
        outcome=form.outcome,
        answered_by=form.answered_by,
        external_ref=form.external_ref,
        at=at,
        by=officer.actor,
    )


# What follows a change, also used by the conversation.


def new_place(incident: Incident, place: Place, *, said_at: datetime, at: datetime, by: str) -> None:
    """Set or correct the place, begin or go on from there, and tell who is on the way."""
    before = place_of(incident)
    assert incident.contact is not None
    changes.set_place(incident, place, subject_id=incident.contact.subject_id, said_at=said_at, at=at, by=by)
    if incident.status == Status.NEW:
        engine.start(incident, at=at)
        return
    if before is None:  # staff had asked units before anybody knew where
        restart(incident, at=at)
        engine.keep_watch(incident, at=at)
        engine.flag_place(incident, place, at=at)
        for assignment in engine.active(incident):
            notices.tell_new_place(assignment, incident, at=at)
        return
    for assignment in engine.active(incident):
        notices.tell_new_place(assignment, incident, at=at)
    if not place.wide:
        calls_of_area = CallTask.objects.filter(
            incident=incident, reason="ASK_PLACE", status=CallTask.Status.OPEN
        )
        calls_of_area.update(status=CallTask.Status.DROPPED, closed_at=at, closed_by=by)
    if place.flag != before.flag or (place.wide and not before.wide):
        engine.flag_place(incident, place, at=at)
    if before.flag == "ABROAD" != place.flag:
        restart(incident, at=at)  # nobody was asked while it lay abroad
    elif distance_km(before.lat, before.lng, place.lat, place.lng) > MOVED_KM:
        engine.offer_rings(incident, list(incident.needs.filter(status=NeedStatus.OPEN)), place, at=at)


def kind_changed(incident: Incident, *, at: datetime) -> None:
    """A new kind may need other agencies; who is on the way hears of it."""
    restart(incident, at=at)
    for assignment in engine.active(incident):
        if assignment.accepted_by and assignment.accepted_by.line_user_id:
            language = notices.language_of(assignment.accepted_by.line_user_id)
            notices.tell_line(
                assignment.accepted_by.line_user_id,
                "kind_changed",
                at=at,
                incident=incident,
                assignment=assignment,
                fill={"kind": say(f"kind.{incident.kind}", language)},
            )


def restart(incident: Incident, *, at: datetime) -> None:
    """Begin, or go on: needs that are missing, and open needs without a live offer."""
    engine.start(incident, at=at)
    place = place_of(incident)
    if place is None:
        return
    waiting = incident.needs.filter(status=NeedStatus.OPEN, holder__isnull=True)
    engine.open_needs(incident, [need for need in waiting if not engine.still_live(need)], place, at=at)


def take_up_again(incident: Incident, *, note_text: str, at: datetime, by: str) -> None:
    """Reopen, and seek again whoever is not on it any more. Raises `NotAllowed` as `changes.reopen` does."""
    changes.reopen(incident, note_text=note_text, at=at, by=by)
    for need in incident.needs.all():
        held = need.holder is not None and need.holder.status in ACTIVE
        if not held:
            Need.objects.filter(pk=need.pk).update(holder=None, status=NeedStatus.OPEN, opened_at=at)
    restart(incident, at=at)
    if engine.active(incident):  # staff had resolved it while somebody was still on it
        engine.follow_lead(incident, at=at)
    engine.keep_watch(incident, at=at)


def end(incident: Incident, *, at: datetime, by: str) -> None:
    """What every end brings: units stand down, alarms are settled."""
    offers.stand_down(incident, at=at, by=by, active_too=True)
    alarms.settle(incident, at=at, by=by)


def need_for(incident: Incident, unit: Unit, *, at: datetime) -> Need:
    """The open need of the unit's type, or a new one beside those that are taken."""
    needs = incident.needs.filter(agency_type=unit.agency_type).order_by("number")
    free = needs.filter(holder__isnull=True, status=NeedStatus.OPEN).first()
    if free is not None:
        return free
    last = needs.last()
    return Need.objects.create(
        incident=incident,
        agency_type=unit.agency_type,
        number=(last.number if last else 0) + 1,
        lead=not incident.needs.filter(lead=True).exists(),
        opened_at=at,
    )


def unit_by_code(code: str) -> Unit:
    """Raises `BadField` for an unknown code."""
    unit = Unit.objects.select_related("agency").filter(code=code).first()
    if unit is None:
        raise BadField("unit", f"no unit has the code {code}")
    return unit


def _live_assignment(incident: Incident, code: str) -> Assignment:
    assignment = (
        incident.assignments.filter(unit=unit_by_code(code), status__in=LIVE)
        .select_related("unit", "need", "accepted_by")
        .order_by("-accepted_at", "-pk")
        .first()
    )
    if assignment is None:
        raise NotAllowed("NOT_ASSIGNED", f"{code} has no live offer or assignment here")
    return assignment


def _distance(place: Place | None, unit: Unit) -> float | None:
    return None if place is None else distance_km(place.lat, place.lng, unit.lat, unit.lng)


def _need_of_handover(incident: Incident, to: str) -> Need | None:
    open_needs = incident.needs.filter(status=NeedStatus.OPEN)
    wanted = HANDOVER_FILLS.get(to.strip())
    if wanted is None:
        unit = Unit.objects.filter(Q(code=to) | Q(agency__code=to)).first()
        wanted = unit.agency_type if unit else None
    if wanted is not None:
        return open_needs.filter(agency_type=wanted).first()
    return open_needs.order_by("-lead", "pk").first()


def _close_call(
    incident: Incident, need: Need, unit: Unit, external_ref: str, *, at: datetime, by: str
) -> None:
    task = CallTask.objects.filter(incident=incident, need=need, status=CallTask.Status.OPEN).first()
    if task is not None:
        calls.finish_call_task(
            task,
            incident,
            outcome="ACCEPTED",
            answered_by=unit.name_th,
            external_ref=external_ref,
            at=at,
            by=by,
        )
