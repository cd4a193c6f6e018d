"""From a filled form to an incident: one transaction, and the same form is the same report however often it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import choose_language, contact_for
from esshelpme.dispatch.alarms import raise_alarm
from esshelpme.dispatch.states import AlarmLevel
from esshelpme.incidents.changes import lock
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.messages import hear
from esshelpme.incidents.models import Incident, Report
from esshelpme.incidents.opening import ReportIn, join_report, open_incident
from esshelpme.incidents.place import Place
from esshelpme.incidents.states import ENDED, OPEN
from esshelpme.incidents.tell import mode, tell
from esshelpme.intake.adding import place_from_pin, place_from_words, tell_units
from esshelpme.intake.reporting import (
    Understood,
    learn,
    open_report,
    place_from_text,
    place_of_candidate,
    understand,
)
from esshelpme.places import place_by_code
from esshelpme.privacy.content import reveal
from esshelpme.web.form import Filled
from esshelpme.web.keys import secret_digest, status_secret, trace
from esshelpme.web.limits import limit
from esshelpme.web.models import Arrival
from esshelpme.web.photos import Photo, add_photos
from esshelpme.words import say

LOCK_CLASS = 0x57EB
# A position so coarse that a place name says more.
COARSE_M = 3000.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The report, and the secret of its status page."""

    report: Report
    secret: str


def too_often(address: str, *, at: datetime) -> bool:
    """Whether so many reports came from this address that a second tap is asked for. The first always passes."""
    recent = Arrival.objects.filter(
        address=trace("address", address, at=at), at__gt=at - limit("ADDRESS_WINDOW")
    )
    most: int = limit("ADDRESS_REPORTS")
    return recent.count() >= most


def send(
    filled: Filled,
    *,
    language: str,
    address: str,
    at: datetime,
    source_code: str = "",
    photos: Sequence[Photo] = (),
) -> Sent:
    """Open an incident (or join what this form opened before) and begin its dispatch. Nothing is asked before."""
    with transaction.atomic():
        _hold(filled.key)
        before, turn = _sent_before(filled.key)
        if before is not None and before.incident.status not in ENDED:
            _add(before, filled, photos, at=at)
            return Sent(before, status_secret(filled.key, turn - 1))
        secret = status_secret(filled.key, turn)
        report = _report(filled, secret, language=language, address=address, at=at, source_code=source_code)
        incident = report.incident
        _keep_rest(incident, report, filled, at=at)
        if filled.place and filled.point is None and incident.place_id is None:
            # No point was found: the words still reach the centre, and the status page asks.
            _hear(incident, report, filled.place, at=at)
        add_photos(incident, report, photos, at=at)
        _confirm(incident, report, language, at=at)
        return Sent(report, secret)


def keep_only(filled: Filled, *, language: str, address: str, at: datetime, source_code: str = "") -> Sent:
    """When sending failed by a fault of ours: the report is kept whole, nobody is chosen, and the centre is alarmed."""
    with transaction.atomic():
        _hold(filled.key)
        before, turn = _sent_before(filled.key)
        if before is not None and before.incident.status not in ENDED:
            _hear(lock(before.incident_id), before, filled.text or filled.place or "-", at=at)
            return Sent(before, status_secret(filled.key, turn - 1))
        secret = status_secret(filled.key, turn)
        contact = contact_for(
            channel=Contact.Channel.WEB, address=secret_digest(filled.key), at=at, language=language
        )
        kind = filled.kind or "UNKNOWN"
        came = _came(filled, contact, kind, secret, source_code)
        incident, report = open_incident(came, at=at, by="reporter")
        _keep_rest(incident, report, filled, at=at)
        point = f"{filled.point.lat:.6f},{filled.point.lng:.6f}" if filled.point else ""
        where = " ".join(filter(None, (point, filled.place)))
        if where:
            _hear(incident, report, where, at=at)
        raise_alarm(incident, AlarmLevel.CENTRE, "DISPATCH_FAILED", at=at)
        return Sent(report, secret)


def _report(
    filled: Filled, secret: str, *, language: str, address: str, at: datetime, source_code: str
) -> Report:
    contact = contact_for(
        channel=Contact.Channel.WEB, address=secret_digest(filled.key), at=at, language=language
    )
    if contact.language != language:
        choose_language(contact, language=language, chosen_by="PERSON")
    understood = understand(filled.text, language)
    kind = filled.kind or understood.kind or ("OTHER" if understood.reading.handover else "UNKNOWN")
    came = _came(filled, contact, kind, secret, source_code)
    words = trace("words", f"{filled.kind}|{filled.text}|{filled.place}", at=at)
    from_where = trace("address", address, at=at)
    same = _same_words(filled, from_where, words, at=at)
    if same is not None:
        report = join_report(same, came, at=at, by="reporter")
    else:
        _, report = open_report(
            came,
            at=at,
            by="reporter",
            place=_place(filled, understood),
            said_at=at,
            dangers=understood.dangers,
            discreet=True if understood.reading.discreet else None,
        )
    Arrival.objects.create(address=from_where, words=words, report=report, at=at)
    return report


