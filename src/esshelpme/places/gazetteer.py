"""Every province, district and subdistrict of Thailand in memory, with their names, points and spellings.

One immutable `Gazetteer` is built on first use (about 0.2 s) from packaged data: names and codes of `geothai`, points of
`data/seats.csv`, further names of `data/aliases.json`. Imported official files refine it: `use_source` is given a reader of them by
the Django application, and `gazetteer()` asks it at most once a second whether there is something newer.
Without Django, or while the database is away, the packaged data serve.
"""

from __future__ import annotations

import asyncio
import csv
import json
import math
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

import geothai
import shapely

from esshelpme.places.fold import clean, fold_latin, fold_thai

Level = Literal["province", "district", "subdistrict", "area", "abroad"]
DATA = Path(__file__).parent / "data"
# How far from its point somebody "in" the place may be, in metres, when nothing better is known.
ACCURACY_M: Mapping[str, int] = {"province": 40_000, "district": 10_000, "subdistrict": 3_000}
LEVEL_OF_LENGTH: Mapping[int, Level] = {2: "province", 4: "district", 6: "subdistrict"}
LEADING_VOWELS = frozenset("เแโใไ")
LATIN_HEAD = 4  # the same for folded Latin names
HEAD = 2  # characters by which a name is looked up in running text


@dataclass(frozen=True, slots=True)
class Place:
    """One unit, known area or place abroad.

    `key` is unique in the gazetteer; `code` is the official TIS-1099 code (2, 4 or 6 digits) of the unit itself or of the
    unit that holds the area, empty abroad. Coordinates are WGS 84 degrees, `accuracy_m` is in metres.
    """

    key: str
    code: str
    level: Level
    name_th: str
    name_en: str
    lat: float
    lng: float
    accuracy_m: int
    source: str
    population: int = 0
    postcodes: tuple[str, ...] = ()
    country: str = "TH"


@dataclass(frozen=True, slots=True)
class Fact:
    """What an imported official file says of one unit."""

    code: str
    name_th: str
    name_en: str
    lat: float | None
    lng: float | None


@dataclass(frozen=True, slots=True)
class Overlay:
    """Everything imported: points and names by code, outlines by code."""

    version: int = 0
    facts: Sequence[Fact] = ()
    outlines: Mapping[str, shapely.Geometry] = field(default_factory=dict)


class Source(Protocol):
    """Where imported files are read from."""

    def version(self) -> int | None:
        """Return a number that changes with every import; None when it cannot be asked now."""

    def overlay(self) -> Overlay:
        """Return everything imported."""

    def close(self) -> None:
        """Give back what a thread of the gazetteer's own has opened."""


