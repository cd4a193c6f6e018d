"""An incident in the words of people: where it is, what it is."""

from __future__ import annotations

from esshelpme.incidents.models import Incident
from esshelpme.places import area_words
from esshelpme.words import say


def where(incident: Incident, language: str = "th") -> str:
    """The place by its administrative names; never the exact point."""
    if incident.place_flag == "ABROAD":
        return say("place.abroad", language)
    if incident.place_flag == "SEA":
        return say("place.sea", language)
    code = incident.subdistrict or incident.district or incident.province
    return area_words(code, language) or say("place.unknown", language)


def dangers(incident: Incident, language: str = "th") -> str:
    """The signs of danger in one line, or empty."""
    return " · ".join(say(f"danger.{danger}", language) for danger in incident.dangers)
