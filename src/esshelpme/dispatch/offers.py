"""Answers to offers, and the progress of who accepted. The first accept wins its need.

Each function begins with the incident's row lock, so that steps of one incident are written one after another; the
winner itself is decided by one conditional UPDATE on the need.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from esshelpme.directory.models import Member
from esshelpme.dispatch import engine
from esshelpme.dispatch.alarms import raise_alarm
from esshelpme.dispatch.calls import drop_call_tasks
from esshelpme.dispatch.deadlines import drop_deadlines
from esshelpme.dispatch.models import Assignment, Need, OfferRecipient
from esshelpme.dispatch.notices import language_of, tell_line, tell_task
from esshelpme.dispatch.states import (
    ACTIVE,
    LATE_ACCEPTABLE,
    PROGRESS,
    AlarmLevel,
    AssignmentStatus,
    NeedStatus,
)
from esshelpme.incidents import changes, timeline
from esshelpme.incidents.models import Incident
from esshelpme.incidents.place import place_of
from esshelpme.incidents.states import OPEN, NotAllowed, Status
from esshelpme.incidents.tell import tell
from esshelpme.outbox.send import ReplyToken
from esshelpme.platform.writing import writing
from esshelpme.words import say

TOLD: dict[AssignmentStatus, str] = {
    AssignmentStatus.EN_ROUTE: "en_route",
    AssignmentStatus.ON_SCENE: "on_scene",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer is told: a key of `offer.` texts; empty when the answer was written already."""

    key: str
    won: bool = False


def accept_by_line(*, code: str, line_user_id: str, at: datetime, reply: ReplyToken | None = None) -> Answer:
    """A member taps "accept". Honoured after a decline or the deadline while the need is free."""
    with writing():
        found = _found(code, line_user_id)
        if found is None:
            return Answer("not_yours")
        assignment, recipient, incident = found
        if assignment.status in ACTIVE:
            if assignment.accepted_by_id == recipient.member_id:
                return _told(line_user_id, "already", incident, at=at, reply=reply)
            return _told(
                line_user_id,
                "taken_own",
                incident,
                at=at,
                reply=reply,
                fill={"member": assignment.accepted_by.name if assignment.accepted_by else "-"},
            )
        if incident.status not in OPEN:
            return _told(line_user_id, "late_over", incident, at=at, reply=reply)
        if assignment.status not in LATE_ACCEPTABLE or not _win(assignment, incident):
            return _told(line_user_id, "late_taken", incident, at=at, reply=reply)
        _accepted(
            assignment, incident, member=recipient.member, via="LINE", at=at, by=_actor(recipient.member)
        )
        tell_task(assignment, incident, at=at, reply=reply)
        return Answer("", won=True)


def accept_for(
    assignment: Assignment, incident: Incident, *, via: str, external_ref: str, at: datetime, by: str
) -> None:
    """Staff record that a unit accepted by telephone. Raises `NotAllowed` when the need is taken."""
    if assignment.status in ACTIVE:
        raise NotAllowed("ALREADY", "the unit has accepted already")
    if not _win(assignment, incident):
        raise NotAllowed("TAKEN", "another unit has taken this need")
    assignment.external_ref = external_ref
    _accepted(assignment, incident, member=None, via=via, at=at, by=by)


def decline_by_line(*, code: str, line_user_id: str, at: datetime, reply: ReplyToken | None = None) -> Answer:
    """A member taps "cannot go". The unit has declined when all its members have."""
    with writing():
        found = _found(code, line_user_id)
        if found is None:
            return Answer("not_yours")
        assignment, recipient, incident = found
        if assignment.status != AssignmentStatus.OFFERED:
            key = "already" if assignment.status in ACTIVE else "declined"
            return _told(line_user_id, key, incident, at=at, reply=reply)
        if recipient.declined_at is None:
            recipient.declined_at = at
            recipient.save(update_fields=["declined_at"])
        _told(line_user_id, "declined", incident, at=at, reply=reply)
        if assignment.recipients.filter(declined_at__isnull=True).exists():
            return Answer("")
        _end(assignment, AssignmentStatus.DECLINED, at=at)
        timeline.append(
            incident,
            "OFFER_DECLINED",
            at=at,
            by=_actor(recipient.member),
            data={"unit": assignment.unit.code, "need": assignment.need.agency_type},
        )
        next_if_silent(incident, assignment.need, at=at)
        return Answer("")


