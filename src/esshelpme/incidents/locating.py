"""From coordinates to a `Place`: areas, flags, islands."""

from __future__ import annotations

from esshelpme.incidents.place import Place
from esshelpme.places import cell, locate

CELL_RESOLUTION = 7
BORDER_KM = 3.0


def place_at(
    lat: float, lng: float, *, source: str, accuracy_m: float | None = None, address: str = "", ambiguous: bool = False
) -> Place:
    """The place at a point. Raises `ValueError` for impossible coordinates."""
    found = locate(lat, lng)
    flag = {"ABROAD": "ABROAD", "SEA": "SEA"}.get(found.where, "")
    if found.near_border_km is not None and found.near_border_km < BORDER_KM and flag in ("", "ABROAD"):
        flag = "BORDER"  # outlines are coarse: dispatched by the same rules, and flagged
    inside = flag != "ABROAD"
    return Place(
        lat=lat,
        lng=lng,
        source=source,
        accuracy_m=accuracy_m,
        address=address,
        province=(found.province or "") if inside else "",
        district=(found.district or "") if inside else "",
        subdistrict=(found.subdistrict or "") if inside else "",
        flag=flag,
        country=found.country or "",
        island=found.island or "",
        ambiguous=ambiguous,
        cell=cell(lat, lng, CELL_RESOLUTION),
    )
