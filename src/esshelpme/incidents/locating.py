"""From coordinates to a `Place`: areas, flags, islands."""

from __future__ import annotations

from esshelpme.incidents.place import Place, distance_km
from esshelpme.places import Area, Located, cell, find_places, locate

CELL_RESOLUTION = 7
DISTRICT_DIGITS = 4
# A named area whose point is farther from the pin than this is somewhere else.
AGREE_KM = 20.0


def place_at(
    lat: float,
    lng: float,
    *,
    source: str,
    accuracy_m: float | None = None,
    address: str = "",
    ambiguous: bool = False,
) -> Place:
    """The place at a point. Raises `ValueError` for impossible coordinates, saying the remedy."""
    found = locate(lat, lng, accuracy_m)
    flag = {"ABROAD": "ABROAD", "SEA": "SEA", "THAILAND": ""}[found.where]
    if found.at_border and flag != "SEA":
        flag = "BORDER"  # outlines are coarse: dispatched by the same rules without waiting, and flagged
    area = _named_area(found, address) or found.area
    return Place(
        lat=lat,
        lng=lng,
        source=source,
        accuracy_m=accuracy_m,
        address=address,
        province=area.province or "",
        district=area.district or "",
        subdistrict=area.subdistrict or "",
        flag=flag,
        country=found.country or "",
        island=found.island or "",
        ambiguous=ambiguous,
        cell=cell(lat, lng, CELL_RESOLUTION),
    )


def _named_area(found: Located, address: str) -> Area | None:
    """The area that the address under a pin names, when the outlines only guess it and the two agree.

    Without official outlines the district is that of the nearest seat; the phone's own map knows better.
    """
    if not address or found.area.subdistrict is not None or found.area.province is None:
        return None
    named = find_places(address, near=(found.lat, found.lng)).best
    if named is None or len(named.code) < DISTRICT_DIGITS or named.code[:2] != found.area.province:
        return None
    if distance_km(found.lat, found.lng, named.lat, named.lng) > AGREE_KM:
        return None
    return Area(named.code[:2], named.code[:4], named.code if len(named.code) > DISTRICT_DIGITS else None)