def progress_by_line(
    *, code: str, status: AssignmentStatus, line_user_id: str, at: datetime, reply: ReplyToken | None = None
) -> Answer:
    """The member who accepted taps "on my way", "on scene" or "it is over"."""
    with writing():
        found = _found(code, line_user_id)
        if found is None or found[0].accepted_by_id != found[1].member_id:
            return Answer("not_yours")
        assignment, recipient, incident = found
        if assignment.status not in PROGRESS[status]:
            return _told(line_user_id, "already", incident, at=at, reply=reply)
        if incident.status not in OPEN:  # staff resolved it while this unit was on its way
            return _told(line_user_id, "late_over", incident, at=at, reply=reply)
        # The officer's own receipt first: a tap must never look lost.
        tell_line(
            line_user_id,
            "status_noted",
            at=at,
            reply=reply,
            incident=incident,
            assignment=assignment,
            fill={"status": _status_words(status, line_user_id)},
        )
        progress(assignment, incident, status, at=at, by=_actor(recipient.member))
        if incident.status == Status.RESOLVED and _unseen(incident):
            raise_alarm(incident, AlarmLevel.CENTRE, "RESOLVED_UNSEEN", at=at)
        return Answer("")


def progress(
    assignment: Assignment, incident: Incident, status: AssignmentStatus, *, at: datetime, by: str
) -> None:
    """Move an assignment on; the need and the incident follow. Raises `NotAllowed`."""
    if assignment.status not in PROGRESS[status]:
        raise NotAllowed("STATUS", f"{assignment.status} cannot become {status}")
    if incident.status not in OPEN:
        raise NotAllowed("ENDED", f"the incident is {incident.status}")
    assignment.status = status
    field = {"EN_ROUTE": "en_route_at", "ON_SCENE": "on_scene_at", "DONE": "ended_at"}[status.value]
    setattr(assignment, field, at)
    assignment.save(update_fields=["status", field])
    need = assignment.need
    if need.holder_id == assignment.pk:
        need.status = NeedStatus(status.value)
        need.save(update_fields=["status"])
    timeline.append(
        incident,
        "ASSIGNMENT_CHANGED",
        at=at,
        by=by,
        data={"unit": assignment.unit.code, "need": need.agency_type, "status": status.value},
    )
    if status == AssignmentStatus.DONE and not engine.active(incident):
        resolve(incident, at=at, by=by)
        return
    engine.follow_lead(incident, at=at)
    if status in TOLD:
        tell(incident, TOLD[status], at=at)


def _unseen(incident: Incident) -> bool:
    """Whether one tap ended the search before anybody was there, or before the leading service was found at all.

    Who accepts and at once says "over" may be mistaken, or be whom the person fears: somebody at the centre looks.
    """
    return (
        not incident.assignments.filter(on_scene_at__isnull=False).exists()
        or incident.needs.filter(lead=True, status=NeedStatus.OPEN).exists()
    )


def resolve(incident: Incident, *, at: datetime, by: str) -> None:
    """The last unit (or staff) says that it is over: the reporter is told, offers are taken back."""
    changes.change_status(incident, Status.RESOLVED, at=at, by=by)
    stand_down(incident, at=at, by=by, active_too=False)
    tell(incident, "resolved", at=at)


def backup_by_line(*, code: str, line_user_id: str, at: datetime, reply: ReplyToken | None = None) -> Answer:
    """Who accepted asks for another unit of the same type."""
    with writing():
        found = _found(code, line_user_id)
        if found is None or found[0].accepted_by_id != found[1].member_id:
            return Answer("not_yours")
        assignment, recipient, incident = found
        if assignment.status not in ACTIVE or incident.status not in OPEN:
            return _told(line_user_id, "late_over", incident, at=at, reply=reply)
        _told(line_user_id, "backup_noted", incident, at=at, reply=reply)
        ask_backup(incident, assignment.need.agency_type, at=at, by=_actor(recipient.member))
        return Answer("")


