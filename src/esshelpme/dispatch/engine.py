"""The engine: from a place to offers, from a deadline to the next ring, until somebody has accepted.

Every function holds the incident's row lock and an open transaction. A step that would find nobody is skipped at
once: an alarm and a call task instead of a wait.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from esshelpme.directory.models import Member, Unit
from esshelpme.dispatch.alarms import raise_alarm
from esshelpme.dispatch.calls import open_call_task
from esshelpme.dispatch.candidates import able_units
from esshelpme.dispatch.choose import Chosen, choose
from esshelpme.dispatch.duty import members_on_duty
from esshelpme.dispatch.models import Assignment, Deadline, Need, OfferRecipient
from esshelpme.dispatch.notices import offer_drafts
from esshelpme.dispatch.protocols import (
    CALL_AFTER,
    OFFER_LASTS,
    OFFERS_AT_ONCE,
    PLACE_WITHIN,
    TELL_WAITING_FIRST,
    needs_for,
)
from esshelpme.dispatch.states import LIVE, AlarmLevel, AssignmentStatus, DeadlineKind, NeedStatus
from esshelpme.incidents import changes, timeline
from esshelpme.incidents.models import Incident
from esshelpme.incidents.place import Place, place_of
from esshelpme.incidents.states import Status
from esshelpme.outbox.send import put_all
from esshelpme.platform.ids import new_ref


def start(incident: Incident, *, at: datetime) -> None:
    """Begin: needs, first offers, deadlines. Does nothing without a place, or when it has begun."""
    place = place_of(incident)
    if place is None or not incident.is_open:
        return
    if incident.status == Status.NEW:
        changes.change_status(incident, Status.DISPATCHING, at=at, by="system")
        drop_deadlines(incident)
        set_deadline(incident, DeadlineKind.TELL_WAITING, due_at=at + TELL_WAITING_FIRST)
        flag_place(incident, place, at=at)
    add_needs(incident, place, at=at)


def wait_for_place(incident: Incident, *, at: datetime) -> None:
    """An incident without a place cannot be dispatched: when none comes, a call-taker asks."""
    set_deadline(incident, DeadlineKind.NO_PLACE, due_at=at + PLACE_WITHIN)


def add_needs(incident: Incident, place: Place, *, at: datetime) -> None:
    """Make the needs that the kind and the dangers ask for and that are not there yet, and offer each."""
    wanted = needs_for(incident.kind, incident.dangers)
    there = {need.agency_type: need for need in incident.needs.filter(number=1)}
    if there and there.keys() >= set(wanted) and there[wanted[0]].lead:
        return
    Need.objects.filter(incident=incident, lead=True).exclude(agency_type=wanted[0]).update(lead=False)
    made = []
    for agency_type in wanted:
        need = there.get(agency_type)
        if need is None:
            need = Need.objects.create(
                incident=incident, agency_type=agency_type, lead=agency_type == wanted[0], opened_at=at
            )
            made.append(need)
        elif agency_type == wanted[0] and not need.lead:
            need.lead = True
            need.save(update_fields=["lead"])
    if made:
        timeline.append(
            incident,
            "NEEDS_ADDED",
            at=at,
            by="system",
            data={"needs": [need.agency_type for need in made], "lead": wanted[0]},
        )
    for need in made:
        open_need(incident, need, place, at=at)
    follow_lead(incident, at=at)


def open_need(incident: Incident, need: Need, place: Place, *, at: datetime) -> None:
    """First offers for a need; after a minute without an accept it also gets a call task."""
    if place.flag == "ABROAD":
        return  # nobody is sent over a border; the centre's contacts get a call task
    set_deadline(incident, DeadlineKind.CALL_TASK, due_at=at + CALL_AFTER, need=need)
    offer_ring(incident, need, place, at=at)


def offer_ring(incident: Incident, need: Need, place: Place, *, at: datetime) -> bool:
    """Offer the need to the next ring. False when nobody is left: alarmed, and a call task made."""
    if need.holder_id is not None or need.status != NeedStatus.OPEN or place.flag == "ABROAD":
        return False
    before = frozenset(need.assignments.values_list("unit_id", flat=True))
    candidates = able_units(agency_type=need.agency_type, kind=incident.kind, place=place, at=at, skip=before)
    choice = choose(candidates, size=OFFERS_AT_ONCE, already=before, across_water=bool(place.island))
    if not choice.ring:
        raise_alarm(incident, AlarmLevel.CENTRE, f"NOBODY_{need.agency_type}", at=at)
        open_call_task(incident, need, "NOBODY_ABLE", at=at)
        return False
    need.ring += 1
    need.save(update_fields=["ring"])
    _offer(incident, need, choice.ring, at=at)
    return True


def offer_unit(
    incident: Incident, need: Need, unit: Unit, *, distance: float | None, at: datetime, by: str
) -> Assignment:
    """Offer a need to one unit chosen by a person."""
    lines = members_on_duty([unit.pk], at=at).get(unit.pk, []) if unit.contact == "LINE" else []
    assignment = _row(incident, need, unit.pk, distance, ("CHOSEN_BY_STAFF",), bool(lines), at=at)
    assignment.save()
    _write_offers(incident, need, [(assignment, unit, lines)], at=at, by=by)
    return assignment


def set_deadline(
    incident: Incident, kind: DeadlineKind, *, due_at: datetime, need: Need | None = None
) -> None:
    """One deadline of a kind for a need (or the incident): a new time replaces the one before."""
    Deadline.objects.filter(incident=incident, need=need, kind=kind, done_at__isnull=True).delete()
    Deadline.objects.create(incident=incident, need=need, kind=kind, due_at=due_at)


def drop_deadlines(incident: Incident, *, need: Need | None = None) -> None:
    rows = Deadline.objects.filter(incident=incident, done_at__isnull=True)
    if need is not None:
        rows = rows.filter(need=need)
    rows.delete()


def follow_lead(incident: Incident, *, at: datetime) -> None:
    """The incident's status follows its leading need."""
    lead = incident.needs.filter(lead=True).first()
    if lead is None or not incident.is_open:
        return
    target = {
        NeedStatus.OPEN: Status.DISPATCHING,
        NeedStatus.ACCEPTED: Status.ACCEPTED,
        NeedStatus.HANDED_OVER: Status.ACCEPTED,
        NeedStatus.EN_ROUTE: Status.EN_ROUTE,
        NeedStatus.ON_SCENE: Status.ON_SCENE,
        NeedStatus.DONE: Status.ON_SCENE,
    }.get(NeedStatus(lead.status))
    if target is not None:
        changes.change_status(incident, target, at=at, by="system")


