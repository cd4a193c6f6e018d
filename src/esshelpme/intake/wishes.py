"""What reporters may say of their own incident by one tap, over whatever channel (docs/conversation.md).

Nothing the reporter's phone does can stop help, since an attacker may hold it. Every function holds the incident's
row lock and returns which text of the catalogue answers it; the channel says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from esshelpme.dispatch import acts, alarms, engine, notices
from esshelpme.dispatch.states import AlarmLevel
from esshelpme.incidents import changes
from esshelpme.incidents.models import Incident
from esshelpme.incidents.states import (
    CANCELLABLE_BY_REPORTER,
    ENDED,
    OPEN,
    REOPEN_WITHIN_HOURS,
    Status,
)
from esshelpme.incidents.tell import reporters

STARS = range(1, 6)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a wish: a text of the catalogue in the mode of the incident.

    `everyone`: all reporters hear it, else only who asked. `kept`: it goes onto the timeline; what concerns an
    incident that has ended does not.
    """

    what: str
    everyone: bool = False
    kept: bool = True


def quiet(incident: Incident, *, at: datetime) -> Answer:
    """From now on: no calls, neutral words."""
    changes.set_discreet(incident, True, at=at, by="reporter")
    return Answer("quiet_on")


def loud(incident: Incident, *, at: datetime) -> Answer:
    """I can talk. One of several who reported cannot say that for the others: their pushes stay silent."""
    if incident.discreet and len(reporters(incident)) > 1:
        return Answer("joined")
    changes.set_discreet(incident, False, at=at, by="reporter")
    return Answer("loud_on")


def cancel(incident: Incident, *, at: datetime) -> Answer:
    """Ends only what nobody can be forced to cancel; for any other kind staff decide and offers go on."""
    if incident.status not in OPEN:
        return Answer("old", kept=False)
    if _own_to_cancel(incident):
        changes.cancel(incident, at=at, by="reporter")
        acts.end(incident, at=at, by="reporter")
        return Answer("cancelled", everyone=True)
    if changes.request_cancel(incident, at=at, by="reporter"):
        alarms.raise_alarm(incident, AlarmLevel.CENTRE, "CANCEL_REQUESTED", at=at)
    return Answer("cancel_asked")


def _own_to_cancel(incident: Incident) -> bool:
    """Whether it is of a kind that a phone may end, was never said by a phone to be another, and is nobody else's.

    Else whoever holds the phone of somebody hiding would tap another kind first, or end what a neighbour reported.
    """
    if incident.kind not in CANCELLABLE_BY_REPORTER or len(reporters(incident)) > 1:
        return False
    softened = incident.timeline.filter(type="KIND_CHANGED", actor="reporter")
    return set(softened.values_list("data__from", flat=True)) <= CANCELLABLE_BY_REPORTER


def safe(incident: Incident, *, at: datetime) -> Answer:
    """I am safe: shown to staff and to who is on the way, unconfirmed, changing nothing else."""
    already = incident.said_safe_at is not None
    changes.say_safe(incident, at=at, by="reporter")
    if not already:
        for assignment in engine.active(incident):
            if assignment.accepted_by and assignment.accepted_by.line_user_id:
                notices.tell_line(
                    assignment.accepted_by.line_user_id,
                    "said_safe",
                    at=at,
                    incident=incident,
                    assignment=assignment,
                )
    return Answer("safe_noted")


def may_rate(incident: Incident) -> bool:
    """After the close only; in discreet mode only when the closing said that it is safe to contact."""
    return incident.status == Status.CLOSED and (not incident.discreet or incident.safe_to_contact is True)


def rate(incident: Incident, stars: int, *, at: datetime) -> Answer:
    """Keep a rating of 1 to 5; any other number answers that the button no longer works."""
    if stars not in STARS:
        return Answer("stale", kept=incident.status not in ENDED)
    changes.rate(incident, stars, at=at, by="reporter")
    return Answer("rate_thanks", kept=False)


def may_reopen(incident: Incident, *, at: datetime) -> bool:
    """Whether "it is not solved" still goes back to the same incident: ended or resolved, within 24 hours."""
    if incident.status not in (*ENDED, Status.RESOLVED) or incident.merged_into_id is not None:
        return False
    ended = incident.closed_at or incident.resolved_at
    return ended is None or at - ended <= timedelta(hours=REOPEN_WITHIN_HOURS)


def not_solved(incident: Incident, *, at: datetime) -> Answer:
    """ "It is not solved": reopened, officers are sought again, and a supervisor hears of it."""
    if incident.status in OPEN:
        return Answer("joined")
    if not may_reopen(incident, at=at):
        return Answer("old", kept=False)
    acts.take_up_again(incident, note_text="", at=at, by="reporter")
    alarms.raise_alarm(incident, AlarmLevel.SUPERVISOR, "NOT_SOLVED", at=at)
    return Answer("received")
