"""What staff and programs can do with an incident: one named action each, the same for console and API.

`perform` fetches the incident under the officer's permission, locks it, checks the fields, acts, and writes all of
it in one transaction. The table `ACTIONS` is the whole list; the console shows what `allowed` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.dispatch import acts, forms
from esshelpme.incidents.access import incident_for
from esshelpme.incidents.models import Incident
from esshelpme.incidents.states import ENDED, OPEN, NotAllowed, Status
from esshelpme.platform.writing import writing


class UnknownAction(LookupError):
    """No such action (HTTP 422)."""


Act = Callable[..., None]
OPEN_OR_RESOLVED = frozenset({*OPEN, Status.RESOLVED})
ANY = frozenset(Status)


@dataclass(frozen=True, slots=True)
class Action:
    """One action: who may, in which states it may be done, its fields, and what it does."""

    right: Right
    form: type[BaseModel]
    act: Act
    states: frozenset[Status]


ACTIONS: dict[str, Action] = {
    "close": Action(Right.CLOSE_INCIDENT, forms.Close, acts.close, OPEN_OR_RESOLVED),
    "resolve": Action(Right.RUN_INCIDENT, forms.Noted, acts.resolve, frozenset(OPEN)),
    "reopen": Action(Right.CLOSE_INCIDENT, forms.Reopen, acts.reopen, frozenset({*ENDED, Status.RESOLVED})),
    "cancel": Action(Right.CLOSE_INCIDENT, forms.Noted, acts.cancel, frozenset(OPEN)),
    "confirm_cancel": Action(Right.CLOSE_INCIDENT, forms.Nothing, acts.confirm_cancel, frozenset(OPEN)),
    "refuse_cancel": Action(Right.CLOSE_INCIDENT, forms.Nothing, acts.refuse_cancel, frozenset(OPEN)),
    "assign": Action(Right.DISPATCH, forms.OfUnit, acts.assign, frozenset(OPEN)),
    "withdraw": Action(Right.DISPATCH, forms.OfUnit, acts.withdraw, OPEN_OR_RESOLVED),
    "accept_for": Action(Right.DISPATCH, forms.AcceptFor, acts.accept_for, frozenset(OPEN)),
    "status_for": Action(Right.DISPATCH, forms.StatusFor, acts.status_for, frozenset(OPEN)),
    "handover": Action(Right.DISPATCH, forms.Handover, acts.handover, frozenset(OPEN)),
    "backup": Action(Right.DISPATCH, forms.Backup, acts.backup, frozenset(OPEN)),
    "set_kind": Action(Right.RUN_INCIDENT, forms.SetKind, acts.set_kind, frozenset(OPEN)),
    "set_place": Action(Right.RUN_INCIDENT, forms.SetPlace, acts.set_place, frozenset(OPEN)),
    "set_priority": Action(Right.SET_PRIORITY, forms.SetPriority, acts.set_priority, frozenset(OPEN)),
    "quiet": Action(Right.RUN_INCIDENT, forms.Quiet, acts.quiet, ANY),
    "note": Action(Right.RUN_INCIDENT, forms.Words, acts.note, ANY),
    "message": Action(Right.RUN_INCIDENT, forms.Words, acts.message, ANY),
    "merge": Action(Right.RUN_INCIDENT, forms.Merge, acts.merge, OPEN_OR_RESOLVED),
    "acknowledge": Action(Right.RUN_INCIDENT, forms.Acknowledge, acts.acknowledge, ANY),
    "call": Action(Right.DISPATCH, forms.Call, acts.call, frozenset(OPEN)),
    "call_done": Action(Right.DISPATCH, forms.CallDone, acts.call_done, ANY),
}


def perform(officer: Officer, ref: str, action: str, fields: Mapping[str, Any], *, at: datetime) -> Incident:
    """Do one action.

    Raises `UnknownAction`, `pydantic.ValidationError` or `acts.BadField` (422), `Refused` (403), `NoSuchIncident`
    (404), `NotAllowed` (409).
    """
    entry = ACTIONS.get(action)
    if entry is None:
        raise UnknownAction(action)
    officer.require(entry.right)
    form = entry.form.model_validate(dict(fields))
    with writing():
        incident = incident_for(officer, ref, right=entry.right, for_update=True)
        if Status(incident.status) not in entry.states:
            raise NotAllowed("OPEN" if incident.is_open else "ENDED", f"the incident is {incident.status}")
        entry.act(incident, form, officer=officer, at=at)
    return incident


def allowed(officer: Officer, incident: Incident) -> list[str]:
    """Actions that this officer may take in the incident's state, in the table's order."""
    status = Status(incident.status)
    names = [name for name, entry in ACTIONS.items() if officer.may(entry.right) and status in entry.states]
    if incident.cancel_requested_at is None:
        names = [name for name in names if name not in ("confirm_cancel", "refuse_cancel")]
    return names
