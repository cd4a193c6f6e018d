"""Units for the picker of "assign": able ones first, nearest first, with what speaks for and against each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from esshelpme.directory.models import Unit
from esshelpme.dispatch.duty import members_on_duty
from esshelpme.dispatch.models import Assignment
from esshelpme.dispatch.states import ACTIVE, LIVE
from esshelpme.incidents.models import Incident
from esshelpme.incidents.place import Place, distance_km

AT_MOST = 40


@dataclass(frozen=True, slots=True)
class UnitOption:
    unit: Unit
    km: float | None
    in_area: bool
    on_duty: bool
    handles: bool  # its kinds have this incident's
    busy: int  # other incidents it is on now
    here: str  # its status in this incident, or empty
    members: int  # members with LINE on duty


def options(
    incident: Incident, place: Place | None, *, search: str = "", types: list[str] | None = None, at: datetime
) -> list[UnitOption]:
    """At most 40 units. Without a place: those of the wanted types by name."""
    rows = Unit.objects.select_related("agency")
    if types:
        rows = rows.filter(agency_type__in=types)
    if search:
        rows = rows.filter(
            Q(name_th__icontains=search) | Q(name_en__icontains=search) | Q(code__icontains=search)
        )
    units = list(_near(rows, place))
    ids = [unit.pk for unit in units]
    lines = members_on_duty(ids, at=at)
    busy: dict[int, int] = {}
    here: dict[int, str] = {}
    for unit_id, incident_id, status in Assignment.objects.filter(
        unit_id__in=ids, status__in=LIVE
    ).values_list("unit_id", "incident_id", "status"):
        if incident_id == incident.pk:
            here[unit_id] = status
        elif status in ACTIVE:
            busy[unit_id] = busy.get(unit_id, 0) + 1
    found = [
        UnitOption(
            unit=unit,
            km=None if place is None else distance_km(place.lat, place.lng, unit.lat, unit.lng),
            in_area=place is not None and bool(set(unit.areas) & set(place.areas)),
            on_duty=unit.on_duty,
            handles=incident.kind == "UNKNOWN" or incident.kind in unit.kinds,
            busy=busy.get(unit.pk, 0),
            here=here.get(unit.pk, ""),
            members=len(lines.get(unit.pk, [])),
        )
        for unit in units
    ]
    found.sort(key=lambda o: (not o.on_duty, not o.handles, not o.in_area, o.km if o.km is not None else 0.0))
    return found[:AT_MOST]


def _near(rows: QuerySet[Unit], place: Place | None) -> QuerySet[Unit]:
    if place is None:
        return rows.order_by("name_th")[: AT_MOST * 2]
    # The same expression as dispatch's index (GiST, k nearest neighbours).
    near = RawSQL(  # constant text, bound values
        "on_earth(directory_unit.lat, directory_unit.lng) <-> on_earth(%s, %s)", (place.lat, place.lng)
    )
    return rows.annotate(near=near).order_by("near")[: AT_MOST * 2]
