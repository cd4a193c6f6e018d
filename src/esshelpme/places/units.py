"""The parts of the gazetteer: places, indexes of their names, and what imported files say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from shapely.geometry.base import BaseGeometry

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

    `key` is unique in the gazetteer; `code` is the official TIS-1099 code (2, 4 or 6 digits) of the unit
    itself or of the unit that holds the area, empty abroad. Coordinates are WGS 84 degrees, `accuracy_m` is
    in metres.
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
    outlines: Mapping[str, BaseGeometry] = field(default_factory=dict)


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
    children: Mapping[str, tuple[str, ...]]  # code → codes of the districts or subdistricts in it
    thai: Index
    thai_folded: Index
    latin: Mapping[str, tuple[str, ...]]  # letters only, lower case, as spelt officially or in aliases
    latin_folded: Mapping[str, tuple[str, ...]]
    other: Index  # names in Burmese, Lao and Khmer script
    postcodes: Mapping[str, tuple[str, ...]]
    # Folded Thai names by their first consonant.
    initials: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
    latin_heads: frozenset[str]  # how folded Latin names begin
    # Folded Latin names of provinces, districts and areas, for spellings that are only alike.
    latin_known: tuple[str, ...]
    seat_districts: tuple[str, ...]  # every "อำเภอเมือง…"
    outlines: Mapping[str, BaseGeometry]
    version: int = 0


def of_levels(places: Gazetteer, keys: tuple[str, ...], levels: tuple[Level, ...]) -> tuple[str, ...]:
    """Return those keys whose place is of one of these levels."""
    return tuple(key for key in keys if places.places[key].level in levels)
