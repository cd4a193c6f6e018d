"""Writing and verifying the append-only, hash-chained timeline.

Each row's hash is SHA-256 over the hash before it and the row itself in canonical JSON, so that nobody can change,
insert or drop a step without breaking every later one. Words are never in it: `data` refers to contents by id and
salted digest, and the chain stays valid after they are erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from esshelpme.incidents.models import Incident, TimelineEvent
from esshelpme.platform.clock import stamp
from esshelpme.platform.writing import gather


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain stops to be true."""

    seq: int
    why: str


def append(
    incident: Incident, type: str, *, at: datetime, by: str, data: Mapping[str, Any] | None = None
) -> TimelineEvent:
    """Append one step. The caller holds the incident's row lock."""
    return append_all(incident, [(type, data or {})], at=at, by=by)[0]


def append_all(
    incident: Incident, steps: Iterable[tuple[str, Mapping[str, Any]]], *, at: datetime, by: str
) -> list[TimelineEvent]:
    """Append several steps in one insert."""
    rows = []
    head = bytes(incident.timeline_head)
    length = incident.timeline_length
    for type, data in steps:
        length += 1
        head = step_hash(head, incident_id=incident.pk, seq=length, at=at, type=type, actor=by, data=data)
        rows.append(
            TimelineEvent(
                incident_id=incident.pk, seq=length, at=at, type=type, actor=by, data=dict(data), hash=head
            )
        )
    incident.timeline_length, incident.timeline_head = length, head
    incident.updated_at = max(at, incident.updated_at)
    for row in rows:
        gather(_insert, row)
    changed(incident, "timeline_length", "timeline_head", "updated_at")
    return rows


def changed(incident: Incident, *fields: str) -> None:
    """Write these fields of an incident whose row is locked: with its other changes, when the block ends."""
    gather(_update, (incident, fields))


def _insert(rows: list[TimelineEvent]) -> None:
    TimelineEvent.objects.bulk_create(rows)


def _update(changes: list[tuple[Incident, tuple[str, ...]]]) -> None:
    fields: dict[int, dict[str, None]] = {}
    rows: dict[int, Incident] = {}
    for incident, names in changes:
        rows[incident.pk] = incident
        fields.setdefault(incident.pk, {}).update(dict.fromkeys(names))
    for pk, incident in rows.items():
        incident.save(update_fields=list(fields[pk]))


def step_hash(
    before: bytes, *, incident_id: int, seq: int, at: datetime, type: str, actor: str, data: Mapping[str, Any]
) -> bytes:
    """The hash of one step, chained to the one before."""
    row = [incident_id, seq, stamp(at), type, actor, data]
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before + text.encode("utf-8", "surrogatepass")).digest()


def verify(incident: Incident) -> Broken | None:
    """The first place where the chain is broken, or None when it is whole."""
    head, expected = b"", 0
    for row in incident.timeline.order_by("seq").iterator():
        expected += 1
        if row.seq != expected:
            return Broken(expected, "a step is missing")
        head = step_hash(
            head,
            incident_id=incident.pk,
            seq=row.seq,
            at=row.at,
            type=row.type,
            actor=row.actor,
            data=row.data,
        )
        if head != bytes(row.hash):
            return Broken(row.seq, "the step was changed")
    if expected != incident.timeline_length or head != bytes(incident.timeline_head):
        return Broken(expected + 1, "the last steps are missing")
    return None
