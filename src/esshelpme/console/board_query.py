"""Reading the board: which incidents, in which order, with what their rows show. A handful of queries for 100 rows.

Everything open lies in partial indexes (`incident_board`, `call_task_open`, `alarm_standing`, `message_unseen`), so
that a million past incidents cost nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import h3
from django.db import connection
from django.db.models import Count, Q, QuerySet

from esshelpme.access.officer import Officer
from esshelpme.console.filters import Filters, standing_nobody
from esshelpme.console.moment import Moment
from esshelpme.console.targets import (
    BOARD_STATUSES,
    Phase,
    Running,
    due_expression,
    phase_expression,
    running,
)
from esshelpme.dispatch.models import Alarm, Assignment, CallTask, Need
from esshelpme.dispatch.states import AssignmentStatus, NeedStatus
from esshelpme.incidents.access import visible_to
from esshelpme.incidents.models import Message

PAGE = 100
# Who is on duty changes with shifts, not with seconds.
_remembered: Moment[int] = Moment(10.0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIELDS = (
    "pk",
    "ref",
    "kind",
    "topic",
    "status",
    "channel",
    "priority",
    "discreet",
    "exercise",
    "dangers",
    "witness",
    "safe_to_call",
    "place_id",
    "place_flag",
    "place_accuracy_m",
    "province",
    "district",
    "subdistrict",
    "cell",
    "created_at",
    "accepted_at",
    "on_scene_at",
    "resolved_at",
    "cancel_requested_at",
    "said_safe_at",
    "timeline_length",
    "phase",
    "due",
)


@dataclass(frozen=True, slots=True)
class Holding:
    """One need of an incident as the board shows it: who has it, or how many are asked."""

    need: str
    lead: bool
    status: str
    unit_th: str = ""
    unit_en: str = ""
    asked: int = 0


@dataclass(slots=True)
class BoardRow:
    """What one row shows. `version` changes whenever the row would look different."""

    facts: dict[str, Any]
    unseen: int
    alarms: tuple[str, ...]
    calls: int
    holdings: tuple[Holding, ...] = ()

    @property
    def version(self) -> tuple[Any, ...]:
        return (
            self.facts["pk"],
            self.facts["timeline_length"],
            self.facts["status"],
            self.unseen,
            self.alarms,
            self.calls,
        )

    @property
    def clock(self) -> Running:
        found = running(status=self.facts["status"], priority=self.facts["priority"], stamps=self.facts)
        assert found is not None  # the board holds nothing that has ended
        return found

    @property
    def point(self) -> tuple[float, float] | None:
        """The middle of the coarse cell (about 5 km²): enough for a map of the board, too coarse to find a house."""
        cell = self.facts["cell"]
        if not cell or not h3.is_valid_cell(cell):
            return None
        lat, lng = h3.cell_to_latlng(cell)
        return round(lat, 4), round(lng, 4)


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[BoardRow]
    after: str  # the next page's cursor, or empty


def on_board(officer: Officer, filters: Filters, *, at: datetime) -> QuerySet[Any]:
    """Incidents that the board shows to this officer, with `phase` and `due`, in its order."""
    rows: QuerySet[Any] = visible_to(officer).filter(status__in=[s.value for s in BOARD_STATUSES])
    rows = rows.annotate(phase=phase_expression(), due=due_expression())
    return filters.apply(rows, at=at).order_by("phase", "due", "pk")


def page(officer: Officer, filters: Filters, *, at: datetime, after: str = "") -> Page:
    """100 rows from the cursor on."""
    rows = on_board(officer, filters, at=at)
    if cursor := _read_cursor(after):
        phase, due, pk = cursor
        rows = rows.filter(
            Q(phase__gt=phase) | Q(phase=phase, due__gt=due) | Q(phase=phase, due=due, pk__gt=pk)
        )
    found = list(rows.values(*FIELDS)[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    return Page(_with_counts(found), _cursor(found[-1]) if more else "")


def some(officer: Officer, filters: Filters, refs: Iterable[str], *, at: datetime) -> Sequence[BoardRow]:
    """The rows of some incidents, those that (still) belong onto this officer's board."""
    found = list(on_board(officer, filters, at=at).filter(ref__in=list(refs)[:PAGE]).values(*FIELDS))
    return _with_counts(found)


