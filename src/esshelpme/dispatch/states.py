"""Statuses of offers, assignments and needs, and groups of them named once."""

from __future__ import annotations

from enum import StrEnum


class AssignmentStatus(StrEnum):
    OFFERED = "OFFERED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    ACCEPTED = "ACCEPTED"
    EN_ROUTE = "EN_ROUTE"
    ON_SCENE = "ON_SCENE"
    DONE = "DONE"


A = AssignmentStatus
# Somebody is on it.
ACTIVE = (A.ACCEPTED, A.EN_ROUTE, A.ON_SCENE)
# Still a question to the unit, or already its work.
LIVE = (A.OFFERED, *ACTIVE)
# An accept after these is honoured while the need is free.
LATE_ACCEPTABLE = (A.OFFERED, A.DECLINED, A.EXPIRED)

# What a responder or staff may set, and from what.
PROGRESS: dict[AssignmentStatus, tuple[AssignmentStatus, ...]] = {
    A.EN_ROUTE: (A.ACCEPTED,),
    A.ON_SCENE: (A.ACCEPTED, A.EN_ROUTE),
    A.DONE: (A.ACCEPTED, A.EN_ROUTE, A.ON_SCENE),
}


class NeedStatus(StrEnum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    EN_ROUTE = "EN_ROUTE"
    ON_SCENE = "ON_SCENE"
    DONE = "DONE"
    HANDED_OVER = "HANDED_OVER"
    WITHDRAWN = "WITHDRAWN"


class AlarmLevel(StrEnum):
    CENTRE = "CENTRE"
    SUPERVISOR = "SUPERVISOR"
    PROVINCE = "PROVINCE"
    NATIONAL = "NATIONAL"


class DeadlineKind(StrEnum):
    OFFERS_EXPIRE = "OFFERS_EXPIRE"
    CALL_TASK = "CALL_TASK"
    TELL_WAITING = "TELL_WAITING"
    NO_PLACE = "NO_PLACE"