@dataclass(frozen=True, slots=True)
class Index:
    """Names of one script: spelling → keys of places, and the lengths of names that begin alike."""

    keys: Mapping[str, tuple[str, ...]]
    lengths: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, names: Mapping[str, Iterable[str]]) -> Index:
        """Build the index of `names` (spelling → keys)."""
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in names:
            lengths[name[:HEAD]].add(len(name))
        return cls(
            {name: tuple(dict.fromkeys(keys)) for name, keys in names.items()},
            {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()},
        )


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The places and the ways to look them up."""

    places: Mapping[str, Place]
    thai: Index
    thai_folded: Index
    latin: Mapping[str, tuple[str, ...]]  # letters only, lower case, as spelt officially or in aliases
    latin_folded: Mapping[str, tuple[str, ...]]
    other: Index  # names in Burmese, Lao and Khmer script
    postcodes: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]
    initials: Mapping[
        str, tuple[tuple[str, tuple[str, ...]], ...]
    ]  # folded Thai names by their first consonant
    latin_heads: frozenset[str]  # how folded Latin names begin
    latin_known: tuple[
        str, ...
    ]  # folded Latin names of provinces, districts and areas, for spellings only alike
    seat_districts: tuple[str, ...]  # every "อำเภอเมือง…"
    outlines: Mapping[str, shapely.Geometry]
    version: int = 0

    def lineage(self, key: str) -> tuple[str, ...]:
        """Return the codes of a place from the province down to itself; empty abroad."""
        code = self.places[key].code
        return tuple(code[:length] for length in (2, 4, 6) if len(code) >= length)


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
def aliases() -> dict[str, list[dict[str, object]]]:
    """Return `data/aliases.json` (read once)."""
    loaded: dict[str, list[dict[str, object]]] = json.loads((DATA / "aliases.json").read_text("utf-8"))
    return loaded


def _units() -> dict[str, Place]:
    """Return the official units with the packaged points; a unit without its own borrows that of the unit above."""
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


def _reach_m(outline: shapely.Geometry) -> int:
    """Return the radius in metres of a circle as large as the outline, a little widened: units are no circles."""
    middle = math.radians(outline.centroid.y)
    square_km = outline.area * 111.2**2 * math.cos(middle)
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


def _place_of(row: dict[str, object], *, key: str, code: str, level: Level, country: str) -> Place:
    return Place(
        key=key,
        code=code,
        level=level,
        name_th=str(row["name_th"]),
        name_en=str(row["name_en"]),
        lat=float(str(row["lat"])),
        lng=float(str(row["lng"])),
        accuracy_m=int(str(row["accuracy_m"])),
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
            names.add(
                re.sub(r"^(Khet|Amphoe|Mueang) ", "", place.name_en)
                if place.level == "province"
                else place.name_en,
                place.key,
            )
        if place.level == "district" and place.name_en.startswith("Mueang "):
            for other in ("Muang ", "Meuang ", "Maung "):
                names.add(other + place.name_en.removeprefix("Mueang "), place.key)
    for row in aliases()["names"]:
        for name in row["names"]:  # type: ignore[attr-defined]
            if str(row["code"]) in places:
                names.add(name, str(row["code"]))
    for kind, prefix in (("areas", "area:{key}"), ("abroad", "abroad:{country}:{name_en}")):
        for row in aliases()[kind]:
            key = prefix.format(**row)
            for name in row["names"] if key in places else ():  # type: ignore[attr-defined]
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
    children: dict[str, list[str]] = defaultdict(list)
    for place in places.values():
        for postcode in place.postcodes:
            postcodes[postcode].append(place.key)
        if place.key == place.code and place.level in {"district", "subdistrict"}:
            children[place.code[:-2]].append(place.code)
    initials: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for name, keys in folded_thai.items():
        initials[consonant(name)].append((name, tuple(dict.fromkeys(keys))))
    known = {key for key, place in places.items() if place.level in {"province", "district", "area"}}
    return Gazetteer(
        places=places,
        thai=Index.of(names.thai),
        thai_folded=Index.of(folded_thai),
        latin={name: tuple(dict.fromkeys(keys)) for name, keys in names.latin.items()},
        latin_folded={name: tuple(dict.fromkeys(keys)) for name, keys in folded_latin.items()},
        other=Index.of(names.other),
        postcodes={code: tuple(keys) for code, keys in postcodes.items()},
        children={code: tuple(keys) for code, keys in children.items()},
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


@cache
def _packaged() -> Gazetteer:
    """Return the gazetteer of the packaged data alone."""
    return build()


class _Holder:
    """The gazetteer in use, and when the source was last asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.source: Source | None = None
        self.every_s = 1.0
        self.asked_at = float("-inf")
        self.current: Gazetteer | None = None

    def refresh(self) -> None:
        """Ask the source, and rebuild when it has something newer."""
        self.asked_at = time.monotonic()
        version = self.source.version() if self.source is not None else None
        if self.source is not None and version and (self.current is None or self.current.version != version):
            self.current = build(self.source.overlay())
        elif self.current is None or (version == 0 and self.current.version):
            self.current = _packaged()


_holder = _Holder()


def use_source(source: Source | None, *, every_s: float = 1.0) -> None:
    """Read imported files from `source`, asked at most once in `every_s` seconds; None: packaged data only."""
    with _holder.lock:
        _holder.source, _holder.every_s = source, every_s
        _holder.asked_at, _holder.current = float("-inf"), None


def gazetteer() -> Gazetteer:
    """Return the gazetteer in use; builds it on first use and after an import.

    Inside a running event loop the source is asked in a thread, and what it says is in use from the next call on.
    """
    held = _holder.current
    if held is not None and time.monotonic() - _holder.asked_at < _holder.every_s:
        return held
    in_loop = _in_event_loop()
    if held is not None and not _holder.lock.acquire(blocking=False):
        return held  # somebody else is asking just now
    if held is None:
        _holder.lock.acquire()
    try:
        if in_loop:
            _holder.current = _holder.current or _packaged()
            if _holder.source is not None:
                _holder.asked_at = time.monotonic()
                threading.Thread(target=_refresh_in_thread, name="places-refresh", daemon=True).start()
        elif _holder.current is None or time.monotonic() - _holder.asked_at >= _holder.every_s:
            _holder.refresh()
        assert _holder.current is not None
        return _holder.current
    finally:
        _holder.lock.release()


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _refresh_in_thread() -> None:
    source = _holder.source
    try:
        refresh()
    finally:
        if source is not None:
            source.close()


def refresh() -> Gazetteer:
    """Ask the source now, whatever was asked last; what an import calls in its own process."""
    with _holder.lock:
        _holder.refresh()
        assert _holder.current is not None
        return _holder.current
