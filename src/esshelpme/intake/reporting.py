"""From what a person says to a report: opening, joining, placing. LINE conversation and web form both use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from esshelpme.dispatch import acts, engine
from esshelpme.incidents import changes
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.models import Incident, Report
from esshelpme.incidents.opening import ReportIn, open_incident
from esshelpme.incidents.place import ADDRESS_LENGTH, Place
from esshelpme.incidents.states import Danger
from esshelpme.places import PlaceCandidate, PlaceReading, find_places
from esshelpme.triage import Reading, read

# A photo or sticker sent shortly before the button belongs to the report.
INBOX_JOINS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Understood:
    """A text with what it tells."""

    text: str
    reading: Reading
    places: PlaceReading

    @property
    def dangers(self) -> list[Danger]:
        return dangers_of(self.reading)

    @property
    def kind(self) -> str | None:
        """One of the five kinds, when the text tells it."""
        return self.reading.kind if self.reading.kind != "OTHER" else None


def understand(text: str, language: str | None = None) -> Understood:
    return Understood(text, read(text, language), find_places(text))


def dangers_of(reading: Reading) -> list[Danger]:
    signs = {
        Danger.WEAPON: reading.weapon,
        Danger.CHILD: reading.child,
        Danger.INJURY: reading.injury,
        Danger.FIRE: reading.fire,
    }
    return [danger for danger, seen in signs.items() if seen]


def place_from_text(understood: Understood) -> Place | None:
    """The likeliest place of a text, with its accuracy; None when it names none."""
    candidates = understood.places.candidates
    if not candidates:
        return None
    return place_of_candidate(candidates[0], words=understood.text, ambiguous=understood.places.ambiguous)


def place_of_candidate(candidate: PlaceCandidate, *, words: str = "", ambiguous: bool = False) -> Place:
    """A place of the gazetteer as the place of an incident, with the words that named it."""
    place = place_at(
        candidate.lat,
        candidate.lng,
        source="TEXT",
        accuracy_m=candidate.accuracy_m,
        address=words[:ADDRESS_LENGTH],
        ambiguous=ambiguous,
    )
    named = candidate.code and candidate.level != "point"
    return _named(place, candidate.code) if named else place


def open_report(
    report: ReportIn,
    *,
    at: datetime,
    by: str,
    place: Place | None = None,
    said_at: datetime | None = None,
    dangers: Iterable[str] = (),
    discreet: bool | None = None,
    linked_to: Incident | None = None,
    exercise: bool = False,
) -> tuple[Incident, Report]:
    """Open an incident and, with a place, begin its dispatch at once. Nothing is asked before."""
    incident, row = open_incident(
        report,
        at=at,
        by=by,
        discreet=discreet,
        dangers=dangers,
        linked_to=linked_to,
        exercise=exercise,
    )
    if place is None:
        engine.wait_for_place(incident, at=at)
    else:
        acts.new_place(incident, place, said_at=said_at or at, at=at, by=by)
    return incident, row


def learn(incident: Incident, understood: Understood, *, at: datetime, by: str) -> None:
    """Take from a text what it tells about an open incident: kind while unknown, dangers, quietness."""
    if understood.reading.discreet:
        changes.set_discreet(incident, True, at=at, by=by)
    new = changes.add_dangers(incident, understood.dangers, at=at, by=by)
    changed = False
    if incident.kind == "UNKNOWN" and understood.kind is not None:
        changed = changes.set_kind(incident, understood.kind, at=at, by=by)
    if changed:
        acts.kind_changed(incident, at=at)
    elif new:
        acts.restart(incident, at=at)


def _named(place: Place, code: str) -> Place:
    """A place known by name has the areas of that name, whatever the point says; islands keep theirs."""
    return replace(
        place,
        province=code[:2],
        district=code[:4] if len(code) >= 4 else "",
        subdistrict=code if len(code) == 6 else "",
        flag="" if place.flag in ("ABROAD", "SEA") else place.flag,
    )
