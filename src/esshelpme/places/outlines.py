"""Outlines of countries, provinces and imported units, ready to be asked "what lies here?".

Distances are great-circle approximations on a local plane, in km: exact enough for tens of kilometres.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from esshelpme.places.building import KM_PER_DEGREE
from esshelpme.places.units import DATA, Gazetteer, Place

_CELL_DEGREES = 0.5
OWN = frozenset({"import"})  # sources of points that are the unit's own, not borrowed from above


def km_between(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Return the great-circle distance between two points in km."""
    a, b = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lng2 - lng1) / 2) ** 2
    )
    return 12_742.0 * math.asin(min(1.0, math.sqrt(half)))


@dataclass(frozen=True, slots=True)
class Shapes:
    """Polygons with a code each, cut into small pieces so that a question touches few of them."""

    codes: tuple[str, ...]
    tree: shapely.STRtree
    pieces: np.ndarray  # polygon parts
    owner: np.ndarray  # piece → index in codes

    @classmethod
    def of(cls, shapes: Mapping[str, BaseGeometry]) -> Shapes:
        """Index polygons by code."""
        codes = tuple(shapes)
        pieces: list[BaseGeometry] = []
        owner: list[int] = []
        for index, code in enumerate(codes):
            for piece in _small(shapes[code]):
                pieces.append(piece)
                owner.append(index)
        array = np.array(pieces, dtype=object)
        shapely.prepare(array)
        return cls(codes, shapely.STRtree(array), array, np.array(owner, dtype=np.int64))

    def at(self, lat: float, lng: float) -> str | None:
        """Return the code of the polygon that holds the point; None outside all."""
        hits = self.tree.query(shapely.Point(lng, lat), predicate="intersects")
        return self.codes[self.owner[hits[0]]] if len(hits) else None

    def nearest(self, lat: float, lng: float, within_km: float) -> tuple[str, float] | None:
        """Return (code, km) of the nearest polygon, 0 km inside it.

        None when none lies within the distance.
        """
        found = self.nearby(lat, lng, within_km)
        return min(found.items(), key=lambda item: item[1]) if found else None

    def nearby(self, lat: float, lng: float, within_km: float) -> dict[str, float]:
        """Return code → km for every polygon within the distance."""
        point = shapely.Point(lng, lat)
        reach = within_km / KM_PER_DEGREE
        wide = reach / max(0.2, math.cos(math.radians(lat)))
        found: dict[str, float] = {}
        for index in self.tree.query(shapely.box(lng - wide, lat - reach, lng + wide, lat + reach)):
            km = _km(point, self.pieces[index])
            code = self.codes[self.owner[index]]
            if km <= within_km and km < found.get(code, math.inf):
                found[code] = km
        return found


def _km(point: shapely.Point, geometry: Any) -> float:
    """Return the distance of a point to a geometry in km."""
    line = shapely.shortest_line(point, geometry)
    (x1, y1), (x2, y2) = line.coords[0], line.coords[-1]
    return km_between(y1, x1, y2, x2)


def _small(geometry: BaseGeometry) -> Iterable[BaseGeometry]:
    """Cut polygons into pieces of at most half a degree."""
    for part in shapely.get_parts(geometry):
        west, south, east, north = part.bounds
        if max(east - west, north - south) <= _CELL_DEGREES:
            yield part
            continue
        for x in np.arange(math.floor(west / _CELL_DEGREES), math.ceil(east / _CELL_DEGREES)) * _CELL_DEGREES:
            for y in (
                np.arange(math.floor(south / _CELL_DEGREES), math.ceil(north / _CELL_DEGREES)) * _CELL_DEGREES
            ):
                cut = shapely.clip_by_rect(part, x, y, x + _CELL_DEGREES, y + _CELL_DEGREES)
                yield from (p for p in shapely.get_parts(cut) if p.geom_type == "Polygon" and not p.is_empty)


