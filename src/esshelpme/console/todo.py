"""What somebody at the centre must do now: alarms to acknowledge and calls to make, over all incidents one sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from esshelpme.access.officer import Officer
from esshelpme.console.targets import BOARD_STATUSES
from esshelpme.dispatch.models import Alarm, CallTask
from esshelpme.incidents.access import visible_to
from esshelpme.incidents.models import Incident

AT_MOST = 20
# The wider the level, the sooner it is seen.
LEVEL_ORDER = {"NATIONAL": 0, "PROVINCE": 1, "SUPERVISOR": 2, "CENTRE": 3}


@dataclass(frozen=True, slots=True)
class Todo:
    alarms: list[Alarm]
    calls: list[CallTask]
    more: int  # how many are not listed


def todo(officer: Officer, *, at: datetime) -> Todo:
    """Standing alarms (the system's own too) and open calls, the oldest of the highest level first."""
    # What has ended has neither: its alarms are settled, its calls dropped. Naming the open ones keeps a million
    # past incidents out of the plan.
    open_ones = visible_to(officer).filter(exercise=False, status__in=[s.value for s in BOARD_STATUSES])
    mine = Q(incident__in=open_ones.values("pk"))
    standing = (
        Alarm.objects.filter(mine | Q(incident__isnull=True), acknowledged_at__isnull=True)
        .select_related("incident")
        .defer("incident__timeline_head")
        .order_by("raised_at")
    )
    alarms = list(standing[: AT_MOST + 1])
    open_calls = (
        CallTask.objects.filter(mine, status=CallTask.Status.OPEN)
        .select_related("incident", "need", "unit")
        .defer("incident__timeline_head")
        .order_by("opened_at")
    )
    calls = list(open_calls[: AT_MOST + 1])
    more = max(0, len(alarms) - AT_MOST) + max(0, len(calls) - AT_MOST)
    return Todo(
        sorted(alarms[:AT_MOST], key=lambda a: (LEVEL_ORDER.get(a.level, 9), a.raised_at)),
        sorted(calls[:AT_MOST], key=lambda c: (_priority(c.incident), c.opened_at)),
        more,
    )


def _priority(incident: Incident) -> int:
    return incident.priority
