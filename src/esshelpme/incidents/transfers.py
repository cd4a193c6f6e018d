"""Transfers between this centre and other services (191, 1669, 1323, 1300): in, out, and what is still unwritten.

A transfer out is a `HANDED_OVER` step, written by dispatch; one that came in is a `TRANSFER_RECEIVED` step, written
here. The other side's name is words: it lies in a note beside the step, under the reporter's key, never in the chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.incidents import changes, timeline
from esshelpme.incidents.access import incident_for, visible_to
from esshelpme.incidents.models import Incident, TimelineEvent
from esshelpme.incidents.states import ENDED, NotAllowed
from esshelpme.platform.writing import writing
from esshelpme.privacy.content import reveal_many

TYPES = ("HANDED_OVER", "TRANSFER_RECEIVED")
SERVICES = ("191", "1669", "1323", "1300")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer as a list shows it. `unwritten`: the incident has ended, and who took it is nowhere written."""

    id: int
    at: datetime
    incoming: bool
    incident: Incident
    other: str
    outcome: str
    external_ref: str
    name: str
    by: str
    unwritten: bool


def transfers(
    officer: Officer, *, before: int | None = None, other: str = "", unwritten: bool = False
) -> tuple[list[Transfer], int | None]:
    """The newest transfers within the officer's reach, and the cursor of the next page (None at the end)."""
    rows = TimelineEvent.objects.filter(
        type__in=TYPES, incident__in=visible_to(officer).filter(exercise=False)
    )
    if other:
        rows = rows.filter(Q(data__to=other) | Q(data__from=other))
    if unwritten:
        rows = _unwritten(rows)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("incident").order_by("-pk")[: PAGE + 1])
    following = found[PAGE - 1].pk if len(found) > PAGE else None
    return _shown(found[:PAGE]), following


def count_unwritten(officer: Officer) -> int:
    """How many transfers of ended incidents lack the other side's name."""
    return _unwritten(
        TimelineEvent.objects.filter(type__in=TYPES, incident__in=visible_to(officer).filter(exercise=False))
    ).count()


def receive(
    officer: Officer, ref: str, *, source: str, external_ref: str, name: str, note: str, at: datetime
) -> Incident:
    """Write down that `source` handed this incident to us, by whom, under which reference of theirs.

    The same transfer twice is once. Raises `NoSuchIncident`, `Refused`, `NotAllowed` (ALREADY).
    """
    with writing():
        incident = incident_for(officer, ref, right=Right.RUN_INCIDENT, for_update=True)
        same = TimelineEvent.objects.filter(
            incident=incident,
            type="TRANSFER_RECEIVED",
            data__contains={"from": source, "external_ref": external_ref},
        )
        if same.exists():
            raise NotAllowed("ALREADY", "this transfer is written down already")
        data = {"from": source, "external_ref": external_ref, "named": bool(name)}
        timeline.append(incident, "TRANSFER_RECEIVED", at=at, by=officer.actor, data=data)
        words = " · ".join(filter(None, (name, note)))
        if words:
            changes.note(incident, words, at=at, by=officer.actor)
        return incident


def complete(officer: Officer, event_id: int, *, name: str, external_ref: str, at: datetime) -> Incident:
    """Write the other side's name (and reference) down afterwards: a step `TRANSFER_NAMED` and a note with the words.

    Raises `NoSuchIncident`, `Refused`, `NotAllowed` (ALREADY).
    """
    event = TimelineEvent.objects.select_related("incident").filter(pk=event_id, type__in=TYPES).first()
    with writing():
        incident = incident_for(
            officer, event.incident.ref if event else "", right=Right.RUN_INCIDENT, for_update=True
        )
        assert event is not None  # or there was no such incident
        if TimelineEvent.objects.filter(
            incident=incident, type="TRANSFER_NAMED", data__of=event.seq
        ).exists():
            raise NotAllowed("ALREADY", "the name is written down already")
        data = {"of": event.seq, "external_ref": external_ref}
        timeline.append(incident, "TRANSFER_NAMED", at=at, by=officer.actor, data=data)
        changes.note(incident, name, at=at, by=officer.actor)
        return incident


def _unwritten(rows: QuerySet[TimelineEvent]) -> QuerySet[TimelineEvent]:
    """Of ended incidents: taken over, and nobody's name is written down."""
    later = TimelineEvent.objects.annotate(of=Cast(KeyTextTransform("of", "data"), IntegerField())).filter(
        type="TRANSFER_NAMED", incident=OuterRef("incident"), of=OuterRef("seq")
    )
    taken = Q(type="TRANSFER_RECEIVED") | Q(data__contains={"outcome": "ACCEPTED"})
    return rows.filter(taken, incident__status__in=[s.value for s in ENDED]).exclude(
        Q(data__contains={"named": True}) | Exists(later)
    )


def _shown(rows: Sequence[TimelineEvent]) -> list[Transfer]:
    notes = _notes_after(rows)
    named = {
        (event.incident_id, event.data.get("of")): event
        for event in TimelineEvent.objects.filter(
            type="TRANSFER_NAMED", incident__in={row.incident_id for row in rows}
        )
    }
    notes |= _notes_after(list(named.values()))
    return [_transfer(row, notes, named.get((row.incident_id, row.seq))) for row in rows]


def _transfer(row: TimelineEvent, notes: Mapping[int, str], later: TimelineEvent | None) -> Transfer:
    incoming = row.type == "TRANSFER_RECEIVED"
    name = notes.get(later.pk, "") if later is not None else notes.get(row.pk, "")
    taken = incoming or row.data.get("outcome") == "ACCEPTED"
    written = later is not None or row.data.get("named") is True
    reference = (later.data.get("external_ref") if later is not None else "") or row.data.get(
        "external_ref", ""
    )
    return Transfer(
        id=row.pk,
        at=row.at,
        incoming=incoming,
        incident=row.incident,
        other=str(row.data.get("from" if incoming else "to", "")),
        outcome=str(row.data.get("outcome", "")),
        external_ref=str(reference or ""),
        name=name,
        by=row.actor,
        unwritten=taken and not written and row.incident.status in ENDED,
    )


def _notes_after(rows: Sequence[TimelineEvent]) -> dict[int, str]:
    """The note written in the same moment as a step, right behind it: by step."""
    if not rows:
        return {}
    wanted = Q()
    for row in rows:
        wanted |= Q(incident_id=row.incident_id, seq=row.seq + 1, at=row.at)
    behind = {
        (note.incident_id, note.seq): note.data.get("content")
        for note in TimelineEvent.objects.filter(wanted, type="NOTE_ADDED")
    }
    words = reveal_many(content for content in behind.values() if content)
    return {
        row.pk: words.get(content) or ""
        for row in rows
        if (content := behind.get((row.incident_id, row.seq + 1)))
    }
