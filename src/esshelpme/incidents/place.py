"""Where an incident is: the exact place as it was given, never a re-geocoded guess."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import Any

from esshelpme.incidents.models import Incident
from esshelpme.privacy.content import keep, reveal_mapping
from esshelpme.privacy.models import Content

EARTH_KM = 6371.0088  # IUGG mean radius
# A place known only to this accuracy or worse is an area: no navigation, and a call-taker asks at once.
WIDE_ABOVE_M = 500.0
# So many characters of the words that named a place are kept beside it.
ADDRESS_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the person, the phone or staff gave it. Degrees (WGS 84), metres."""

    lat: float
    lng: float
    source: str  # PIN, GPS, TEXT or STAFF
    accuracy_m: float | None = None
    address: str = ""
    province: str = ""
    district: str = ""
    subdistrict: str = ""
    flag: str = ""  # SEA, ABROAD, BORDER or empty
    country: str = ""
    island: str = ""
    ambiguous: bool = False
    cell: str = ""

    @property
    def wide(self) -> bool:
        """Whether only an area is known."""
        return self.accuracy_m is not None and self.accuracy_m > WIDE_ABOVE_M

    @property
    def area(self) -> str:
        """The finest area code known, or empty."""
        return self.subdistrict or self.district or self.province

    @property
    def areas(self) -> list[str]:
        """All area codes that hold the place, finest first."""
        return [code for code in (self.subdistrict, self.district, self.province) if code]


def keep_place(incident: Incident, place: Place, *, subject_id: int, at: datetime) -> Content:
    """Seal the exact place under the person's key and put what is coarse onto the incident (not saved)."""
    value: dict[str, Any] = {
        key: value
        for key, value in asdict(place).items()
        if key in {"lat", "lng", "address", "country", "island"}
    }
    content = keep(subject_id=subject_id, kind=Content.Kind.PLACE, value=value, at=at)
    incident.place = content
    incident.place_source, incident.place_accuracy_m = place.source, place.accuracy_m
    incident.place_flag, incident.place_ambiguous = place.flag, place.ambiguous
    incident.province, incident.district, incident.subdistrict = (
        place.province,
        place.district,
        place.subdistrict,
    )
    incident.cell = place.cell
    return content


PLACE_FIELDS = (
    "place",
    "place_source",
    "place_accuracy_m",
    "place_flag",
    "place_ambiguous",
    "place_said_at",
    "province",
    "district",
    "subdistrict",
    "cell",
)


def place_of(incident: Incident) -> Place | None:
    """The incident's place, or None when unknown or erased."""
    if incident.place_id is None:
        return None
    value = reveal_mapping(incident.place)
    if value is None:
        return None
    return Place(
        lat=value["lat"],
        lng=value["lng"],
        address=value.get("address", ""),
        country=value.get("country", ""),
        island=value.get("island", ""),
        source=incident.place_source,
        accuracy_m=incident.place_accuracy_m,
        province=incident.province,
        district=incident.district,
        subdistrict=incident.subdistrict,
        flag=incident.place_flag,
        ambiguous=incident.place_ambiguous,
        cell=incident.cell,
    )


def distance_km(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Great-circle distance in kilometres (haversine)."""
    a = (
        sin(radians(lat2 - lat1) / 2) ** 2
        + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lng2 - lng1) / 2) ** 2
    )
    return 2 * EARTH_KM * asin(sqrt(min(1.0, a)))
