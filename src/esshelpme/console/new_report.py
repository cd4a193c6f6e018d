"""A report taken by telephone: one page, keyboard alone, under twenty seconds; duplicates are proposed while typing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from esshelpme.access.guard import guarded
from esshelpme.access.log import looked
from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.console.incidents import officer_of
from esshelpme.console.nearby import Nearby, nearby
from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import contact_for
from esshelpme.incidents import changes
from esshelpme.incidents.access import NoSuchIncident, incident_for, visible_to
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.models import Incident, Report
from esshelpme.incidents.opening import ReportIn, join_report
from esshelpme.incidents.place import Place
from esshelpme.incidents.states import OPEN, Danger, Kind, Topic
from esshelpme.intake.reporting import learn, open_report, place_of_candidate, understand
from esshelpme.places import cell, check, place_by_code
from esshelpme.platform.clock import now
from esshelpme.platform.ids import new_secret, show_ref

# In the order of their number keys.
KINDS = (
    Kind.ASSAULT,
    Kind.CONFINEMENT,
    Kind.SEXUAL,
    Kind.DISTURBED,
    Kind.GATHERING,
    Kind.OTHER,
    Kind.UNKNOWN,
)
LONGEST_TEXT, LONGEST_SHORT = 5000, 200
_PHONE_CHARS = frozenset("0123456789+-() ")


@dataclass(slots=True)
class Call:
    """What the form holds, cleaned; `errors` by field."""

    nonce: str
    kind: str = ""
    topic: str = ""
    text: str = ""
    name: str = ""
    phone: str = ""
    safe_to_call: bool = False
    witness: bool = False
    discreet: bool = False
    exercise: bool = False
    dangers: list[str] = field(default_factory=list)
    place: Place | None = None
    place_typed: str = ""
    landmark: str = ""
    join: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
@guarded(Right.TAKE_REPORT)
def new_report(request: HttpRequest) -> HttpResponse:
    """The form; on POST the incident opens, its dispatch begins, and its page is shown."""
    officer = officer_of(request)
    call = read(request) if request.method == "POST" else Call(nonce=new_secret(96))
    if request.method == "POST" and not call.errors:
        try:
            ref = enter(officer, call)
        except NoSuchIncident:
            call.errors["join"] = "gone"
        else:
            return redirect("console_incident", ref=show_ref(ref))
    context = {
        "page": "new",
        "call": call,
        "kinds": list(enumerate(KINDS, 1)),
        "topics": list(Topic),
        "dangers": list(Danger),
        "given": request.POST,
        "started": int(now().timestamp()),
    }
    return render(request, "console/new.html", context, status=422 if call.errors else 200)


@require_POST
@guarded(Right.TAKE_REPORT)
def hints(request: HttpRequest) -> HttpResponse:
    """While typing: incidents that may be the same, an open one of this number, what the text seems to say."""
    officer, at = officer_of(request), now()
    call = read(request)
    near: list[Nearby] = []
    if call.place is not None:
        near = nearby(
            officer,
            cell=call.place.cell or cell(call.place.lat, call.place.lng),
            lat=call.place.lat,
            lng=call.place.lng,
            kind=call.kind,
            at=at,
        )
    same_number = _open_of(call.phone, visible_to(officer))
    if same_number is not None:
        looked(officer, what="INCIDENT", ref=same_number.ref, at=at)
    heard = understand(call.text) if call.text else None
    context = {
        "near": [n for n in near if same_number is None or n.incident.pk != same_number.pk],
        "same_number": same_number,
        "heard": heard,
        "heard_place": heard.places.best if heard and call.place is None else None,
        "call": call,
    }
    return render(request, "console/parts/hints.html", context)


def read(request: HttpRequest) -> Call:
    """The form as it was sent."""
    given = request.POST

    def text(name: str, longest: int = LONGEST_SHORT) -> str:
        return given.get(name, "").replace("\x00", "").strip()[:longest]

    call = Call(
        nonce=text("nonce", 64) or new_secret(96),
        kind=text("kind"),
        topic=text("topic"),
        text=text("text", LONGEST_TEXT),
        name=text("name"),
        phone=text("phone", 30),
        safe_to_call=given.get("safe_to_call") == "1",
        witness=given.get("witness") == "1",
        discreet=given.get("discreet") == "1",
        exercise=given.get("exercise") == "1",
        dangers=[d for d in given.getlist("danger") if d in set(Danger)],
        place_typed=text("place"),
        landmark=text("landmark", 1000),
        join=text("join"),
    )
    if call.kind not in set(Kind):
        call.errors["kind"] = "kind"
    if call.topic not in set(Topic):
        call.topic = ""
    if call.phone and not set(call.phone) <= _PHONE_CHARS:
        call.errors["phone"] = "phone"
    call.place = _place(given.get("place_key", ""), given.get("lat", ""), given.get("lng", ""), call)
    if call.place_typed and call.place is None and not call.errors.get("place"):
        # Typed but not chosen: what the words name, rather than nothing.
        best = understand(call.place_typed).places.best
        if best is not None:
            call.place = place_of_candidate(
                best, words=" ".join(filter(None, (call.place_typed, call.landmark)))
            )
        else:
            call.errors["place"] = "place"
    return call


@transaction.atomic
def enter(officer: Officer, call: Call) -> str:
    """Open the incident (or join one) and return its reference. The same form sent twice is one report."""
    at = now()
    sent_before = Report.objects.filter(token_id__isnull=True, external_id=f"console:{call.nonce}").first()
    if sent_before is not None:
        return sent_before.incident.ref
    contact = contact_for(channel=Contact.Channel.PHONE, address=_address(call.phone), at=at, language="th")
    report = ReportIn(
        contact=contact,
        channel="PHONE",
        kind=call.kind,
        text=call.text,
        topic=call.topic if call.kind == Kind.OTHER else "",
        reporter=_person(call),
        witness=call.witness,
        safe_to_call=call.safe_to_call and bool(call.phone),
        external_id=f"console:{call.nonce}",
    )
    heard = understand(call.text) if call.text else None
    dangers = {*call.dangers, *(heard.dangers if heard else ())}
    if call.join:
        return _join(officer, call, report, dangers, at=at)
    standing = _open_of(call.phone, Incident.objects.all())
    try:
        with transaction.atomic():
            incident, _ = open_report(
                report,
                at=at,
                by=officer.actor,
                place=call.place,
                dangers=dangers,
                discreet=call.discreet,
                linked_to=standing,  # the same number calls again: a second incident, linked
                exercise=call.exercise,
            )
    except IntegrityError:
        return Report.objects.get(token_id__isnull=True, external_id=f"console:{call.nonce}").incident.ref
    return incident.ref


def _join(officer: Officer, call: Call, report: ReportIn, dangers: set[str], *, at: Any) -> str:
    incident = incident_for(officer, call.join, right=Right.RUN_INCIDENT, for_update=True)
    join_report(incident, report, at=at, by=officer.actor)
    changes.add_dangers(incident, dangers, at=at, by=officer.actor)
    if call.discreet:
        changes.set_discreet(incident, True, at=at, by=officer.actor)
    if call.text:
        learn(incident, understand(call.text), at=at, by=officer.actor)
    return incident.ref


def _place(key: str, lat: str, lng: str, call: Call) -> Place | None:
    words = " ".join(filter(None, (call.place_typed, call.landmark)))
    if key and (candidate := place_by_code(key)) is not None:
        return place_of_candidate(candidate, words=words)
    if not lat or not lng:
        return None
    try:
        point = float(lat), float(lng)
        check(*point)
        return place_at(*point, source="STAFF", accuracy_m=50.0, address=call.landmark)
    except ValueError:
        call.errors["place"] = "place"
        return None


def _person(call: Call) -> dict[str, str] | None:
    person = {"name": call.name, "phone": call.phone}
    return {key: value for key, value in person.items() if value} or None


def _address(phone: str) -> str:
    """One contact for each number; a caller without a number is somebody new each time."""
    digits = "".join(c for c in phone if c.isdigit() or c == "+")
    return digits or f"unknown:{new_secret(96)}"


def _open_of(phone: str, among: QuerySet[Incident]) -> Incident | None:
    digits = "".join(c for c in phone if c.isdigit() or c == "+")
    if not digits:
        return None
    return (
        among.filter(
            contact__channel=Contact.Channel.PHONE,
            contact__address=digits,
            status__in=[s.value for s in OPEN],
        )
        .order_by("-created_at")
        .first()
    )
