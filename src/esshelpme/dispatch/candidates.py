"""Finding able units in the database: by area (GIN) and by nearness (GiST, k nearest neighbours)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from esshelpme.dispatch.choose import Candidate
from esshelpme.incidents.locating import island_at
from esshelpme.incidents.place import Place, distance_km
from esshelpme.incidents.states import Kind
from esshelpme.places.gazetteer import gazetteer

# More than a ring needs, so that units offered before and passed over leave enough.
AT_MOST = 24

# On duty: the unit's own switch, refined by shifts where the unit has any.
_ON_DUTY = """u.on_duty AND (
    NOT EXISTS (SELECT 1 FROM directory_shift s WHERE s.unit_id = u.id)
    OR EXISTS (SELECT 1 FROM directory_shift s
               WHERE s.unit_id = u.id AND s.starts_at <= %(at)s AND s.ends_at > %(at)s))"""
_ABLE = f"u.agency_type = %(type)s AND (%(any_kind)s OR u.kinds @> ARRAY[%(kind)s]::varchar[]) AND {_ON_DUTY}"
_FIELDS = "u.id, u.code, u.lat, u.lng, u.radius_km, u.areas, u.reach, u.contact, u.duty_phone, a.duty_phone"
_NEAREST = "on_earth(u.lat, u.lng) <-> on_earth(%(lat)s, %(lng)s)"

_BY_AREA = f"""
SELECT {_FIELDS} FROM directory_unit u JOIN directory_agency a ON a.id = u.agency_id
WHERE u.areas && %(areas)s::varchar[] AND {_ABLE} AND NOT u.id = ANY(%(skip)s)
ORDER BY {_NEAREST} LIMIT {AT_MOST}"""
# The straight line through the Earth is shorter than the way around it: what it lets in, the exact check decides.
_BY_RADIUS = f"""
SELECT {_FIELDS} FROM directory_unit u JOIN directory_agency a ON a.id = u.agency_id
WHERE {_ABLE} AND NOT u.id = ANY(%(skip)s)
  AND on_earth(u.lat, u.lng) <-> on_earth(%(lat)s, %(lng)s) <= u.radius_km
ORDER BY {_NEAREST} LIMIT {AT_MOST}"""
_ANYWHERE = f"""
SELECT {_FIELDS} FROM directory_unit u JOIN directory_agency a ON a.id = u.agency_id
WHERE {_ABLE} AND NOT u.id = ANY(%(skip)s)
ORDER BY {_NEAREST} LIMIT {AT_MOST}"""

_WITH_LINE = """
SELECT DISTINCT m.unit_id FROM directory_member m
WHERE m.unit_id = ANY(%s) AND m.active AND m.line_user_id IS NOT NULL"""


def able_units(
    *, agency_type: str, kind: str, place: Place, at: datetime, skip: Iterable[int] = ()
) -> list[Candidate]:
    """Able units of one type for a place: those answering for its area, and the nearest within their radius.

    Only when there is none of either: the nearest of the type anywhere.
    """
    areas = answering_areas(place)
    values: dict[str, Any] = {
        "type": agency_type,
        "kind": kind,
        "any_kind": kind == Kind.UNKNOWN,
        "lat": place.lat,
        "lng": place.lng,
        "areas": areas,
        "at": at,
        "skip": list(skip),
    }
    rows: dict[int, tuple[Any, ...]] = {}
    with connection.cursor() as cursor:
        for query in (_BY_AREA, _BY_RADIUS) if areas else (_BY_RADIUS,):
            cursor.execute(query, values)
            rows |= {row[0]: row for row in cursor.fetchall()}
        if not rows:
            cursor.execute(_ANYWHERE, values)
            rows = {row[0]: row for row in cursor.fetchall()}
        cursor.execute(_WITH_LINE, [list(rows)])
        with_line = {row[0] for row in cursor.fetchall()}
    return [_candidate(row, place, areas, with_line) for row in rows.values()]


def answering_areas(place: Place) -> list[str]:
    """Codes whose units answer for the place. While its subdistrict is unknown, those of every subdistrict of its
    district do: better asked in vain than not asked."""
    codes = place.areas
    if place.district and not place.subdistrict:
        codes = [*codes, *gazetteer().children.get(place.district, ())]
    return codes


def _candidate(row: tuple[Any, ...], place: Place, areas: list[str], with_line: set[int]) -> Candidate:
    pk, code, lat, lng, radius_km, own_areas, reach, contact, phone, agency_phone = row
    unit_areas = set(own_areas)
    km = distance_km(place.lat, place.lng, lat, lng)
    can_line = contact == "LINE" and pk in with_line
    return Candidate(
        unit_id=pk,
        code=code,
        distance_km=km,
        answers_for_area=not unit_areas.isdisjoint(areas),
        within_radius=km <= radius_km,
        same_island=not place.island or island_at(lat, lng) == place.island,
        reach=reach,
        contact="LINE" if can_line else "PHONE",
        reachable=can_line or bool(phone or agency_phone),
    )
