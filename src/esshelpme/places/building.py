"""Build the gazetteer: packaged names and points, known areas, and what was imported over them."""

from __future__ import annotations

import csv
import json
import math
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

import geothai
from shapely.geometry.base import BaseGeometry

from esshelpme.places.fold import clean, fold_latin, fold_thai
from esshelpme.places.units import (
    ACCURACY_M,
    DATA,
    LATIN_HEAD,
    LEADING_VOWELS,
    LEVEL_OF_LENGTH,
    Gazetteer,
    Index,
    Level,
    Overlay,
    Place,
)

KM_PER_DEGREE = 111.2


def _seats() -> dict[str, tuple[float, float, int, int, str]]:
    with (DATA / "seats.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: (
                float(row["lat"]),
                float(row["lng"]),
                int(row["accuracy_m"]),
                int(row["population"]),
                row["source"],
            )
            for row in csv.DictReader(file)
        }


@cache
def aliases() -> dict[str, Any]:
    """Return `data/aliases.json` (read once)."""
    loaded: dict[str, Any] = json.loads((DATA / "aliases.json").read_text("utf-8"))
    return loaded


def _units() -> dict[str, Place]:
    """Return the official units with the packaged points.

    A unit without its own borrows that of the unit above.
    """
    seats = _seats()
    units: dict[str, Place] = {}

    def add(code: str, name_th: str, name_en: str, postcodes: tuple[str, ...] = ()) -> None:
        level = LEVEL_OF_LENGTH[len(code)]
        if code in seats:
            lat, lng, accuracy, population, source = seats[code]
        else:
            above = units[code[:-2]]
            lat, lng, accuracy, population = above.lat, above.lng, above.accuracy_m, 0
            source = f"{above.source}:{above.level}"
        name_th = name_th.removeprefix("เขต")
        units[code] = Place(
            code, code, level, name_th, name_en, lat, lng, accuracy, source, population, postcodes
        )

    for province in geothai.provinces():
        add(province.code, province.name_th, province.name_en)
        for district in geothai.districts(province.code):
            add(district.code, district.name_th, district.name_en)
            for sub in geothai.subdistricts(district.code):
                add(sub.code, sub.name_th, sub.name_en, sub.postal_codes)
    return units


def _refined(units: dict[str, Place], overlay: Overlay) -> dict[str, Place]:
    """Put imported names, points and sizes over the packaged ones; facts come parents first."""
    for fact in overlay.facts:
        level = LEVEL_OF_LENGTH[len(fact.code)]
        old = units.get(fact.code) or units.get(fact.code[:-2])
        outline = overlay.outlines.get(fact.code)
        if fact.lat is not None and fact.lng is not None:
            point, accuracy, source = (fact.lat, fact.lng), ACCURACY_M[level], "import"
        elif outline is not None and (old is None or level == "subdistrict"):
            inside = outline.representative_point()
            point, accuracy, source = (inside.y, inside.x), ACCURACY_M[level], "import"
        elif old is not None:
            # A district's seat, where people are, says more than the middle of its outline.
            point, accuracy, source = (old.lat, old.lng), old.accuracy_m, old.source
        else:
            continue
        if outline is not None:
            accuracy = _reach_m(outline)
        known = units.get(fact.code)
        units[fact.code] = Place(
            key=fact.code,
            code=fact.code,
            level=level,
            name_th=(fact.name_th or (known.name_th if known else fact.code)).removeprefix("เขต"),
            name_en=fact.name_en or (known.name_en if known else ""),
            lat=point[0],
            lng=point[1],
            accuracy_m=accuracy,
            source=source,
            population=known.population if known else 0,
            postcodes=known.postcodes if known else (),
        )
    return units


def _reach_m(outline: BaseGeometry) -> int:
    """Return the radius in metres of a circle as large as the outline, a little widened.

    Units are no circles.
    """
    middle = math.radians(outline.centroid.y)
    square_km = outline.area * KM_PER_DEGREE**2 * math.cos(middle)
    return max(500, int(1200 * math.sqrt(square_km / math.pi)))


def _known_areas(units: Mapping[str, Place]) -> dict[str, Place]:
    areas: dict[str, Place] = {}
    for row in aliases()["areas"]:
        code, key = str(row["code"]), f"area:{row['key']}"
        if code[:4] in units:
            areas[key] = _place_of(row, key=key, code=code, level="area", country="TH")
    for row in aliases()["abroad"]:
        key = f"abroad:{row['country']}:{row['name_en']}"
        areas[key] = _place_of(row, key=key, code="", level="abroad", country=str(row["country"]))
    return areas


