"""The incident's state machine, declared once: what may follow what, and which kinds need what."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    NEW = "NEW"
    DISPATCHING = "DISPATCHING"
    ACCEPTED = "ACCEPTED"
    EN_ROUTE = "EN_ROUTE"
    ON_SCENE = "ON_SCENE"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class Kind(StrEnum):
    ASSAULT = "ASSAULT"
    CONFINEMENT = "CONFINEMENT"
    SEXUAL = "SEXUAL"
    DISTURBED = "DISTURBED"
    GATHERING = "GATHERING"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Disposition(StrEnum):
    HELPED = "HELPED"
    REFERRED = "REFERRED"
    FALSE_ALARM = "FALSE_ALARM"
    PRANK = "PRANK"
    DUPLICATE = "DUPLICATE"
    UNREACHABLE = "UNREACHABLE"
    NO_ACTION = "NO_ACTION"


class Topic(StrEnum):
    """What hotline 1300 also takes."""

    FAMILY_VIOLENCE = "FAMILY_VIOLENCE"
    TEEN_PREGNANCY = "TEEN_PREGNANCY"
    TRAFFICKING = "TRAFFICKING"
    DRUGS = "DRUGS"
    HOMELESS = "HOMELESS"
    CHILD_YOUTH = "CHILD_YOUTH"
    MISSING = "MISSING"
    ELDERLY = "ELDERLY"
    DISABLED = "DISABLED"
    BEGGING = "BEGGING"
    OTHER = "OTHER"


class Danger(StrEnum):
    """Signs that raise the priority, in the order in which officers are told of them."""

    WEAPON = "WEAPON"
    CHILD = "CHILD"
    INJURY = "INJURY"
    FIRE = "FIRE"


OPEN = (Status.NEW, Status.DISPATCHING, Status.ACCEPTED, Status.EN_ROUTE, Status.ON_SCENE)
ENDED = (Status.CLOSED, Status.CANCELLED)

_S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    _S.NEW: frozenset(
        {_S.DISPATCHING, _S.ACCEPTED, _S.EN_ROUTE, _S.ON_SCENE, _S.RESOLVED, _S.CLOSED, _S.CANCELLED}
    ),
    _S.DISPATCHING: frozenset({_S.ACCEPTED, _S.EN_ROUTE, _S.ON_SCENE, _S.RESOLVED, _S.CLOSED, _S.CANCELLED}),
    _S.ACCEPTED: frozenset({_S.DISPATCHING, _S.EN_ROUTE, _S.ON_SCENE, _S.RESOLVED, _S.CLOSED, _S.CANCELLED}),
    _S.EN_ROUTE: frozenset({_S.DISPATCHING, _S.ACCEPTED, _S.ON_SCENE, _S.RESOLVED, _S.CLOSED, _S.CANCELLED}),
    _S.ON_SCENE: frozenset({_S.DISPATCHING, _S.ACCEPTED, _S.EN_ROUTE, _S.RESOLVED, _S.CLOSED, _S.CANCELLED}),
    _S.RESOLVED: frozenset({_S.DISPATCHING, _S.NEW, _S.CLOSED}),
    _S.CLOSED: frozenset({_S.DISPATCHING, _S.NEW}),
    _S.CANCELLED: frozenset({_S.DISPATCHING, _S.NEW}),
}

# Over LINE these are discreet until the person says otherwise.
DISCREET_KINDS = frozenset({Kind.ASSAULT, Kind.CONFINEMENT, Kind.SEXUAL, Kind.UNKNOWN})
# Only these may be cancelled by the reporter's phone alone: an attacker may hold it.
CANCELLABLE_BY_REPORTER = frozenset({Kind.GATHERING, Kind.OTHER})
REOPEN_WITHIN_HOURS = 24


class NotAllowed(Exception):
    """The action is not allowed in this state, or was done already (HTTP 409). `code` names why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def may_follow(before: Status, after: Status) -> bool:
    return after in TRANSITIONS[before]
