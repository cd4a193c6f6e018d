"""What the reporter's own page shows: what happens now, who is coming, what was said; in the mode of the incident.

In discreet mode everything on it is neutral: no reference, no role, no word the person wrote, since somebody else may
hold the phone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from esshelpme.contacts.models import Contact
from esshelpme.dispatch.states import NeedStatus
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.incidents.place import WIDE_ABOVE_M, place_of
from esshelpme.incidents.states import OPEN, Status
from esshelpme.incidents.tell import mode
from esshelpme.incidents.words import where
from esshelpme.intake.reporting import understand
from esshelpme.intake.wishes import may_rate, may_reopen
from esshelpme.places import area_words
from esshelpme.platform.ids import show_ref
from esshelpme.privacy.content import reveal, reveal_many
from esshelpme.web.keys import secret_digest
from esshelpme.words import say

LINES_SHOWN = 200
PLACES_OFFERED = 4
MONTHS = {
    "th": ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said. `words` is empty for what must not be shown (discreet) or was removed."""

    mine: bool
    words: str
    time: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """Who helps, as a role, and how far they are."""

    who: str
    status: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    words: str


@dataclass(slots=True)
class StatusPage:
    """Everything the page needs, in words."""

    mode: str
    state: str
    headline: str
    reference: str = ""
    roles: list[Role] = field(default_factory=list)
    until: str = ""
    handover: str = ""
    said_safe: str = ""
    place: str = ""
    lines: list[Line] = field(default_factory=list)
    lacks_place: bool = False
    wide_place: bool = False
    choices: list[Choice] = field(default_factory=list)
    open: bool = True
    may_rate: bool = False
    rating: int | None = None
    may_reopen: bool = False
    version: str = ""

    @property
    def discreet(self) -> bool:
        return self.mode == "quiet"


def report_of(secret: str) -> Report | None:
    """The report behind a secret; None when there is none, or the person was erased."""
    report = (
        Report.objects.select_related("incident", "contact", "text")
        .filter(status_digest=secret_digest(secret))
        .first()
    )
    return report if report is not None and report.contact is not None else None


def incident_of(report: Report) -> Incident:
    """The incident a report belongs to now: a merged one leads to the one it joined."""
    incident = report.incident
    while incident.merged_into is not None:
        incident = incident.merged_into
    return incident


def status_page(report: Report, *, at: datetime) -> StatusPage:
    """The page as of now."""
    incident, contact = incident_of(report), report.contact
    assert contact is not None
    language = contact.language
    how = mode(incident)
    state = _state(incident)
    is_open = incident.status in OPEN
    shown = StatusPage(
        mode=how,
        state=state,
        headline=say(f"quiet.web_state_{state}" if how == "quiet" else f"t.state.{state}", language),
        lines=_lines(incident, contact, hide_mine=how == "quiet", at=at),
        lacks_place=is_open and incident.place_id is None,
        wide_place=is_open
        and incident.place_accuracy_m is not None
        and incident.place_accuracy_m > WIDE_ABOVE_M,
        choices=_choices(incident, language) if is_open else [],
        open=is_open,
        may_rate=may_rate(incident),
        rating=incident.rating,
        may_reopen=may_reopen(incident, at=at),
    )
    if how == "loud":
        _tell_all(shown, incident, report, language, at=at)
    shown.version = _version(incident, contact, language)
    return shown


