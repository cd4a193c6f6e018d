"""Places: what a text says about where, and what a point means.

Pure, and without Django, but for `importing`, `models` and `store`; without a database packaged data serve.

    find_places(text, *, near=None) -> PlaceReading
        free text → candidates (code, point, accuracy, score, reasons), likeliest first; never raises
    locate(lat, lng, accuracy_m=None) -> Located
        point → units, abroad or at sea, km to the border, island; ValueError for an impossible point
    island_at(lat, lng) -> str | None           key of the island reached only by boat
    cell(lat, lng, res=7) -> str                h3 cell
    check(lat, lng) -> None                     ValueError, saying the remedy, for an impossible point
    area_words(code, lang="th") -> str          "ต.สุเทพ อ.เมืองเชียงใหม่ จ.เชียงใหม่"
    unit_words, candidate_words, located_words  the same for one unit, a candidate, a located point
    search(prefix, limit=10) -> list[Found]     the console's place search
    place_by_code(code_or_key) -> PlaceCandidate | None
    gazetteer() -> Gazetteer                    every unit in memory (`.places[code]`)
    warm() -> None                              load everything now, not at the first report (about 0.6 s)
    importing.import_file(path, *, at=None)     official CSV and GeoJSON files; needs the database

The packaged data and their licences: `data/CREDITS.md`.
"""

from __future__ import annotations

from esshelpme.places.coordinates import check
from esshelpme.places.find import PlaceCandidate, PlaceReading, find_places
from esshelpme.places.gazetteer import Gazetteer, Place, gazetteer
from esshelpme.places.locate import (
    Area,
    Island,
    Located,
    cell,
    island_at,
    island_by_key,
    islands,
    locate,
)
from esshelpme.places.search import Found, place_by_code, search
from esshelpme.places.words import area_words, candidate_words, located_words, unit_words

__all__ = [
    "Area",
    "Found",
    "Gazetteer",
    "Island",
    "Located",
    "Place",
    "PlaceCandidate",
    "PlaceReading",
    "area_words",
    "candidate_words",
    "cell",
    "check",
    "find_places",
    "gazetteer",
    "island_at",
    "island_by_key",
    "islands",
    "locate",
    "located_words",
    "place_by_code",
    "search",
    "unit_words",
    "warm",
]


def warm() -> None:
    """Load names, points and outlines now, so that the first report does not wait for them."""
    find_places("กรุงเทพ bangkok")
    locate(13.7563, 100.5018)
    search("กรุงเทพ")
