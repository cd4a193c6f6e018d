"""From coordinates to a `Place`: areas, flags, islands."""

from __future__ import annotations

from esshelpme.incidents.place import Place
from esshelpme.places import cell, locate

CELL_RESOLUTION = 7


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
    return Place(
        lat=lat,
        lng=lng,
        source=source,
        accuracy_m=accuracy_m,
        address=address,
        province=found.area.province or "",
        district=found.area.district or "",
        subdistrict=found.area.subdistrict or "",
        flag=flag,
        country=found.country or "",
        island=found.island or "",
        ambiguous=ambiguous,
        cell=cell(lat, lng, CELL_RESOLUTION),
    )
