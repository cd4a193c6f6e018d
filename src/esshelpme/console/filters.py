"""What the board shows: read from the address, written back into it, so that a view can be kept and sent on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet

from esshelpme.console.targets import PHASE_OF, Phase
from esshelpme.dispatch.models import Alarm, CallTask
from esshelpme.incidents.states import Kind
from esshelpme.places import find_places
from esshelpme.platform.ids import read_ref

SHOWS = ("", "waiting", "late", "coming", "there", "settled", "nobody", "calls")
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """Unknown values fall back to everything: a stale link still shows a board."""

    show: str = ""
    kind: str = ""
    area: str = ""
    search: str = ""
    exercise: bool = False

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filters:
        show, kind, area = given.get("show", ""), given.get("kind", ""), given.get("area", "")
        return cls(
            show=show if show in SHOWS else "",
            kind=kind if kind in set(Kind) else "",
            area=area if area.isdigit() and len(area) in (2, 4, 6) else "",
            search=given.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
            exercise=given.get("exercise", "") == "1",
        )

    def query(self, **changed: object) -> str:
        """The address' query string, with some values changed."""
        values = {
            "show": self.show,
            "kind": self.kind,
            "area": self.area,
            "q": self.search,
            "exercise": "1" if self.exercise else "",
        } | changed
        return urlencode({name: value for name, value in values.items() if value})

    def apply(self, rows: QuerySet[Any], *, at: datetime) -> QuerySet[Any]:
        """Narrow incidents that have a `due` annotation."""
        if not self.exercise:
            rows = rows.filter(exercise=False)
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.area:
            rows = rows.filter(**{_field_of(self.area): self.area})
        if self.search:
            rows = _search(rows, self.search)
        return self._shown(rows, at)

    def _shown(self, rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
        if self.show == "late":
            return rows.filter(due__lt=at)
        if self.show == "nobody":
            return rows.filter(Exists(standing_nobody().filter(incident_id=OuterRef("pk"))))
        if self.show == "calls":
            return rows.filter(
                Exists(CallTask.objects.filter(incident_id=OuterRef("pk"), status=CallTask.Status.OPEN))
            )
        phase = {
            "waiting": Phase.WAITING,
            "coming": Phase.COMING,
            "there": Phase.THERE,
            "settled": Phase.SETTLED,
        }.get(self.show)
        if phase is None:
            return rows
        return rows.filter(status__in=[status for status, its in PHASE_OF.items() if its is phase])


def standing_nobody() -> QuerySet[Alarm]:
    """Alarms that say that nobody was found or nobody accepted."""
    return Alarm.objects.filter(acknowledged_at__isnull=True, reason__startswith="NOBODY")


def _field_of(area: str) -> str:
    return {2: "province", 4: "district", 6: "subdistrict"}[len(area)]


def _search(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """A reference, whole or its beginning, or a place by name."""
    ref = read_ref(text)
    if ref is not None:
        return rows.filter(ref=ref)
    bare = text.upper().replace("-", "").replace(" ", "")
    if bare.isascii() and bare.isalnum() and len(bare) < 8 and any(c.isdigit() for c in bare):
        return rows.filter(ref__startswith=bare)
    best = find_places(text).best
    if best is None or not best.code:
        return rows.none()
    return rows.filter(**{_field_of(best.code): best.code})
