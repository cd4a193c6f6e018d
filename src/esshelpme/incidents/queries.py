"""Reading incidents: pages, one whole incident, its timeline with the words joined in.

Everything goes through `access.visible_to`, so that nobody reads beyond their area or agency. Who reads by
agency alone gets no exact place and no words before a unit of the agency has accepted (docs/conversation.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Prefetch, Q, QuerySet

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right, Scope
from esshelpme.incidents.access import NoSuchIncident, taken_by, visible_to
from esshelpme.incidents.models import Incident, Message, Report, TimelineEvent
from esshelpme.incidents.place import place_of
from esshelpme.platform.clock import stamp
from esshelpme.platform.ids import read_ref
from esshelpme.privacy.content import open_keys, reveal, reveal_mapping, show_many
from esshelpme.privacy.models import Content

# Steps that always show `text`: what somebody said.
SPOKEN = frozenset({"MESSAGE_IN", "MESSAGE_OUT", "NOTE_ADDED", "REPORT_RECEIVED"})

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which incidents a page shows. Exercises are there only when asked for."""

    status: str | None = None
    kind: str | None = None
    since: datetime | None = None
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: the keys of its last incident."""

    created_at: datetime
    pk: int


def page(
    officer: Officer, filters: Filters, *, after: Mark | None, limit: int
) -> tuple[list[Values], Mark | None]:
    """Up to `limit` incidents after `after`, newest first, and where the next page begins (None: no more).

    Three queries, whatever the limit. Raises `Refused`.
    """
    officer.require(Right.SEE_INCIDENT)
    rows = list(_with_reach(_after(_filtered(visible_to(officer), filters), after), officer)[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    open_keys(row.place.subject_id for row in rows if row.place is not None)
    mark = Mark(rows[-1].created_at, rows[-1].pk) if more else None
    return [_fields(row, exact=_exact(officer, row)) for row in rows], mark


def detail(officer: Officer, ref: str) -> Values:
    """One whole incident. Raises `Refused` or `NoSuchIncident`."""
    officer.require(Right.SEE_INCIDENT)
    return _whole(officer, visible_to(officer).filter(ref=read_ref(ref) or ""), ref)


def detail_after(officer: Officer, incident: Incident) -> Values:
    """The incident an officer has just changed or reported, also when it lies outside their area now."""
    return _whole(officer, Incident.objects.filter(pk=incident.pk), incident.ref)


def timeline(officer: Officer, ref: str) -> list[Values]:
    """Every step in order, the words joined in as `data.text`. Raises `Refused` or `NoSuchIncident`."""
    officer.require(Right.SEE_INCIDENT)
    found = _with_reach(visible_to(officer).filter(ref=read_ref(ref) or ""), officer).first()
    if found is None:
        raise NoSuchIncident(ref)
    steps = list(TimelineEvent.objects.filter(incident=found).order_by("seq"))
    words = _Words(steps, exact=_exact(officer, found))
    return [
        {"seq": step.seq, "at": step.at, "type": step.type, "actor": step.actor, "data": words.joined(step)}
        for step in steps
    ]


class _Words:
    """Contents of the steps of one timeline."""

    def __init__(self, steps: Sequence[TimelineEvent], *, exact: bool) -> None:
        self._exact = exact
        self._shown = show_many(step.data["content"] for step in steps if "content" in step.data)
        silent = [
            step.data["message"]
            for step in steps
            if step.type in SPOKEN and "message" in step.data and "content" not in step.data
        ]
        # Pictures and voice have no words, but they too can be taken back.
        self._media_gone = dict(
            Message.objects.filter(pk__in=silent, media__removed_at__isnull=False).values_list(
                "pk", "media__removed_at"
            )
            if silent
            else ()
        )

    def joined(self, step: TimelineEvent) -> Values:
        data: Values = dict(step.data)
        shown = self._shown.get(data.get("content", 0))
        spoken = step.type in SPOKEN
        if shown is not None and shown.kind == Content.Kind.PLACE:
            if self._exact:
                data["location"] = _point(shown.words)
        elif spoken or shown is not None:
            data["text"] = shown.words if shown is not None and self._exact else None
        gone = shown.removed_at if shown is not None else self._media_gone.get(data.get("message", 0))
        if gone is not None:
            data["removed_at"] = stamp(gone)
        return data


def _point(words: str | None) -> Values | None:
    if words is None:
        return None
    value: Mapping[str, Any] = json.loads(words)
    return {"lat": value["lat"], "lng": value["lng"], "address": value.get("address") or None}


def _filtered(rows: QuerySet[Incident], filters: Filters) -> QuerySet[Incident]:
    if filters.status is not None:
        rows = rows.filter(status=filters.status)
    if filters.kind is not None:
        rows = rows.filter(kind=filters.kind)
    if filters.since is not None:
        rows = rows.filter(created_at__gte=filters.since)
    return rows if filters.exercise else rows.filter(exercise=False)


def _after(rows: QuerySet[Incident], mark: Mark | None) -> QuerySet[Incident]:
    if mark is not None:
        # The first condition walks the index; the second drops those of the same instant already shown.
        rows = rows.filter(created_at__lte=mark.created_at).filter(
            Q(created_at__lt=mark.created_at) | Q(pk__lt=mark.pk)
        )
    return rows.order_by("-created_at", "-pk")


def _with_reach(rows: QuerySet[Incident], officer: Officer) -> QuerySet[Incident]:
    """With place and needs, and for readers by agency whether a unit of theirs has accepted."""
    if officer.scope is Scope.AGENCY and officer.agency_id is not None:
        rows = rows.annotate(ours_accepted=Exists(taken_by(officer.agency_id)))
    return rows.select_related("place").prefetch_related("needs")


def _exact(officer: Officer, incident: Incident) -> bool:
    return officer.may(Right.SEE_PERSON) and bool(getattr(incident, "ours_accepted", True))


def _whole(officer: Officer, rows: QuerySet[Incident], ref: str) -> Values:
    reports = Report.objects.select_related("text", "reporter", "contact").order_by("received_at", "pk")
    found = (
        _with_reach(rows, officer)
        .select_related("linked_to", "merged_into")
        .prefetch_related(
            Prefetch("reports", reports), "assignments__unit", "assignments__need", "assignments__accepted_by"
        )
        .first()
    )
    if found is None:
        raise NoSuchIncident(ref)
    exact = _exact(officer, found)
    contents = [found.place, *(c for report in found.reports.all() for c in (report.text, report.reporter))]
    open_keys(content.subject_id for content in contents if content is not None)
    return {
        **_fields(found, exact=exact),
        "reports": [_report(report, exact=exact) for report in found.reports.all()],
        "assignments": [
            _assignment(row) for row in sorted(found.assignments.all(), key=lambda a: (a.offered_at, a.pk))
        ],
        "linked_to": found.linked_to.ref if found.linked_to else None,
        "merged_into": found.merged_into.ref if found.merged_into else None,
    }


def _fields(incident: Incident, *, exact: bool) -> Values:
    return {
        "ref": incident.ref,
        "kind": incident.kind,
        "topic": incident.topic or None,
        "status": incident.status,
        "disposition": incident.disposition,
        "channel": incident.channel.lower(),
        "priority": incident.priority,
        "priority_reasons": list(incident.priority_reasons),
        "dangers": list(incident.dangers),
        "discreet": incident.discreet,
        "exercise": incident.exercise,
        "witness": incident.witness,
        "safe_to_call": incident.safe_to_call,
        "needs": [_need(need) for need in _in_order(incident.needs.all())],
        "location": _location(incident, exact=exact),
        "created_at": incident.created_at,
        "updated_at": incident.updated_at,
        "cancel_requested_at": incident.cancel_requested_at,
        "said_safe_at": incident.said_safe_at,
    }


def _in_order(needs: Iterable[Any]) -> list[Any]:
    return sorted(needs, key=lambda need: (not need.lead, need.number, need.pk))


def _need(need: Any) -> Values:
    return {"need": need.agency_type, "lead": need.lead, "status": need.status}


def _location(incident: Incident, *, exact: bool) -> Values | None:
    place = place_of(incident) if exact else None
    if incident.place_id is None:
        return None
    return {
        "lat": place.lat if place else None,
        "lng": place.lng if place else None,
        "accuracy_m": incident.place_accuracy_m,
        "source": incident.place_source,
        "address": (place.address or None) if place else None,
        "area": incident.subdistrict or incident.district or incident.province or None,
        "flag": incident.place_flag or None,
    }


def _report(report: Report, *, exact: bool) -> Values:
    person = (reveal_mapping(report.reporter) if exact else None) or {}
    return {
        "channel": report.channel.lower(),
        "kind": report.kind,
        "topic": report.topic or None,
        "text": reveal(report.text) if exact else None,
        "removed_at": report.text.removed_at if report.text else None,
        "received_at": report.received_at,
        "external_id": report.external_id,
        "witness": report.witness,
        "safe_to_call": report.safe_to_call,
        "language": report.contact.language if report.contact else None,
        "name": person.get("name"),
        "phone": person.get("phone"),
    }


def _assignment(row: Any) -> Values:
    return {
        "unit": row.unit.code,
        "need": row.need.agency_type,
        "status": row.status,
        "via": row.via,
        "external_ref": row.external_ref or None,
        "distance_km": None if row.distance_km is None else round(row.distance_km, 1),
        "accepted_by": row.accepted_by.code if row.accepted_by else None,
        "offered_at": row.offered_at,
        "deadline_at": row.deadline_at,
        "accepted_at": row.accepted_at,
        "en_route_at": row.en_route_at,
        "on_scene_at": row.on_scene_at,
        "ended_at": row.ended_at,
    }
