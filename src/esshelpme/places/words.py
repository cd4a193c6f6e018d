"""A place in words: "ต.สุเทพ อ.เมืองเชียงใหม่ จ.เชียงใหม่"; Bangkok has แขวง and เขต.

Level words are data (`data/level_words.json`), as every text for people.
"""

from __future__ import annotations

import json
from functools import cache

from esshelpme.places.find import PlaceCandidate
from esshelpme.places.gazetteer import gazetteer
from esshelpme.places.locate import Located
from esshelpme.places.units import DATA, Gazetteer, Place

BANGKOK = "10"


@cache
def _patterns() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads((DATA / "level_words.json").read_text("utf-8"))
    return loaded


def area_words(code: str, lang: str = "th") -> str:
    """Return a unit and those above it, smallest first; "" for an unknown code.

    Languages without words of their own get English.
    """
    places = gazetteer()
    units = [places.places[code[:n]] for n in (6, 4, 2) if len(code) >= n and code[:n] in places.places]
    return _join([_unit(unit, lang, places) for unit in units], lang)


def unit_words(code: str, lang: str = "th") -> str:
    """Return one unit alone with its level word ("อ.หาดใหญ่"); "" for an unknown code."""
    places = gazetteer()
    return _unit(places.places[code], lang, places) if code in places.places else ""


def candidate_words(candidate: PlaceCandidate, lang: str = "th") -> str:
    """Return what a reading's candidate is called: its own name and the units it lies in."""
    own = candidate.name_th if lang == "th" else candidate.name_en
    if candidate.level in {"province", "district", "subdistrict"}:
        return area_words(candidate.code, lang)
    if candidate.level == "area":
        return _join([own, area_words(candidate.code, lang)], lang)
    return own


def located_words(located: Located, lang: str = "th") -> str:
    """Return the units of a located point, "" where none is known (abroad)."""
    return area_words(located.area.code, lang) if located.area.code else ""


def _unit(place: Place, lang: str, places: Gazetteer) -> str:
    patterns = _patterns()[lang if lang in _patterns() else "en"]
    name = place.name_th if lang == "th" else place.name_en
    kind: str = place.level
    if place.code.startswith(BANGKOK):
        kind = f"bangkok_{kind}"
    return patterns.get(kind, "{name}").format(name=name)


def _join(parts: list[str], lang: str) -> str:
    patterns = _patterns()[lang if lang in _patterns() else "en"]
    return patterns["between"].join(part for part in parts if part)
