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
    if place.flag == "ABROAD" and _known_at_home(incident):
        # Any point of the map can be sent as a pin. Offers go on from what was known; people at the centre decide.
        engine.flag_place(incident, place, at=at)
        tell_units(incident, f"{lat:.5f},{lng:.5f}", at=at)
        return ""
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


def still_asked(incident: Incident) -> bool:
    """Whether "which place do you mean?" is still open: an old button never undoes a pin or what staff set."""
    return incident.is_open and (incident.place_id is None or incident.place_source == "TEXT")


def _known_at_home(incident: Incident) -> bool:
    """Whether a point within the country is known already, from a phone or from staff."""
    known = incident.place_id is not None and incident.place_source != "TEXT"
    return known and incident.place_flag != "ABROAD"


def _better(incident: Incident, understood: Understood) -> bool:
    """Whether words say more exactly where it is than what we have from words before."""
    if incident.place_source != "TEXT" or not understood.places.candidates:
        return False
    best = understood.places.candidates[0].accuracy_m
    return incident.place_accuracy_m is not None and best < incident.place_accuracy_m
