"""The engine: from a place to offers, from a deadline to the next ring, until somebody has accepted.

Every function holds the incident's row lock and an open transaction. A step that would find nobody is skipped at
once: an alarm and a call task instead of a wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from esshelpme.directory.models import Unit
from esshelpme.dispatch.alarms import raise_alarm
from esshelpme.dispatch.calls import open_call_task
from esshelpme.dispatch.candidates import Able, Line, able_units
from esshelpme.dispatch.choose import Chosen, choose
from esshelpme.dispatch.deadlines import drop_deadlines, set_deadline
from esshelpme.dispatch.duty import members_on_duty
from esshelpme.dispatch.models import Assignment, Deadline, Need, OfferRecipient
from esshelpme.dispatch.notices import language_of, offer_drafts
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


def keep_watch(incident: Incident, *, at: datetime) -> None:
    """While nobody has it, something always comes due: the honest message and alarm, or the question for the place.

    For whatever leaves an open incident without anybody: a unit taken back, a reopening.
    """
    if not incident.is_open or incident.needs.exclude(status=NeedStatus.OPEN).exists():
        return
    kind, after = (
        (DeadlineKind.NO_PLACE, PLACE_WITHIN)
        if place_of(incident) is None
        else (DeadlineKind.TELL_WAITING, TELL_WAITING_FIRST)
    )
    if not Deadline.objects.filter(
        incident=incident, need__isnull=True, kind=kind, done_at__isnull=True
    ).exists():
        set_deadline(incident, kind, due_at=at + after)


def wait_for_place(incident: Incident, *, at: datetime) -> None:
    """An incident without a place cannot be dispatched: when none comes, a call-taker asks."""
    set_deadline(incident, DeadlineKind.NO_PLACE, due_at=at + PLACE_WITHIN)


def wait_again(incident: Incident, need: Need, *, at: datetime) -> None:
    """Nobody has this need any more: the call, and the honest "nobody has accepted", are due as at its beginning."""
    set_deadline(incident, DeadlineKind.CALL_TASK, due_at=at + CALL_AFTER, need=need)
    if not incident.needs.exclude(status=NeedStatus.OPEN).exists():
        set_deadline(incident, DeadlineKind.TELL_WAITING, due_at=at + TELL_WAITING_FIRST)


def add_needs(incident: Incident, place: Place, *, at: datetime) -> None:
    """Make the needs that the kind and the dangers ask for and that are not there yet, and offer each."""
    wanted = needs_for(incident.kind, incident.dangers)
    there = {need.agency_type: need for need in incident.needs.filter(number=1)}
    if there and there.keys() >= set(wanted) and there[wanted[0]].lead:
        return
    if there:
        incident.needs.filter(lead=True).exclude(agency_type=wanted[0]).update(lead=False)
        incident.needs.filter(agency_type=wanted[0], number=1).update(lead=True)
    made = Need.objects.bulk_create(
        [
            Need(incident=incident, agency_type=type_, lead=type_ == wanted[0], opened_at=at)
            for type_ in wanted
            if type_ not in there
        ]
    )
    if made:
        timeline.append(
            incident,
            "NEEDS_ADDED",
            at=at,
            by="system",
            data={"needs": [need.agency_type for need in made], "lead": wanted[0]},
        )
    open_needs(incident, made, place, at=at)
    if there:
        follow_lead(incident, at=at)


def open_needs(incident: Incident, needs: Sequence[Need], place: Place, *, at: datetime) -> None:
    """First offers for needs; one that nobody accepts within a minute also gets a call task."""
    if place.flag == "ABROAD":
        return  # nobody is sent over a border; the centre's contacts get a call task
    for need in needs:
        set_deadline(incident, DeadlineKind.CALL_TASK, due_at=at + CALL_AFTER, need=need)
    offer_rings(incident, needs, place, at=at)


def offer_rings(incident: Incident, needs: Sequence[Need], place: Place, *, at: datetime) -> None:
    """Offer each open need to its next ring. Where nobody is left: an alarm and a call task at once."""
    needs = [need for need in needs if need.holder_id is None and need.status == NeedStatus.OPEN]
    if not needs or place.flag == "ABROAD":
        return
    before = _asked_before(needs)
    found = able_units(
        [need.agency_type for need in needs], kind=incident.kind, place=place, at=at, skip=before
    )
    rings: list[tuple[Need, list[tuple[Chosen, Able]]]] = []
    for need in needs:
        able = {unit.candidate.unit_id: unit for unit in found[need.agency_type]}
        choice = choose(
            [unit.candidate for unit in able.values()],
            size=OFFERS_AT_ONCE,
            across_water=bool(place.island),
        )
        if choice.ring:
            need.ring += 1
            rings.append((need, [(chosen, able[chosen.candidate.unit_id]) for chosen in choice.ring]))
        else:
            raise_alarm(incident, AlarmLevel.CENTRE, f"NOBODY_{need.agency_type}", at=at)
            open_call_task(incident, need, "NOBODY_ABLE", at=at)
    Need.objects.bulk_update([need for need, _ in rings], ["ring"])
    _offer(incident, rings, at=at)


def offer_unit(
    incident: Incident, need: Need, unit: Unit, *, distance: float | None, at: datetime, by: str
) -> Assignment:
    """Offer a need to one unit chosen by a person."""
    if need.ring == 0:  # from now on somebody was asked: the next ring leaves them out
        need.ring = 1
        need.save(update_fields=["ring"])
    members = members_on_duty([unit.pk], at=at).get(unit.pk, []) if unit.contact == "LINE" else []
    lines = [
        Line(member.pk, str(member.line_user_id), language_of(str(member.line_user_id))) for member in members
    ]
    assignment = _row(incident, need, unit.pk, distance, ("CHOSEN_BY_STAFF",), bool(lines), at=at)
    assignment.save()
    _write_offers(incident, [(assignment, need, unit.code, lines)], at=at, by=by)
    return assignment


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


def _asked_before(needs: Sequence[Need]) -> set[int]:
    """Units that got an offer for one of these needs already, or are on the incident for another of its type."""
    if all(need.ring == 0 and need.number == 1 for need in needs):
        return set()
    types = {need.agency_type for need in needs}
    rows = Assignment.objects.filter(incident_id=needs[0].incident_id, need__agency_type__in=types)
    busy = rows.filter(status__in=LIVE).values_list("unit_id", flat=True)
    # Who was asked before a reopening may be asked again, but not who had it and was taken off it.
    asked = rows.filter(need__in=needs, offered_at__gte=F("need__opened_at")).values_list(
        "unit_id", flat=True
    )
    taken_off = rows.filter(status=AssignmentStatus.WITHDRAWN, accepted_at__isnull=False)
    return {*busy, *asked, *taken_off.values_list("unit_id", flat=True)}


def _offer(
    incident: Incident, rings: Sequence[tuple[Need, list[tuple[Chosen, Able]]]], *, at: datetime
) -> None:
    offers = [
        (
            _row(
                incident,
                need,
                chosen.candidate.unit_id,
                chosen.candidate.distance_km,
                chosen.reasons,
                chosen.candidate.contact == "LINE",
                at=at,
            ),
            need,
            chosen.candidate.code,
            able.lines if chosen.candidate.contact == "LINE" else (),
        )
        for need, ring in rings
        for chosen, able in ring
    ]
    Assignment.objects.bulk_create([assignment for assignment, *_ in offers])
    _write_offers(incident, offers, at=at, by="system")


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
    offers: Sequence[tuple[Assignment, Need, str, Sequence[Line]]],
    *,
    at: datetime,
    by: str,
) -> None:
    """Recipients, pushes, timeline and deadlines of offers just made; telephone units get a call task."""
    recipients = []
    for assignment, need, code, lines in offers:
        timeline.append(
            incident,
            "OFFER_SENT",
            at=at,
            by=by,
            data={
                "unit": code,
                "need": need.agency_type,
                "ring": assignment.ring,
                "via": assignment.via,
                "km": None if assignment.distance_km is None else round(assignment.distance_km),
                "reasons": assignment.reasons,
            },
        )
        recipients += [
            OfferRecipient(assignment=assignment, member_id=line.member_id, line_user_id=line.user_id)
            for line in lines
        ]
        put_all(offer_drafts(assignment, incident, lines, at=at))
        if assignment.via == "LINE":
            set_deadline(incident, DeadlineKind.OFFERS_EXPIRE, due_at=at + OFFER_LASTS, need=need)
        else:
            unit = Unit.objects.select_related("agency").get(pk=assignment.unit_id)
            open_call_task(incident, need, "PHONE_UNIT", at=at, unit=unit)
    OfferRecipient.objects.bulk_create(recipients)


def flag_place(incident: Incident, place: Place, *, at: datetime) -> None:
    """Alarm and call what the place itself asks for: abroad, at sea, known only to an area, ambiguous."""
    if place.flag in ("ABROAD", "SEA"):
        raise_alarm(incident, AlarmLevel.CENTRE, f"PLACE_{place.flag}", at=at)
    elif place.flag == "BORDER" and place.country not in ("", "TH"):
        # Dispatched like any other (outlines are coarse), but the centre knows that it may be over there.
        raise_alarm(incident, AlarmLevel.CENTRE, "PLACE_BORDER", at=at)
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
