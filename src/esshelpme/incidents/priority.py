"""How urgent an incident is, with the reasons. A pure table; staff may change the result, the reasons stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from esshelpme.incidents.states import Danger, Kind

HIGHEST, LOWEST = 1, 5

BASE: dict[Kind, int] = {
    Kind.ASSAULT: 2,
    Kind.CONFINEMENT: 2,
    Kind.SEXUAL: 2,
    Kind.DISTURBED: 2,
    Kind.UNKNOWN: 2,
    Kind.GATHERING: 3,
    Kind.OTHER: 4,
}
# Each sign raises by this many steps.
RAISES: dict[Danger, int] = {Danger.WEAPON: 1, Danger.CHILD: 1, Danger.INJURY: 1, Danger.FIRE: 1}


@dataclass(frozen=True, slots=True)
class Priority:
    level: int
    reasons: tuple[str, ...]


def priority(kind: str, dangers: Iterable[str], *, discreet: bool = False) -> Priority:
    """1 (highest) to 5, from the kind and the signs of danger."""
    level = BASE[Kind(kind)]
    reasons = [f"KIND:{kind}"]
    for danger in dangers:
        level -= RAISES.get(Danger(danger), 0)
        reasons.append(danger)
    if discreet and Kind(kind) not in (Kind.OTHER, Kind.GATHERING):
        reasons.append("DISCREET")
    return Priority(max(HIGHEST, min(LOWEST, level)), tuple(reasons))
