"""Incidents that may be the same one: near in place and in time. Proposed here, decided by people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import h3

from esshelpme.access.officer import Officer
from esshelpme.incidents.access import visible_to
from esshelpme.incidents.models import Incident
from esshelpme.incidents.place import distance_km, place_of
from esshelpme.incidents.states import OPEN, Status

WITHIN = timedelta(hours=2)
AT_MOST = 8
# Telephone callers of one thing give the same number of metres apart at most, when both points are exact.
NEAR_KM = 3.0


@dataclass(frozen=True, slots=True)
class Nearby:
    incident: Incident
    km: float | None
    minutes: int
    same_kind: bool


def nearby(
    officer: Officer,
    *,
    cell: str,
    lat: float | None,
    lng: float | None,
    kind: str,
    at: datetime,
    but: Incident | None = None,
) -> list[Nearby]:
    """Open (or just resolved) incidents in the same or a neighbouring cell, opened within 2 h of `at`."""
    if not cell or not h3.is_valid_cell(cell):
        return []
    rows = (
        visible_to(officer)
        .filter(
            cell__in=list(h3.grid_disk(cell, 1)),
            created_at__range=(at - WITHIN, at + WITHIN),
            status__in=[*(s.value for s in OPEN), Status.RESOLVED.value],
            exercise=bool(but and but.exercise),
        )
        .select_related("place")
        .order_by("-created_at")
    )
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    found = []
    for incident in rows[: AT_MOST * 3]:
        place = place_of(incident)
        km = None
        if place is not None and lat is not None and lng is not None:
            km = distance_km(lat, lng, place.lat, place.lng)
            if km > NEAR_KM and not place.wide:
                continue
        minutes = int(abs((at - incident.created_at).total_seconds()) // 60)
        found.append(Nearby(incident, km, minutes, incident.kind == kind))
    found.sort(key=lambda n: (not n.same_kind, n.km if n.km is not None else 99.0, n.minutes))
    return found[:AT_MOST]
