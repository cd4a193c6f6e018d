"""Setting and dropping deadlines, written with everything else of their step."""

from __future__ import annotations

from datetime import datetime

from esshelpme.dispatch.models import Deadline, Need
from esshelpme.dispatch.states import DeadlineKind
from esshelpme.incidents.models import Incident
from esshelpme.platform.writing import gather

Key = tuple[int, int | None, str]


def set_deadline(
    incident: Incident, kind: DeadlineKind, *, due_at: datetime, need: Need | None = None
) -> None:
    """One deadline of a kind for a need (or the incident): a new time takes the place of the one before."""
    gather(_write, Deadline(incident=incident, need=need, kind=kind, due_at=due_at))


def drop_deadlines(incident: Incident, *, need: Need | None = None) -> None:
    """Nothing is waited for any more: of one need, or of the whole incident."""
    gather(_write, (incident.pk, need.pk if need else None))


def _write(steps: list[Deadline | tuple[int, int | None]]) -> None:
    wanted: dict[Key, Deadline] = {}
    dropped: list[tuple[int, int | None]] = []
    for step in steps:
        if isinstance(step, Deadline):
            wanted[step.incident_id, step.need_id, step.kind] = step
        else:
            dropped.append(step)
            wanted = {key: row for key, row in wanted.items() if not _covers(step, key)}
    for incident_id, need_id in dict.fromkeys(dropped):
        rows = Deadline.objects.filter(incident_id=incident_id)
        (rows if need_id is None else rows.filter(need_id=need_id)).delete()
    if wanted:
        Deadline.objects.bulk_create(
            wanted.values(),
            update_conflicts=True,
            unique_fields=["incident", "need", "kind"],
            update_fields=["due_at", "done_at", "attempts"],
        )


def _covers(dropped: tuple[int, int | None], key: Key) -> bool:
    incident_id, need_id = dropped
    return key[0] == incident_id and need_id in (None, key[1])