def _place_of(row: dict[str, Any], *, key: str, code: str, level: Level, country: str) -> Place:
    return Place(
        key=key,
        code=code,
        level=level,
        name_th=row["name_th"],
        name_en=row["name_en"],
        lat=row["lat"],
        lng=row["lng"],
        accuracy_m=row["accuracy_m"],
        source="hand",
        country=country,
    )


def latin_letters(text: str) -> str:
    """Return the Latin letters of `text` in lower case, nothing else."""
    return re.sub(r"[^a-z]", "", text.lower())


def consonant(folded: str) -> str:
    """Return the first consonant of a folded Thai name, which people rarely get wrong."""
    return folded[1:2] if folded[:1] in LEADING_VOWELS else folded[:1]


class _Names:
    """Collects spellings while the gazetteer is built."""

    def __init__(self) -> None:
        self.thai: dict[str, list[str]] = defaultdict(list)
        self.latin: dict[str, list[str]] = defaultdict(list)
        self.other: dict[str, list[str]] = defaultdict(list)

    def add(self, name: str, key: str) -> None:
        """Record that `name` means the place `key`."""
        name = clean(name)
        if any("ก" <= c <= "๎" for c in name):
            self.thai[name.replace(" ", "")].append(key)
            if " " in name:
                self.thai[name].append(key)
        elif letters := latin_letters(name):
            self.latin[letters].append(key)
        elif not name.isascii():
            self.other[name].append(key)

    def folded(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Return the folded spellings of both scripts."""
        thai: dict[str, list[str]] = defaultdict(list)
        latin: dict[str, list[str]] = defaultdict(list)
        for name, keys in self.thai.items():
            thai[fold_thai(name)[0]] += keys
        for name, keys in self.latin.items():
            latin[fold_latin(name)] += keys
        return thai, latin


def _names(places: Mapping[str, Place]) -> _Names:
    names = _Names()
    for place in places.values():
        names.add(place.name_th, place.key)
        if place.level != "abroad":
            names.add(place.name_en, place.key)
        if place.level == "district" and place.name_en.startswith("Mueang "):
            for other in ("Muang ", "Meuang ", "Maung "):
                names.add(other + place.name_en.removeprefix("Mueang "), place.key)
    for row in aliases()["names"]:
        for name in row["names"]:
            if str(row["code"]) in places:
                names.add(name, str(row["code"]))
    for kind, prefix in (("areas", "area:{key}"), ("abroad", "abroad:{country}:{name_en}")):
        for row in aliases()[kind]:
            key = prefix.format(**row)
            for name in row["names"] if key in places else ():
                names.add(name, key)
    return names


def build(overlay: Overlay | None = None) -> Gazetteer:
    """Build a gazetteer from the packaged data, refined by what was imported."""
    overlay = overlay or Overlay()
    places = _refined(_units(), overlay)
    places |= _known_areas(places)
    names = _names(places)
    folded_thai, folded_latin = names.folded()
    postcodes: dict[str, list[str]] = defaultdict(list)
    for place in places.values():
        for postcode in place.postcodes:
            postcodes[postcode].append(place.key)
    initials: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for name, keys in folded_thai.items():
        initials[consonant(name)].append((name, tuple(dict.fromkeys(keys))))
    known = {key for key, place in places.items() if place.level in {"province", "district", "area"}}
    children: dict[str, list[str]] = defaultdict(list)
    for code, place in places.items():
        if place.level in {"district", "subdistrict"}:
            children[code[:-2]].append(code)
    return Gazetteer(
        places=places,
        children={code: tuple(codes) for code, codes in children.items()},
        thai=Index.of(names.thai),
        thai_folded=Index.of(folded_thai),
        latin={name: tuple(dict.fromkeys(keys)) for name, keys in names.latin.items()},
        latin_folded={name: tuple(dict.fromkeys(keys)) for name, keys in folded_latin.items()},
        other=Index.of(names.other),
        postcodes={code: tuple(keys) for code, keys in postcodes.items()},
        initials={letter: tuple(rows) for letter, rows in initials.items()},
        latin_heads=frozenset(name[:LATIN_HEAD] for name in folded_latin),
        latin_known=tuple(
            n for n, keys in folded_latin.items() if len(n) >= 5 and not known.isdisjoint(keys)
        ),
        seat_districts=tuple(
            c
            for c, p in places.items()
            if p.level == "district" and c.endswith("01") and p.name_th.startswith("เมือง")
        ),
        outlines=dict(overlay.outlines),
        version=overlay.version,
    )