def clock_words(moment: datetime, language: str, *, at: datetime) -> str:
    """`21:04 น.`, with the day when it is another one. The deployment's time zone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    local, today = moment.astimezone(zone), at.astimezone(zone).date()
    time = say("t.today", language, time=f"{local:%H:%M}")
    if local.date() == today:
        return time
    return f"{local.day} {MONTHS[language][local.month - 1]} {time}"


def _tell_all(shown: StatusPage, incident: Incident, report: Report, language: str, *, at: datetime) -> None:
    """What is said only when nobody has to be deceived."""
    shown.reference = say("t.ref", language, ref=show_ref(incident.ref))
    if shown.open:
        shown.roles = _roles(incident, language)
        shown.until = say(f"t.until.{incident.kind}", language)
        number = _handover(reveal(report.text) or "")
        if number:
            about = say(f"handover.{number}", language)
            shown.handover = say("t.handover", language, number=number, about=about)
    if incident.place_id is not None:
        place = place_of(incident)
        told_openly = incident.place_said_at is None or not _before(
            incident.place_said_at, _loud_since(incident)
        )
        address = place.address if place is not None and told_openly else ""
        words = " · ".join(filter(None, (address, where(incident, language))))
        shown.place = say("t.place_known", language, place=words)
    if incident.said_safe_at is not None:
        shown.said_safe = say(
            "t.said_safe", language, time=clock_words(incident.said_safe_at, language, at=at)
        )


def _state(incident: Incident) -> str:
    waiting = incident.status in (Status.NEW, Status.DISPATCHING)
    if waiting and incident.place_flag == "ABROAD":
        return "ABROAD"
    if waiting and incident.place_id is None:
        return "NO_PLACE"
    return incident.status


def _roles(incident: Incident, language: str) -> list[Role]:
    return [
        Role(
            who=say(f"t.role.{need.agency_type}", language),
            status=say(f"t.need.{need.status}", language),
            sure=need.status != NeedStatus.OPEN,
        )
        for need in incident.needs.exclude(status=NeedStatus.WITHDRAWN).order_by("-lead", "pk")
    ]


def _lines(incident: Incident, contact: Contact, *, hide_mine: bool, at: datetime) -> list[Line]:
    """What this person and the centre said to each other, oldest first."""
    language = contact.language
    said = Message.objects.filter(incident=incident, contact=contact)
    if hide_mine and (since := _discreet_since(incident)) is not None:
        said = said.exclude(direction=Message.Direction.OUT, received_at__lt=since)
    rows = list(said.order_by("-id")[:LINES_SHOWN])[::-1]
    reports = list(
        Report.objects.filter(incident=incident, contact=contact, text__isnull=False).order_by("pk")
    )
    ids = [row.content_id for row in rows if row.content_id] + [r.text_id for r in reports if r.text_id]
    words = reveal_many(ids)
    loud_since = _loud_since(incident)
    lines = [
        Line(
            mine=True,
            words=""
            if hide_mine or _before(report.received_at, loud_since)
            else (words.get(report.text_id or 0) or say("t.removed", language)),
            time=clock_words(report.received_at, language, at=at),
        )
        for report in reports
    ]
    for row in rows:
        mine = row.direction == Message.Direction.IN
        lines.append(
            Line(
                mine=mine,
                words=""
                if mine and (hide_mine or _before(row.received_at, loud_since))
                else _words(row, words, language),
                time=clock_words(row.said_at, language, at=at),
                note=say("quiet.web_seen" if hide_mine else "t.seen", language)
                if mine and row.seen_at
                else "",
            )
        )
    return lines


def _discreet_since(incident: Incident) -> datetime | None:
    """When the mode was last turned on: what was said in plain words before is not for other eyes."""
    turned = incident.timeline.filter(type="DISCREET_ON").order_by("-seq").first()
    return turned.at if turned is not None else None


def _loud_since(incident: Incident) -> datetime | None:
    """When this page (or the chat) last said "I can talk". Whoever holds the phone can tap that: what the person
    wrote before, when they could not talk, stays unseen here; they know what they wrote."""
    turned = incident.timeline.filter(type="DISCREET_OFF", actor="reporter").order_by("-seq").first()
    return turned.at if turned is not None else None


def _before(moment: datetime, loud_since: datetime | None) -> bool:
    return loud_since is not None and moment < loud_since


def _words(row: Message, words: dict[int, str | None], language: str) -> str:
    if row.content_id:
        return words.get(row.content_id) or say("t.removed", language)
    key = {"IMAGE": "t.picture", "AUDIO": "t.voice", "LOCATION": "t.a_place"}.get(row.type)
    return say(key, language) if key else row.type.lower()


def _choices(incident: Incident, language: str) -> list[Choice]:
    """Which place is meant, when the words fit several."""
    if not incident.place_ambiguous or incident.place_source != "TEXT":
        return []
    place = place_of(incident)
    if place is None or not place.address:
        return []
    codes = dict.fromkeys(c.code for c in understand(place.address).places.candidates if c.code)
    return [Choice(code, area_words(code, language)) for code in list(codes)[:PLACES_OFFERED]]


def _handover(text: str) -> str:
    """The number that answers fastest, when the text is about something that others do."""
    return understand(text).reading.handover or "" if text else ""


def _version(incident: Incident, contact: Contact, language: str) -> str:
    seen = Message.objects.filter(incident=incident, contact=contact, seen_at__isnull=False).count()
    said = Message.objects.filter(incident=incident, contact=contact).count()
    raw = f"{incident.pk}.{incident.timeline_length}.{said}.{seen}.{language}.{incident.status}"
    return hashlib.sha256(raw.encode()).hexdigest()[:16]
