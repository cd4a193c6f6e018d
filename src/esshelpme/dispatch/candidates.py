"""Finding able units, with the members an offer would reach: one query for all needs of an incident.

By area through GIN, by nearness through GiST (k nearest neighbours on the sphere); see the directory's migrations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from esshelpme.dispatch.choose import Candidate
from esshelpme.incidents.place import Place, distance_km
from esshelpme.incidents.states import Kind
from esshelpme.places import gazetteer, island_at

# More than a ring needs, so that units offered before and passed over leave enough.
AT_MOST = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A member on duty who can be reached over LINE."""

    member_id: int
    user_id: str
    language: str


@dataclass(frozen=True, slots=True)
class Able:
    """An able unit and whom of it an offer reaches."""

    candidate: Candidate
    lines: tuple[Line, ...]


# The unit's own switch, refined by shifts where the unit has any.
_ON_DUTY = """u.on_duty AND (
        NOT EXISTS (SELECT 1 FROM directory_shift s WHERE s.unit_id = u.id)
        OR EXISTS (SELECT 1 FROM directory_shift s
                   WHERE s.unit_id = u.id AND s.starts_at <= %(at)s AND s.ends_at > %(at)s))"""
_ABLE = f"""u.agency_type = t.type AND (%(any_kind)s OR u.kinds @> ARRAY[%(kind)s]::varchar[])
        AND NOT u.id = ANY(%(skip)s::bigint[]) AND {_ON_DUTY}"""
_NEAREST = "on_earth(u.lat, u.lng) <-> on_earth(%(lat)s, %(lng)s)"
# OFFSET 0 keeps the two steps apart: the few who answer for the area by GIN first, then their order; else the
# planner walks all units by nearness in the hope of meeting them.
_BY_AREA = f"""(SELECT u.* FROM (
        SELECT * FROM directory_unit WHERE areas && %(areas)s::varchar[] OFFSET 0) u
     WHERE {_ABLE} ORDER BY {_NEAREST} LIMIT {AT_MOST})"""
# The straight line through the Earth is shorter than the way around it: what it lets in, the exact check decides.
_BY_RADIUS = f"""(SELECT u.* FROM directory_unit u WHERE {_ABLE} AND {_NEAREST} <= u.radius_km
     ORDER BY {_NEAREST} LIMIT {AT_MOST})"""
_ANYWHERE = f"(SELECT u.* FROM directory_unit u WHERE {_ABLE} ORDER BY {_NEAREST} LIMIT {AT_MOST})"
# On duty of the unit, with LINE: all of a unit without shifts, else who has one now (a shift without a member is
# the whole unit's).
_LINES = """
    SELECT json_agg(json_build_array(m.id, m.line_user_id, COALESCE((
               SELECT c.language FROM contacts_contact c
               WHERE c.channel = 'LINE' AND c.address = m.line_user_id AND c.language_from <> 'DEFAULT'
           ), 'th')) ORDER BY m.code) AS lines
    FROM directory_member m
    WHERE m.unit_id = u.id AND m.active AND m.line_user_id IS NOT NULL AND (
        NOT EXISTS (SELECT 1 FROM directory_shift s WHERE s.unit_id = u.id)
        OR EXISTS (SELECT 1 FROM directory_shift s
                   WHERE s.unit_id = u.id AND s.starts_at <= %(at)s AND s.ends_at > %(at)s
                     AND (s.member_id IS NULL OR s.member_id = m.id)))"""


def _query(source: str) -> str:
    return f"""
SELECT t.type, u.id, u.code, u.lat, u.lng, u.radius_km, u.areas, u.reach, u.contact,
       u.duty_phone <> '' OR a.duty_phone <> '', m.lines
FROM unnest(%(types)s::text[]) AS t (type)
CROSS JOIN LATERAL ({source}) u
JOIN directory_agency a ON a.id = u.agency_id
LEFT JOIN LATERAL ({_LINES}) m ON u.contact = 'LINE'"""


_NEAR = _query(f"{_BY_AREA} UNION {_BY_RADIUS}")
_FAR = _query(_ANYWHERE)


def able_units(
    types: Sequence[str], *, kind: str, place: Place, at: datetime, skip: Iterable[int] = ()
) -> dict[str, list[Able]]:
    """Able units by type: those answering for the place's area, and the nearest within their radius.

    Only for a type that has neither, or none that can be reached: the nearest anywhere. `skip` are units not to be
    asked.
    """
    values: dict[str, Any] = {
        "types": list(types),
        "kind": kind,
        "any_kind": kind == Kind.UNKNOWN,
        "lat": place.lat,
        "lng": place.lng,
        "areas": answering_areas(place),
        "at": at,
        "skip": list(skip),
    }
    found = _find(_NEAR, values, place)
    missing = [type_ for type_ in types if not any(able.candidate.reachable for able in found.get(type_, ()))]
    if missing:
        found |= _find(_FAR, {**values, "types": missing}, place)
    return {type_: found.get(type_, []) for type_ in types}


def answering_areas(place: Place) -> list[str]:
    """Codes whose units answer for the place. While its subdistrict is unknown, those of every subdistrict of its
    district do: better asked in vain than not asked."""
    codes = place.areas
    if place.district and not place.subdistrict:
        codes = [*codes, *_subdistricts(place.district)]
    return codes


@cache
def _subdistricts(district: str) -> tuple[str, ...]:
    return tuple(code for code in gazetteer().places if len(code) == 6 and code.startswith(district))


def _find(query: str, values: dict[str, Any], place: Place) -> dict[str, list[Able]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows = cursor.fetchall()
    found: dict[str, list[Able]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(_able(row, set(values["areas"]), place))
    return found


def _able(row: tuple[Any, ...], areas: set[str], place: Place) -> Able:
    _, pk, code, lat, lng, radius_km, own_areas, reach, contact, has_phone, lines = row
    km = distance_km(place.lat, place.lng, lat, lng)
    reached = tuple(Line(*line) for line in lines or ())
    return Able(
        Candidate(
            unit_id=pk,
            code=code,
            distance_km=km,
            answers_for_area=not areas.isdisjoint(own_areas),
            within_radius=km <= radius_km,
            same_island=not place.island or island_at(lat, lng) == place.island,
            reach=reach,
            contact="LINE" if contact == "LINE" and reached else "PHONE",
            reachable=bool(reached) or has_phone,
        ),
        reached,
    )