def _offer(incident: Incident, need: Need, ring: tuple[Chosen, ...], *, at: datetime) -> None:
    ids = [chosen.candidate.unit_id for chosen in ring]
    lines = members_on_duty(
        [chosen.candidate.unit_id for chosen in ring if chosen.candidate.contact == "LINE"], at=at
    )
    units = Unit.objects.select_related("agency").in_bulk(ids)
    rows = [
        _row(
            incident,
            need,
            chosen.candidate.unit_id,
            chosen.candidate.distance_km,
            chosen.reasons,
            bool(lines.get(chosen.candidate.unit_id)),
            at=at,
        )
        for chosen in ring
    ]
    Assignment.objects.bulk_create(rows)
    _write_offers(
        incident,
        need,
        [(row, units[row.unit_id], lines.get(row.unit_id, [])) for row in rows],
        at=at,
        by="system",
    )


def _row(
    incident: Incident,
    need: Need,
    unit_id: int,
    distance: float | None,
    reasons: tuple[str, ...],
    by_line: bool,
    *,
    at: datetime,
) -> Assignment:
    return Assignment(
        code=new_ref(),
        incident=incident,
        need=need,
        unit_id=unit_id,
        status=AssignmentStatus.OFFERED,
        via="LINE" if by_line else "PHONE",
        ring=max(1, need.ring),
        distance_km=distance,
        reasons=list(reasons),
        offered_at=at,
        deadline_at=at + OFFER_LASTS if by_line else None,
    )


def _write_offers(
    incident: Incident,
    need: Need,
    offers: list[tuple[Assignment, Unit, list[Member]]],
    *,
    at: datetime,
    by: str,
) -> None:
    """Recipients, pushes, timeline and deadline of offers just made; telephone units get a call task."""
    steps: list[tuple[str, dict[str, Any]]] = []
    recipients, drafts = [], []
    for assignment, unit, members in offers:
        steps.append(
            (
                "OFFER_SENT",
                {
                    "unit": unit.code,
                    "need": need.agency_type,
                    "ring": assignment.ring,
                    "via": assignment.via,
                    "km": None if assignment.distance_km is None else round(assignment.distance_km),
                    "reasons": assignment.reasons,
                },
            )
        )
        recipients += [
            OfferRecipient(assignment=assignment, member=member, line_user_id=str(member.line_user_id))
            for member in members
        ]
        drafts += offer_drafts(assignment, incident, members, at=at)
    OfferRecipient.objects.bulk_create(recipients)
    put_all(drafts)
    timeline.append_all(incident, steps, at=at, by=by)
    if any(assignment.via == "LINE" for assignment, _, _ in offers):
        set_deadline(incident, DeadlineKind.OFFERS_EXPIRE, due_at=at + OFFER_LASTS, need=need)
    by_phone = next((unit for assignment, unit, _ in offers if assignment.via == "PHONE"), None)
    if by_phone is not None:
        open_call_task(incident, need, "PHONE_UNIT", at=at, unit=by_phone)


def flag_place(incident: Incident, place: Place, *, at: datetime) -> None:
    """Alarm and call what the place itself asks for: abroad, at sea, known only to an area, ambiguous."""
    if place.flag in ("ABROAD", "SEA"):
        raise_alarm(incident, AlarmLevel.CENTRE, f"PLACE_{place.flag}", at=at)
    if place.flag == "ABROAD":
        open_call_task(incident, None, "ABROAD", at=at)
    elif place.wide:
        open_call_task(incident, None, "ASK_PLACE", at=at)


def still_live(need: Need, *, via: str = "LINE") -> bool:
    """Whether an offer of this need still waits for an answer."""
    return need.assignments.filter(status=AssignmentStatus.OFFERED, via=via).exists()


def active(incident: Incident) -> list[Assignment]:
    """Assignments on which somebody is."""
    return list(
        incident.assignments.filter(status__in=LIVE)
        .exclude(status=AssignmentStatus.OFFERED)
        .select_related("unit", "accepted_by", "need")
        .order_by("accepted_at")
    )
