"""More about an open incident, over whatever channel: where it is, and telling who is on the way."""

from __future__ import annotations

from datetime import datetime

from esshelpme.dispatch import acts, engine, notices
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.models import Incident
from esshelpme.incidents.place import Place
from esshelpme.intake.reporting import Understood, place_from_text


def place_from_pin(
    incident: Incident,
    lat: float,
    lng: float,
    *,
    source: str,
    said_at: datetime,
    at: datetime,
    accuracy_m: float | None = None,
    address: str = "",
) -> str:
    """Set the place from a point. FIRST, NEWER, or empty for one older than what is known.

    Raises `ValueError` for impossible coordinates.
    """
    if incident.place_id is not None and incident.place_said_at and said_at < incident.place_said_at:
        return ""  # a pin that was sent earlier and arrives later does not undo a newer one
    place = place_at(lat, lng, source=source, accuracy_m=accuracy_m, address=address)
    return _set(incident, place, said_at=said_at, at=at)


def place_from_words(incident: Incident, understood: Understood, *, said_at: datetime, at: datetime) -> str:
    """Set the place from words while there is none, or when they are more exact than the words before.

    FIRST, NEWER, or empty when the words name no better place.
    """
    if incident.place_id is not None and not _better(incident, understood):
        return ""
    place = place_from_text(understood)
    return "" if place is None else _set(incident, place, said_at=said_at, at=at)


def tell_units(incident: Incident, words: str, *, at: datetime) -> None:
    """What the reporter adds (no words: a picture, a voice) goes at once to who is on the way."""
    key = "said" if words else "said_media"
    for assignment in engine.active(incident):
        member = assignment.accepted_by
        if member is not None and member.line_user_id:
            notices.tell_line(
                member.line_user_id,
                key,
                at=at,
                incident=incident,
                assignment=assignment,
                fill={"text": words},
            )


def _set(incident: Incident, place: Place, *, said_at: datetime, at: datetime) -> str:
    first = incident.place_id is None
    acts.new_place(incident, place, said_at=said_at, at=at, by="reporter")
    return "FIRST" if first else "NEWER"


def _better(incident: Incident, understood: Understood) -> bool:
    """Whether words say more exactly where it is than what we have from words before."""
    if incident.place_source != "TEXT" or not understood.places.candidates:
        return False
    best = understood.places.candidates[0].accuracy_m
    return incident.place_accuracy_m is not None and best < incident.place_accuracy_m