def ask_backup(incident: Incident, agency_type: str, *, at: datetime, by: str) -> Need | None:
    """One more unit of a type. A backup need that is still open is enough: pressing twice asks once."""
    needs = list(incident.needs.filter(agency_type=agency_type).order_by("number"))
    if any(need.status == NeedStatus.OPEN and need.number > 1 for need in needs):
        return None
    need = Need.objects.create(
        incident=incident,
        agency_type=agency_type,
        number=(needs[-1].number if needs else 0) + 1,
        opened_at=at,
    )
    timeline.append(incident, "BACKUP_REQUESTED", at=at, by=by, data={"need": agency_type})
    place = place_of(incident)
    if place is not None:
        engine.open_needs(incident, [need], place, at=at)
    return need


def withdraw(
    assignment: Assignment, incident: Incident, *, at: datetime, by: str, tell_members: bool = True
) -> None:
    """Take an offer or an assignment back. A need that loses its holder is offered again by the caller."""
    was_active = assignment.status in ACTIVE
    _end(assignment, AssignmentStatus.WITHDRAWN, at=at)
    timeline.append(
        incident,
        "OFFER_WITHDRAWN",
        at=at,
        by=by,
        data={"unit": assignment.unit.code, "need": assignment.need.agency_type, "was_accepted": was_active},
    )
    if was_active and assignment.need.holder_id == assignment.pk:
        Need.objects.filter(pk=assignment.need_id).update(holder=None, status=NeedStatus.OPEN)
        assignment.need.holder, assignment.need.status = None, NeedStatus.OPEN
    if tell_members:
        _tell_recipients(assignment, incident, "withdrawn", at=at)


def stand_down(incident: Incident, *, at: datetime, by: str, active_too: bool) -> None:
    """The incident ends: offers are withdrawn, calls and deadlines dropped; on an end, active units are told."""
    for assignment in incident.assignments.filter(status=AssignmentStatus.OFFERED).select_related(
        "unit", "need"
    ):
        withdraw(assignment, incident, at=at, by=by)
    if active_too:
        for assignment in engine.active(incident):
            _end(assignment, AssignmentStatus.DONE, at=at)
            timeline.append(
                incident,
                "ASSIGNMENT_CHANGED",
                at=at,
                by=by,
                data={
                    "unit": assignment.unit.code,
                    "need": assignment.need.agency_type,
                    "status": "DONE",
                    "because": "ENDED",
                },
            )
            if assignment.accepted_by and assignment.accepted_by.line_user_id:
                tell_line(
                    assignment.accepted_by.line_user_id,
                    "closed",
                    at=at,
                    incident=incident,
                    assignment=assignment,
                )
    drop_call_tasks(incident, at=at, by=by)
    drop_deadlines(incident)


def next_if_silent(incident: Incident, need: Need, *, at: datetime) -> None:
    """When no offer of a need waits any more, offer the next ring at once."""
    need.refresh_from_db()
    if need.holder_id is None and need.status == NeedStatus.OPEN and not engine.still_live(need):
        place = place_of(incident)
        if place is not None and incident.status in OPEN:
            engine.offer_rings(incident, [need], place, at=at)


def _win(assignment: Assignment, incident: Incident) -> bool:
    """The one conditional UPDATE that decides who takes the need."""
    return bool(
        Need.objects.filter(pk=assignment.need_id, holder__isnull=True, status=NeedStatus.OPEN).update(
            holder=assignment, status=NeedStatus.ACCEPTED
        )
    )