def fill_holdings(rows: Sequence[BoardRow]) -> None:
    """Add who has it. Only rows that must be drawn anew need it."""
    if not rows:
        return
    ids = [row.facts["pk"] for row in rows]
    asked = Counter(
        Assignment.objects.filter(incident_id__in=ids, status=AssignmentStatus.OFFERED).values_list(
            "need_id", flat=True
        )
    )
    by_incident: dict[int, list[Holding]] = defaultdict(list)
    for need in (
        Need.objects.filter(incident_id__in=ids)
        .exclude(status=NeedStatus.WITHDRAWN)
        .order_by("-lead", "pk")
        .values_list(
            "pk",
            "incident_id",
            "agency_type",
            "lead",
            "status",
            "holder__unit__name_th",
            "holder__unit__name_en",
        )
    ):
        pk, incident_id, agency_type, lead, status, name_th, name_en = need
        by_incident[incident_id].append(
            Holding(agency_type, lead, status, name_th or "", name_en or name_th or "", asked[pk])
        )
    for row in rows:
        row.holdings = tuple(by_incident[row.facts["pk"]])


def _with_counts(found: list[dict[str, Any]]) -> list[BoardRow]:
    if not found:
        return []
    ids = [facts["pk"] for facts in found]
    unseen = dict(
        Message.objects.filter(incident_id__in=ids, direction="IN", seen_at__isnull=True)
        .order_by()
        .values("incident_id")
        .annotate(n=Count("pk"))
        .values_list("incident_id", "n")
    )
    alarms: dict[int, list[str]] = defaultdict(list)
    for incident_id, reason in (
        Alarm.objects.filter(incident_id__in=ids, acknowledged_at__isnull=True)
        .order_by("raised_at")
        .values_list("incident_id", "reason")
    ):
        alarms[incident_id].append(reason)
    calls = Counter(
        CallTask.objects.filter(incident_id__in=ids, status=CallTask.Status.OPEN).values_list(
            "incident_id", flat=True
        )
    )
    return [
        BoardRow(
            facts,
            unseen.get(facts["pk"], 0),
            tuple(alarms.get(facts["pk"], ())),
            calls.get(facts["pk"], 0),
        )
        for facts in found
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """The ribbon's figures."""

    open: int = 0
    waiting: int = 0
    late: int = 0
    coming: int = 0
    there: int = 0
    settled: int = 0
    nobody: int = 0
    calls: int = 0
    on_duty: int = 0
    kinds: dict[str, int] = field(default_factory=dict)


def counts(officer: Officer, *, at: datetime, exercise: bool = False) -> Counts:
    """All figures of the ribbon in two queries over what is open."""
    everything = on_board(officer, Filters(exercise=exercise), at=at).order_by()
    figures = everything.aggregate(
        open=Count("pk"),
        waiting=Count("pk", filter=Q(phase=Phase.WAITING)),
        late=Count("pk", filter=Q(due__lt=at)),
        coming=Count("pk", filter=Q(phase=Phase.COMING)),
        there=Count("pk", filter=Q(phase=Phase.THERE)),
        settled=Count("pk", filter=Q(phase=Phase.SETTLED)),
    )
    mine = visible_to(officer).filter(status__in=[s.value for s in BOARD_STATUSES], exercise=exercise)
    nobody = standing_nobody().filter(incident__in=mine.values("pk")).values("incident").distinct().count()
    calls = CallTask.objects.filter(status=CallTask.Status.OPEN, incident__in=mine.values("pk")).count()
    return Counts(
        **figures,
        nobody=nobody,
        calls=calls,
        on_duty=_remembered.get(officer.areas, lambda: on_duty(officer.areas, at=at)),
    )


_ON_DUTY = """
SELECT count(*) FROM directory_member m JOIN directory_unit u ON u.id = m.unit_id
WHERE m.active AND u.on_duty
  AND (NOT EXISTS (SELECT 1 FROM directory_shift s WHERE s.unit_id = u.id)
       OR EXISTS (SELECT 1 FROM directory_shift s WHERE s.unit_id = u.id AND s.starts_at <= %(at)s
                  AND s.ends_at > %(at)s AND (s.member_id = m.id OR s.member_id IS NULL)))
  AND (%(everywhere)s OR EXISTS (SELECT 1 FROM unnest(u.areas) a, unnest(%(areas)s::varchar[]) b
                                 WHERE starts_with(a, b) OR starts_with(b, a)))
"""


def on_duty(areas: Sequence[str], *, at: datetime) -> int:
    """Members of units on duty now, in the officer's areas."""
    with connection.cursor() as cursor:
        cursor.execute(_ON_DUTY, {"at": at, "areas": list(areas), "everywhere": not areas})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _cursor(facts: dict[str, Any]) -> str:
    return f"{facts['phase']}.{(facts['due'] - _EPOCH) // timedelta(microseconds=1)}.{facts['pk']}"


def _read_cursor(text: str) -> tuple[int, datetime, int] | None:
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isdigit() and len(part) < 19 for part in parts):
        return None
    try:
        due = _EPOCH + timedelta(microseconds=int(parts[1]))
    except OverflowError:
        return None
    return int(parts[0]), due, int(parts[2])
