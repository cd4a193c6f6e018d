"""An incident in the words of people: where it is, what it is."""

from __future__ import annotations

from esshelpme.incidents.models import Incident
from esshelpme.places.gazetteer import gazetteer
from esshelpme.words import say


def where(incident: Incident, language: str = "th") -> str:
    """The place by its administrative names; never the exact point."""
    if incident.place_flag == "ABROAD":
        return say("place.abroad", language)
    if incident.place_flag == "SEA":
        return say("place.sea", language)
    codes = [code for code in (incident.subdistrict, incident.district, incident.province) if code]
    words = " ".join(filter(None, (unit_words(code, language) for code in codes)))
    return words or say("place.unknown", language)


def dangers(incident: Incident, language: str = "th") -> str:
    """The signs of danger in one line, or empty."""
    return " · ".join(say(f"danger.{danger}", language) for danger in incident.dangers)


def unit_words(code: str, language: str = "th") -> str:
    """One administrative unit: "อ.เมืองเชียงใหม่", "เขตบางรัก", "Bang Rak"; empty for an unknown code."""
    unit = gazetteer().places.get(code)
    if unit is None:
        return ""
    if language != "th":
        return unit.name_en
    return f"{_PREFIX[code.startswith(BANGKOK), unit.level]}{unit.name_th}"


BANGKOK = "10"
_PREFIX = {
    (True, "province"): "",
    (True, "district"): "เขต",
    (True, "subdistrict"): "แขวง",
    (False, "province"): "จ.",
    (False, "district"): "อ.",
    (False, "subdistrict"): "ต.",
}
