"""From a point to what it means: which units, in words; abroad or at sea; near the border; on an island.

    >>> locate(18.796, 98.953).area.district
    '5001'

Without imported outlines the province comes from packaged outlines (error a few km) and the district from
the nearest seat in it: good enough to name the area and to ask the units that answer for it, and told so in
`reasons`. The line between Thailand, a neighbour and the sea is the packaged country outline (error about
250 m), never an imported one.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

import h3

from esshelpme.places.coordinates import check
from esshelpme.places.gazetteer import gazetteer
from esshelpme.places.outlines import Areas, areas, countries, country_names, km_between, km_to_land_border
from esshelpme.places.units import DATA, Gazetteer

COAST_KM = 5.0  # water this near to Thai land is the shore, a pier, a flat coast drawn coarsely: not "at sea"
OUTLINE_KM = 0.25  # error of the outlines: a pin this little over the border is not told to be abroad
FARTHEST_UNIT_KM = 60.0
REGION = (1.0, 24.0, 92.0, 110.5)  # south, north, west, east: where the packaged outlines reach
AT_BORDER_KM = (
    3.0  # docs/conversation.md: nearer than this is dispatched by the same rules, outlines being coarse
)
PROVINCE_ERROR_KM = 6.0
OUTSIDE_WEIGHT = 6.0  # how much more a km outside a province's outline counts than a km from a seat

Where = Literal["THAILAND", "ABROAD", "SEA"]


@dataclass(frozen=True, slots=True)
class Area:
    """Codes of the units a point lies in (TIS-1099), None where unknown."""

    province: str | None = None
    district: str | None = None
    subdistrict: str | None = None

    @property
    def code(self) -> str | None:
        """Return the code of the smallest unit known."""
        return self.subdistrict or self.district or self.province

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the known codes, the largest unit first."""
        return tuple(code for code in (self.province, self.district, self.subdistrict) if code)


@dataclass(frozen=True, slots=True)
class Island:
    """An island, or a group, that is reached only by boat."""

    key: str
    name_th: str
    name_en: str
    unit: str
    codes: tuple[str, ...]
    lat: float
    lng: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class Located:
    """What a point means.

    `near_border_km`: distance to Thailand's land border in km, on either side of it. `country`: ISO code,
    "TH" in Thailand and in its waters, None when unknown. `island`: reached only by boat, else None (by
    road).
    """

    lat: float
    lng: float
    where: Where
    area: Area
    country: str | None
    near_border_km: float
    island: str | None
    names_th: tuple[str, ...]
    names_en: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def province(self) -> str | None:
        """Return the province's code."""
        return self.area.province

    @property
    def district(self) -> str | None:
        """Return the district's code."""
        return self.area.district

    @property
    def subdistrict(self) -> str | None:
        """Return the subdistrict's code."""
        return self.area.subdistrict

    @property
    def country_names(self) -> tuple[str, str] | None:
        """Return the country's (Thai, English) names; None when unknown."""
        return country_names().get(self.country) if self.country else None

    @property
    def at_border(self) -> bool:
        """Say whether the place is less than 3 km from the land border (docs/conversation.md)."""
        return self.near_border_km < AT_BORDER_KM


@cache
def islands() -> tuple[Island, ...]:
    """Return every island reached only by boat (`data/islands.json`)."""
    rows = json.loads((DATA / "islands.json").read_text("utf-8"))["islands"]
    return tuple(
        Island(
            r["key"],
            r["name_th"],
            r["name_en"],
            r["unit"],
            tuple(r["codes"]),
            r["lat"],
            r["lng"],
            r["radius_km"],
        )
        for r in rows
    )


def cell(lat: float, lng: float, res: int = 7) -> str:
    """Return the h3 cell of a point; resolution 7 is about 5 km², 9 about 0.1 km².

    ValueError for a point that cannot be one.
    """
    check(lat, lng)
    return str(h3.latlng_to_cell(lat, lng, res))


def locate(lat: float, lng: float, accuracy_m: float | None = None) -> Located:
    """Return what a point means. ValueError, saying the remedy, for NaN, out of range, or 0, 0.

    `accuracy_m` is the radius the position is good for; it never changes the answer, only adds reasons.
    """
    check(lat, lng)
    places = gazetteer()
    held = areas(places)
    where, country, reasons = _where(lat, lng)
    if where == "SEA" and island_at(lat, lng):  # islets smaller than the outlines show
        where, country, reasons = "THAILAND", "TH", []
    in_region = REGION[0] <= lat <= REGION[1] and REGION[2] <= lng <= REGION[3]
    border_km = km_to_land_border(lat, lng) if in_region else _far(lat, lng)
    if accuracy_m is not None and math.isfinite(accuracy_m) and accuracy_m / 1000 > border_km:
        reasons.append("ACCURACY_CROSSES_BORDER")
    area, island = Area(), None
    if where != "ABROAD" or border_km < AT_BORDER_KM:
        # At sea the nearest coast answers; just over the border the units of the Thai side are asked
        # (docs/conversation.md).
        area, found = _area(lat, lng, held, places)
        if where == "ABROAD":
            found = [*found, "THAI_SIDE"]
        island = _island(lat, lng, area, exact=held.districts is not None)
        if island is not None:
            found = [*found, "ISLAND"]
            if "NEAREST_SEAT" in found:  # across the water another province's seat may be nearer
                code = island.unit
                area, found = Area(code[:2], code[:4], code if len(code) == 6 else None), ["ISLAND"]
        reasons += found
    units = [places.places[code] for code in area.codes if code in places.places]
    return Located(
        lat=lat,
        lng=lng,
        where=where,
        area=area,
        country=country,
        near_border_km=round(border_km, 2),
        island=island.key if island else None,
        names_th=tuple(unit.name_th for unit in units),
        names_en=tuple(unit.name_en for unit in units),
        reasons=tuple(reasons),
    )