def _accepted(
    assignment: Assignment, incident: Incident, *, member: Member | None, via: str, at: datetime, by: str
) -> None:
    need = assignment.need
    need.refresh_from_db()
    assignment.status, assignment.accepted_at, assignment.accepted_by = AssignmentStatus.ACCEPTED, at, member
    assignment.via, assignment.ended_at = via, None
    assignment.save(update_fields=["status", "accepted_at", "accepted_by", "via", "external_ref", "ended_at"])
    late = assignment.deadline_at is not None and at > assignment.deadline_at
    timeline.append(
        incident,
        "ASSIGNMENT_ACCEPTED",
        at=at,
        by=by,
        data={
            "unit": assignment.unit.code,
            "need": need.agency_type,
            "via": via,
            **({"late": True} if late else {}),
            **({"external_ref": assignment.external_ref} if assignment.external_ref else {}),
        },
    )
    first = (
        incident.accepted_at is None
        and not Assignment.objects.filter(incident=incident, accepted_at__isnull=False)
        .exclude(pk=assignment.pk)
        .exists()
    )
    for other in need.assignments.filter(status=AssignmentStatus.OFFERED).select_related("unit", "need"):
        _end(other, AssignmentStatus.WITHDRAWN, at=at)
        timeline.append(
            incident,
            "OFFER_WITHDRAWN",
            at=at,
            by="system",
            data={"unit": other.unit.code, "need": need.agency_type, "because": "TAKEN"},
        )
    _tell_others(need, assignment, incident, member, at=at)
    drop_call_tasks(incident, at=at, by=by, need=need)
    drop_deadlines(incident, need=need)
    engine.follow_lead(incident, at=at)
    tell(incident, "accepted" if first else "accepted_again", at=at)


def _tell_others(
    need: Need, winner: Assignment, incident: Incident, member: Member | None, *, at: datetime
) -> None:
    """Everybody who got an offer for this need, the winner's own unit included, hears that it is taken."""
    told: set[str] = {member.line_user_id} if member and member.line_user_id else set()
    for row in (
        OfferRecipient.objects.filter(assignment__need=need).select_related("assignment").order_by("pk")
    ):
        if row.line_user_id in told:
            continue
        told.add(row.line_user_id)
        own = row.assignment_id == winner.pk and member is not None
        tell_line(
            row.line_user_id,
            "taken_own" if own else "taken",
            at=at,
            incident=incident,
            assignment=row.assignment,
            fill={"member": member.name} if own and member else None,
        )


def _tell_recipients(assignment: Assignment, incident: Incident, key: str, *, at: datetime) -> None:
    for recipient in assignment.recipients.filter(declined_at__isnull=True):
        if assignment.accepted_by_id and recipient.member_id != assignment.accepted_by_id:
            continue
        tell_line(recipient.line_user_id, key, at=at, incident=incident, assignment=assignment)


def _end(assignment: Assignment, status: AssignmentStatus, *, at: datetime) -> None:
    assignment.status, assignment.ended_at = status, at
    assignment.save(update_fields=["status", "ended_at"])


def _found(code: str, line_user_id: str) -> tuple[Assignment, OfferRecipient, Incident] | None:
    """The offer as this LINE user got it, with the incident's row locked; None for strangers."""
    incident_id = Assignment.objects.filter(code=code).values_list("incident_id", flat=True).first()
    if incident_id is None:
        return None
    incident = changes.lock(incident_id)
    assignment = Assignment.objects.select_related("unit", "need", "accepted_by").get(code=code)
    recipient = (
        OfferRecipient.objects.select_related("member")
        # A member who left, or whose account was released (a stolen phone), has old buttons but no rights.
        .filter(
            assignment=assignment,
            line_user_id=line_user_id,
            member__line_user_id=line_user_id,
            member__active=True,
        )
        .first()
    )
    return None if recipient is None else (assignment, recipient, incident)


def _told(
    line_user_id: str,
    key: str,
    incident: Incident,
    *,
    at: datetime,
    reply: ReplyToken | None,
    fill: Mapping[str, str] | None = None,
) -> Answer:
    tell_line(line_user_id, key, at=at, reply=reply, incident=incident, fill=fill)
    return Answer("")


def _status_words(status: AssignmentStatus, line_user_id: str) -> str:
    key = {"EN_ROUTE": "enroute", "ON_SCENE": "onscene", "DONE": "resolve"}[status.value]
    return say(f"offer.{key}", language_of(line_user_id))


def _actor(member: Member) -> str:
    return f"member:{member.code}"
