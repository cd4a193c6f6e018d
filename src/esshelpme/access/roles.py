"""Who may do what: one table, read by pages, API and streams alike.

A role has rights, and a scope: which incidents it may see at all.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    ADMINISTRATOR = "ADMINISTRATOR"
    SUPERVISOR = "SUPERVISOR"
    CALL_TAKER = "CALL_TAKER"
    RESPONDER = "RESPONDER"
    CASE_WORKER = "CASE_WORKER"
    OUTREACH_OFFICER = "OUTREACH_OFFICER"
    ANALYST = "ANALYST"


class Right(StrEnum):
    SEE_BOARD = "see the board"
    SEE_INCIDENT = "see an incident"
    SEE_PERSON = "see words, names, numbers and exact places of people"
    TAKE_REPORT = "enter a report"
    RUN_INCIDENT = "act on an incident"
    DISPATCH = "assign, withdraw and hand over"
    CLOSE_INCIDENT = "close, cancel and reopen an incident"
    SET_PRIORITY = "change the priority"
    MANAGE_DIRECTORY = "change agencies, units, members and rosters"
    MANAGE_ACCOUNTS = "change accounts and tokens"
    MANAGE_PROTOCOLS = "change protocols"
    SEE_DIRECTORY = "see agencies and units"
    SEE_SET_ASIDE = "see messages that could not be understood"
    HAND_OVER_SHIFT = "sign the shift hand-over"
    MANAGE_OUTREACH = "plan and run outreach"
    SEE_FIGURES = "see figures without people"
    CHECK_RIGHTS = "check rights and welfare"
    MANAGE_CASES = "open and work on cases"
    SEE_AUDIT = "see who looked at what"


class Scope(StrEnum):
    """Which incidents a role reaches."""

    AREA = "AREA"  # those in its areas; no areas given means the whole country
    AGENCY = "AGENCY"  # those in its areas on which a unit of its agency is or was assigned
    NONE = "NONE"


_CENTRE = {
    Right.SEE_BOARD,
    Right.SEE_INCIDENT,
    Right.SEE_PERSON,
    Right.TAKE_REPORT,
    Right.RUN_INCIDENT,
    Right.DISPATCH,
    Right.CLOSE_INCIDENT,
    Right.SET_PRIORITY,
    Right.SEE_DIRECTORY,
    Right.SEE_SET_ASIDE,
    Right.HAND_OVER_SHIFT,
    Right.CHECK_RIGHTS,
}
_SUPERVISOR = _CENTRE | {
    Right.MANAGE_DIRECTORY,
    Right.MANAGE_PROTOCOLS,
    Right.SEE_FIGURES,
    Right.SEE_AUDIT,
    Right.MANAGE_CASES,
}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.SUPERVISOR: frozenset(_SUPERVISOR),
    Role.CALL_TAKER: frozenset(_CENTRE),
    Role.RESPONDER: frozenset({Right.SEE_INCIDENT, Right.SEE_PERSON, Right.SEE_DIRECTORY}),
    Role.CASE_WORKER: frozenset(
        {Right.SEE_INCIDENT, Right.SEE_PERSON, Right.SEE_DIRECTORY, Right.CHECK_RIGHTS, Right.MANAGE_CASES}
    ),
    Role.OUTREACH_OFFICER: frozenset({Right.MANAGE_OUTREACH, Right.SEE_FIGURES}),
    Role.ANALYST: frozenset({Right.SEE_FIGURES}),
}

SCOPES: dict[Role, Scope] = {
    Role.ADMINISTRATOR: Scope.AREA,
    Role.SUPERVISOR: Scope.AREA,
    Role.CALL_TAKER: Scope.AREA,
    Role.RESPONDER: Scope.AGENCY,
    Role.CASE_WORKER: Scope.AGENCY,
    Role.OUTREACH_OFFICER: Scope.NONE,
    Role.ANALYST: Scope.NONE,
}