def _features(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((DATA / name).read_text("utf-8"))["features"]
    return loaded


@cache
def countries() -> Shapes:
    """Return Thailand and its neighbours (error about 250 m beside Thailand, km elsewhere)."""
    return Shapes.of(
        {
            f["properties"]["code"]: shapely.make_valid(shape(f["geometry"]))
            for f in _features("borders.geojson")
            if f["properties"]["kind"] == "country"
        }
    )


@cache
def country_names() -> dict[str, tuple[str, str]]:
    """Return country code → (Thai name, English name)."""
    rows = [f["properties"] for f in _features("borders.geojson")]
    return {r["code"]: (r["name_th"], r["name_en"]) for r in rows if r["kind"] == "country"}


@cache
def land_border() -> shapely.STRtree:
    """Return Thailand's land and river border as short pieces."""
    line = next(
        shape(f["geometry"]) for f in _features("borders.geojson") if f["properties"]["kind"] == "border"
    )
    pieces = [
        shapely.LineString(part.coords[i : i + 9])
        for part in shapely.get_parts(line)
        for i in range(0, len(part.coords) - 1, 8)
    ]
    return shapely.STRtree(pieces)


def km_to_land_border(lat: float, lng: float) -> float:
    """Return the distance to Thailand's land border in km, whichever side of it the point lies."""
    tree, point = land_border(), shapely.Point(lng, lat)
    index = tree.nearest(point)
    return _km(point, tree.geometries[index])


@cache
def packaged_provinces() -> Shapes:
    """Return the packaged outlines of the 77 provinces (error a few km)."""
    return Shapes.of(
        {
            f["properties"]["code"]: shapely.make_valid(shape(f["geometry"]))
            for f in _features("provinces.geojson")
        }
    )


class Areas:
    """The outlines in use for provinces, districts and subdistricts.

    And the seats for when there are none.
    """

    def __init__(self, places: Gazetteer) -> None:
        self.places = places
        by_length: dict[int, dict[str, BaseGeometry]] = {2: {}, 4: {}, 6: {}}
        for code, geometry in places.outlines.items():
            by_length[len(code)][code] = geometry
        self.provinces = Shapes.of(by_length[2]) if by_length[2] else packaged_provinces()
        self.exact_provinces = bool(by_length[2])
        self.districts = Shapes.of(by_length[4]) if by_length[4] else None
        self.subdistricts = Shapes.of(by_length[6]) if by_length[6] else None
        # Imported points of subdistricts tell districts apart better than seats alone.
        self.seats = _Points(
            [
                p
                for p in places.places.values()
                if p.level == "district" or (p.level == "subdistrict" and p.source in OWN)
            ]
        )
        own = [p for p in places.places.values() if p.level == "subdistrict" and p.source == "import"]
        self.sub_points = _Points(own) if own else None


class _Points:
    """Points with a code each, asked for the nearest on a local plane."""

    def __init__(self, places: Iterable[Place]) -> None:
        rows = list(places)
        self.codes = [p.code for p in rows]
        self.lat = np.array([p.lat for p in rows])
        self.lng = np.array([p.lng for p in rows])

    def nearest(self, lat: float, lng: float, count: int) -> list[tuple[str, float]]:
        """Return the nearest codes with their distance in km."""
        north = (self.lat - lat) * KM_PER_DEGREE
        east = (self.lng - lng) * (KM_PER_DEGREE * math.cos(math.radians(lat)))
        km = north * north + east * east
        count = min(count, len(self.codes))
        best = np.argpartition(km, count - 1)[:count]
        return sorted(((self.codes[i], float(math.sqrt(km[i]))) for i in best), key=lambda pair: pair[1])


_areas_of: list[Areas] = []


def areas(places: Gazetteer) -> Areas:
    """Return the areas of a gazetteer (kept for the one in use)."""
    held = _areas_of[0] if _areas_of else None
    if held is None or held.places is not places:
        held = Areas(places)
        _areas_of[:] = [held]
    return held
