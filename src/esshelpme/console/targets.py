"""What burns: the clock of each phase of an incident, and the time it should not pass.

Targets are this deployment's promise to itself, by priority 1 (highest) to 5, in seconds; the board orders by them
and nothing else depends on them. A protocol may replace them later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from django.db.models import DateTimeField, IntegerField
from django.db.models.expressions import RawSQL

from esshelpme.incidents.states import OPEN, Status

# From the call for help to somebody's accept.
ACCEPT_WITHIN = {1: 60, 2: 120, 3: 300, 4: 900, 5: 1800}
# From the accept to the arrival.
ARRIVE_WITHIN = {1: 600, 2: 900, 3: 1800, 4: 3600, 5: 7200}
# From the arrival until somebody asks whether it is over.
SETTLE_WITHIN = {1: 2700, 2: 2700, 3: 3600, 4: 7200, 5: 7200}
# From "it is over" to the closing, with its outcome written down.
CLOSE_WITHIN = {1: 1800, 2: 1800, 3: 1800, 4: 3600, 5: 3600}

BOARD_STATUSES = (*OPEN, Status.RESOLVED)


class Phase(IntEnum):
    """The order of the board: unanswered before answered."""

    WAITING = 0
    COMING = 1
    THERE = 2
    SETTLED = 3


PHASE_OF: dict[str, Phase] = {
    Status.NEW: Phase.WAITING,
    Status.DISPATCHING: Phase.WAITING,
    Status.ACCEPTED: Phase.COMING,
    Status.EN_ROUTE: Phase.COMING,
    Status.ON_SCENE: Phase.THERE,
    Status.RESOLVED: Phase.SETTLED,
}
SINCE = {
    Phase.WAITING: "created_at",
    Phase.COMING: "accepted_at",
    Phase.THERE: "on_scene_at",
    Phase.SETTLED: "resolved_at",
}
WITHIN = {
    Phase.WAITING: ACCEPT_WITHIN,
    Phase.COMING: ARRIVE_WITHIN,
    Phase.THERE: SETTLE_WITHIN,
    Phase.SETTLED: CLOSE_WITHIN,
}


@dataclass(frozen=True, slots=True)
class Running:
    """The clock that counts now: since when, and the seconds it should not pass."""

    phase: Phase
    since: datetime
    target_s: int

    @property
    def due(self) -> datetime:
        return self.since + timedelta(seconds=self.target_s)

    def late_at(self, at: datetime) -> bool:
        return at > self.due


def running(*, status: str, priority: int, stamps: Mapping[str, datetime | None]) -> Running | None:
    """The clock of an incident in `status`; None when it has ended. `stamps`: the incident's times by field name."""
    phase = PHASE_OF.get(status)
    if phase is None:
        return None
    since = stamps.get(SINCE[phase]) or stamps["created_at"]
    assert since is not None
    return Running(phase, since, WITHIN[phase][priority])


def phase_expression() -> RawSQL:
    """The phase of `incidents_incident`, for ORDER BY. Constant SQL: built once, not by every request."""
    return RawSQL(_PHASE_SQL, (), output_field=IntegerField())  # noqa: S611  # constants of this module


def due_expression() -> RawSQL:
    """When the running clock reaches its target, for ORDER BY and "late"."""
    return RawSQL(_DUE_SQL, (), output_field=DateTimeField())  # noqa: S611  # constants of this module


def _statuses(phase: Phase) -> str:
    return ", ".join(f"'{Status(status).value}'" for status, its in PHASE_OF.items() if its is phase)


def _column(name: str) -> str:
    return f'"incidents_incident"."{name}"'


def _phase_sql() -> str:
    whens = " ".join(
        f"WHEN {_column('status')} IN ({_statuses(phase)}) THEN {phase.value}" for phase in Phase
    )
    return f"CASE {whens} END"


def _due_sql() -> str:
    whens = []
    for phase in Phase:
        seconds = ", ".join(str(WITHIN[phase][level]) for level in sorted(WITHIN[phase]))
        since = f"COALESCE({_column(SINCE[phase])}, {_column('created_at')})"
        whens.append(
            f"WHEN {_column('status')} IN ({_statuses(phase)}) THEN {since} + interval '1 second' "
            f"* (ARRAY[{seconds}])[{_column('priority')}]"
        )
    return f"CASE {' '.join(whens)} END"


_PHASE_SQL, _DUE_SQL = _phase_sql(), _due_sql()