def _came(filled: Filled, contact: Contact, kind: str, secret: str, source_code: str) -> ReportIn:
    return ReportIn(
        contact=contact,
        channel="WEB",
        kind=kind,
        text=filled.text[: limit("TEXT_PART")],
        reporter=filled.reporter() or None,
        witness=filled.witness,
        safe_to_call=filled.safe_to_call and bool(filled.phone),
        status_digest=secret_digest(secret),
        source_code=source_code,
    )


def _add(report: Report, filled: Filled, photos: Sequence[Photo], *, at: datetime) -> None:
    """The form came again: what is new in it joins, what came before is not said twice."""
    incident = lock(report.incident_id)
    assert report.contact is not None
    if filled.text and not _said_already(report, filled):
        understood = understand(filled.text, report.contact.language)
        for part in _parts(filled.text):
            _hear(incident, report, part, at=at)
        learn(incident, understood, at=at, by="reporter")
        place_from_words(incident, understood, said_at=at, at=at)
        tell_units(incident, filled.text, at=at)
    if incident.place_id is None:
        if filled.point is not None:
            place_from_pin(
                incident,
                filled.point.lat,
                filled.point.lng,
                source="GPS",
                accuracy_m=filled.point.accuracy_m,
                address=filled.place,
                said_at=at,
                at=at,
            )
        elif filled.place:
            place_from_words(incident, understand(filled.place), said_at=at, at=at)
    if photos and not incident.messages.filter(contact=report.contact, type="IMAGE").exists():
        add_photos(incident, report, photos, at=at)


def _said_already(report: Report, filled: Filled) -> bool:
    return reveal(report.text) == filled.text[: limit("TEXT_PART")]


def _keep_rest(incident: Incident, report: Report, filled: Filled, *, at: datetime) -> None:
    for part in _parts(filled.text)[1:]:
        _hear(incident, report, part, at=at)


def _parts(text: str) -> list[str]:
    size = limit("TEXT_PART")
    return [text[start : start + size] for start in range(0, len(text), size)]


def _hear(incident: Incident, report: Report, words: str, *, at: datetime) -> None:
    assert report.contact is not None
    hear(incident=incident, contact=report.contact, type="TEXT", text=words, said_at=at, at=at)


def _place(filled: Filled, understood: Understood) -> Place | None:
    """The phone's position, else the place that was chosen, typed, or told in the text."""
    point = filled.point
    named = _named_place(filled)
    if point is not None:
        coarse = point.accuracy_m is not None and point.accuracy_m > COARSE_M
        if not (coarse and named is not None and (named.accuracy_m or 0) < (point.accuracy_m or 0)):
            try:
                return place_at(
                    point.lat, point.lng, source="GPS", accuracy_m=point.accuracy_m, address=filled.place
                )
            except ValueError:
                pass  # impossible coordinates: the words remain
    return named or place_from_text(understood)


def _named_place(filled: Filled) -> Place | None:
    chosen = place_by_code(filled.pick) if filled.pick else None
    if chosen is not None:
        return place_of_candidate(chosen, words=filled.place)
    return place_from_text(understand(filled.place)) if filled.place else None


def _same_words(filled: Filled, address: str, words: str, *, at: datetime) -> Incident | None:
    """The open incident that the very same words from the same address opened minutes ago: two tabs, or a flood."""
    if len(filled.text) < limit("SAME_WORDS_FROM"):
        return None
    row = (
        Arrival.objects.filter(address=address, words=words, at__gt=at - limit("SAME_WORDS_WITHIN"))
        .order_by("-at")
        .select_related("report")
        .first()
    )
    if row is None:
        return None
    incident = lock(row.report.incident_id)
    return incident if incident.status in OPEN else None


def _confirm(incident: Incident, report: Report, language: str, *, at: datetime) -> None:
    """Received first; then, when nobody knows where, the question."""
    assert report.contact is not None
    if incident.place_id is None:
        key = "quiet.web_state_NO_PLACE" if mode(incident) == "quiet" else "t.ask_place"
        tell(incident, "words", at=at, only=report.contact, words=say(key, language))
        return
    what = "received_abroad" if incident.place_flag == "ABROAD" else "received"
    tell(incident, what, at=at, only=report.contact)


def _sent_before(key: str) -> tuple[Report | None, int]:
    """The latest report of a form, and how many it has made."""
    latest: Report | None = None
    for turn in range(1000):
        digest = secret_digest(status_secret(key, turn))
        found = (
            Report.objects.select_related("incident", "contact", "text").filter(status_digest=digest).first()
        )
        if found is None:
            return latest, turn
        latest = found
    raise AssertionError("a form that made a thousand reports")


def _hold(key: str) -> None:
    """One at a time for each form, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_CLASS, key])
