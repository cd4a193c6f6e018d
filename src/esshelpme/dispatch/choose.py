"""Choosing units: a pure function from able candidates to the next ring, with reasons for and against.

Order (docs/conversation.md): units answering for the place's area come first, then the nearest able ones. On an
island its own units come before any across the water, and units that only know roads are never sent over it while
others are left. Units without any way to be reached are passed over, and said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit on duty of the needed type, as the database found it."""

    unit_id: int
    code: str
    distance_km: float
    answers_for_area: bool
    within_radius: bool = True
    same_island: bool = True
    reach: str = "ROAD"
    contact: str = "LINE"
    reachable: bool = True  # has a member with LINE on duty, or a number to call


@dataclass(frozen=True, slots=True)
class Chosen:
    candidate: Candidate
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The next ring, and who was not chosen though near, with the reason."""

    ring: tuple[Chosen, ...]
    refused: tuple[tuple[str, str], ...]


def choose(
    candidates: Sequence[Candidate],
    *,
    size: int,
    already: frozenset[int] = frozenset(),
    across_water: bool = False,
) -> Choice:
    """Pick up to `size` units. `already` were offered before; `across_water`: the place is on an island."""
    refused: list[tuple[str, str]] = []
    left: list[Candidate] = []
    for candidate in candidates:
        if candidate.unit_id in already:
            refused.append((candidate.code, "OFFERED_BEFORE"))
        elif not candidate.reachable:
            refused.append((candidate.code, "NOBODY_TO_REACH"))
        else:
            left.append(candidate)
    # Beyond its radius a unit goes only when nobody else is left.
    near = [c for c in left if c.answers_for_area or c.within_radius]
    beyond = [] if near else left
    pool = sorted(near or beyond, key=lambda c: _rank(c, across_water))
    ring = tuple(Chosen(c, _reasons(c, across_water)) for c in pool[:size])
    refused.extend((c.code, "OTHERS_FIRST") for c in pool[size:])
    if near:
        refused.extend((c.code, "OUT_OF_RADIUS") for c in left if not (c.answers_for_area or c.within_radius))
    return Choice(ring, tuple(refused))


def _rank(candidate: Candidate, across_water: bool) -> tuple[int, float, str]:
    if across_water and not candidate.same_island:
        group = 2 if candidate.reach != "ROAD" else 3
    else:
        group = 0 if candidate.answers_for_area else 1
    return (group, candidate.distance_km, candidate.code)


def _reasons(candidate: Candidate, across_water: bool) -> tuple[str, ...]:
    reasons = []
    if candidate.answers_for_area:
        reasons.append("ANSWERS_FOR_AREA")
    if across_water:
        reasons.append("SAME_ISLAND" if candidate.same_island else f"ACROSS_WATER_{candidate.reach}")
    reasons.append("WITHIN_RADIUS" if candidate.within_radius else "NOBODY_NEARER_LEFT")
    return tuple(reasons)
