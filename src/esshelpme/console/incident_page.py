"""What the incident page shows, gathered once: dangers, what, where, who comes, what to do next, chat, timeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.console.chat import chat, first_words, quick_phrases, telling_words
from esshelpme.console.history import lines
from esshelpme.console.next_step import NextStep, Situation, next_step
from esshelpme.console.targets import Running, running
from esshelpme.dispatch.actions import allowed
from esshelpme.dispatch.models import Alarm, Assignment, CallTask, Need
from esshelpme.dispatch.states import ACTIVE, AssignmentStatus, NeedStatus
from esshelpme.incidents.models import Incident, Message
from esshelpme.incidents.place import Place, place_of
from esshelpme.incidents.words import where

# The order in which dialogs are listed behind "more"; what `allowed` does not name is not shown.
MENU = (
    "set_kind",
    "set_place",
    "set_priority",
    "quiet",
    "assign",
    "call",
    "handover",
    "backup",
    "merge",
    "note",
    "resolve",
    "close",
    "cancel",
    "reopen",
)


@dataclass(slots=True)
class NeedView:
    """One need with who was asked, and who has it."""

    need: Need
    holder: Assignment | None
    others: list[Assignment]
    call: CallTask | None

    @property
    def asked(self) -> list[Assignment]:
        return [a for a in self.others if a.status == AssignmentStatus.OFFERED]

    @property
    def listed(self) -> list[Assignment]:
        """Those asked, but the one that the call's own card names."""
        called = self.call.unit_id if self.call is not None else None
        return [a for a in self.asked if a.unit_id != called]

    @property
    def past(self) -> list[Assignment]:
        return [a for a in self.others if a.status != AssignmentStatus.OFFERED]


@dataclass(slots=True)
class IncidentPage:
    incident: Incident
    place: Place | None
    where: str
    clock: Running | None
    needs: list[NeedView]
    calls: list[CallTask]
    alarms: list[Alarm]
    allowed: list[str]
    menu: list[str]
    next: NextStep | None
    linked: list[Incident]
    merged: list[Incident]
    unseen: int
    sees_person: bool
    parts: dict[str, Any] = field(default_factory=dict)


def page_of(officer: Officer, incident: Incident, language: str, *, at: datetime) -> IncidentPage:
    """Everything but what only the browser knows. The caller has logged the look."""
    sees = officer.may(Right.SEE_PERSON)
    place = place_of(incident)
    needs, calls = _needs(incident)
    may = allowed(officer, incident)
    unseen = Message.objects.filter(incident=incident, direction="IN", seen_at__isnull=True).count()
    situation = Situation(
        status=incident.status,
        kind=incident.kind,
        has_place=place is not None,
        place_wide=place is not None and place.wide,
        cancel_requested=incident.cancel_requested_at is not None,
        open_calls=len(calls),
        lead_open=any(v.need.lead and v.holder is None and v.need.status == NeedStatus.OPEN for v in needs),
        asked=sum(len(view.asked) for view in needs),
        phone_holders=tuple(
            view.holder.unit.code
            for view in needs
            if view.holder is not None
            and view.holder.via == "PHONE"
            and view.holder.status in (AssignmentStatus.ACCEPTED, AssignmentStatus.EN_ROUTE)
        ),
        unseen=unseen,
    )
    page = IncidentPage(
        incident=incident,
        place=place if sees else None,
        where=where(incident, language),
        clock=running(status=incident.status, priority=incident.priority, stamps=_stamps(incident)),
        needs=needs,
        calls=calls,
        alarms=list(
            Alarm.objects.filter(incident=incident, acknowledged_at__isnull=True).order_by("raised_at")
        ),
        allowed=may,
        menu=[name for name in MENU if name in may],
        next=next_step(situation, may),
        linked=_linked(incident),
        merged=list(Incident.objects.filter(merged_into=incident).defer("timeline_head")),
        unseen=unseen,
        sees_person=sees,
    )
    page.parts = {"history": lines(incident, language, with_words=sees)}
    if sees:
        page.parts |= {
            "chat": chat(incident, language),
            "first_words": first_words(incident),
            "phrases": quick_phrases(incident, language),
            "telling": telling_words(language),
        }
    return page


def _stamps(incident: Incident) -> dict[str, datetime | None]:
    return {
        name: getattr(incident, name) for name in ("created_at", "accepted_at", "on_scene_at", "resolved_at")
    }


def _needs(incident: Incident) -> tuple[list[NeedView], list[CallTask]]:
    assignments = list(
        Assignment.objects.filter(incident=incident)
        .select_related("unit", "unit__agency", "accepted_by")
        .order_by("ring", "distance_km", "pk")
    )
    calls = list(
        CallTask.objects.filter(incident=incident, status=CallTask.Status.OPEN)
        .select_related("need", "unit")
        .order_by("opened_at")
    )
    views = []
    for need in Need.objects.filter(incident=incident).order_by("-lead", "agency_type", "number"):
        own = [a for a in assignments if a.need_id == need.pk]
        holder = next((a for a in own if a.pk == need.holder_id), None)
        views.append(
            NeedView(
                need=need,
                holder=holder,
                others=[a for a in own if a.pk != need.holder_id],
                call=next((c for c in calls if c.need_id == need.pk), None),
            )
        )
    return views, calls


def active_codes(page: IncidentPage) -> list[str]:
    """Codes of the units that are on it."""
    return [v.holder.unit.code for v in page.needs if v.holder is not None and v.holder.status in ACTIVE]


def _linked(incident: Incident) -> list[Incident]:
    rows = list(Incident.objects.filter(linked_to=incident).defer("timeline_head"))
    if incident.linked_to is not None:
        rows.insert(0, incident.linked_to)
    return rows