def _far(lat: float, lng: float) -> float:
    """Return the distance to the middle of Thailand less its reach: only its size counts so far away."""
    return max(1000.0, km_between(lat, lng, 13.0, 101.0) - 1000.0)


def _where(lat: float, lng: float) -> tuple[Where, str | None, list[str]]:
    south, north, west, east = REGION
    if not (south <= lat <= north and west <= lng <= east):
        return "ABROAD", None, ["FAR_FROM_THAILAND"]
    shapes = countries()
    inside = shapes.at(lat, lng)
    if inside == "TH":
        return "THAILAND", "TH", []
    if inside is None:
        return _beside_land(lat, lng)
    if "TH" in shapes.nearby(lat, lng, OUTLINE_KM):
        return "THAILAND", "TH", ["ON_THE_BORDER"]
    return "ABROAD", inside, ["IN_ANOTHER_COUNTRY"]


def _beside_land(lat: float, lng: float) -> tuple[Where, str | None, list[str]]:
    """Tell shore and river from the open sea, for a point on nobody's land."""
    near = countries().nearby(lat, lng, COAST_KM)
    home_km = near.pop("TH", math.inf)
    country, other_km = min(near.items(), key=lambda item: item[1], default=(None, math.inf))
    if home_km <= COAST_KM and (home_km <= other_km or home_km <= OUTLINE_KM):
        return "THAILAND", "TH", ["BESIDE_THE_COAST"]
    if country is not None:
        return "ABROAD", country, ["BESIDE_ANOTHER_COAST"]
    return "SEA", None, ["AT_SEA"]


def _area(lat: float, lng: float, held: Areas, places: Gazetteer) -> tuple[Area, list[str]]:
    """Return the units of a point and how they were found."""
    if held.subdistricts is not None and (code := held.subdistricts.at(lat, lng)):
        return Area(code[:2], code[:4], code), ["OUTLINE"]
    if held.districts is not None:
        code = held.districts.at(lat, lng)
        found = (code, 0.0) if code else held.districts.nearest(lat, lng, FARTHEST_UNIT_KM)
        if found is not None:
            reasons = ["OUTLINE"] if code else ["NEAREST_OUTLINE"]
            return Area(found[0][:2], found[0], _subdistrict(lat, lng, found[0], held)), reasons
    return _by_seats(lat, lng, held, places)


def _subdistrict(lat: float, lng: float, district: str, held: Areas) -> str | None:
    """Return the subdistrict whose imported point is nearest within the district."""
    if held.sub_points is None:
        return None
    near = (code for code, _ in held.sub_points.nearest(lat, lng, 12) if code.startswith(district))
    return next(near, None)


def _by_seats(lat: float, lng: float, held: Areas, places: Gazetteer) -> tuple[Area, list[str]]:
    """Choose the district whose seat is nearest, held to the province whose outline holds the point."""
    reach = 0.0 if held.exact_provinces else PROVINCE_ERROR_KM
    inside = held.provinces.at(lat, lng)
    near = held.provinces.nearby(lat, lng, max(reach, 0.01)) if inside else {}
    if not inside:
        nearest = held.provinces.nearest(lat, lng, FARTHEST_UNIT_KM)
        near = {nearest[0]: nearest[1]} if nearest else {}
    best: tuple[float, str] | None = None
    for code, km in held.seats.nearest(lat, lng, 32):
        # A neighbouring province's seat must be much nearer, as the point lies outside that province by so
        # much.
        outside = near.get(code[:2], FARTHEST_UNIT_KM)
        cost = km + OUTSIDE_WEIGHT * outside
        if best is None or cost < best[0]:
            best = (cost, code)
    if best is None:
        return Area(), ["NO_UNIT_NEAR"]
    code = best[1][:4]
    if near and code[:2] not in near:
        return Area(min(near, key=lambda c: near[c])), ["PROVINCE_ONLY"]
    return Area(code[:2], code, None), ["NEAREST_SEAT"]


def island_at(lat: float, lng: float) -> str | None:
    """Return the key of the island reached only by boat that a point lies on.

    None on the mainland and on islands with a bridge.
    """
    found = _island(lat, lng, Area(), exact=False)
    return found.key if found else None


def island_by_key(key: str) -> Island | None:
    """Return an island by its key."""
    return next((island for island in islands() if island.key == key), None)


def _island(lat: float, lng: float, area: Area, *, exact: bool) -> Island | None:
    """Return the island reached by boat that the point lies on; the smallest circle when several hold it."""
    codes = set(area.codes)
    on = [
        island
        for island in islands()
        if abs(island.lat - lat) < 0.2 and km_between(lat, lng, island.lat, island.lng) <= island.radius_km
    ]
    if exact and not on:
        on = [island for island in islands() if codes & set(island.codes)]
    return min(on, key=lambda island: island.radius_km) if on else None
