"""The one big button: what a call-taker should do next, decided from the incident's state. Pure, with its reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Situation:
    """What the decision looks at."""

    status: str
    kind: str
    has_place: bool
    place_wide: bool
    cancel_requested: bool
    open_calls: int
    lead_open: bool  # the leading need has nobody yet
    asked: int  # offers of any need that wait for an answer
    phone_holders: tuple[str, ...]  # codes of units that accepted by telephone and are not on scene yet
    unseen: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """`code` names the texts (`console.next.CODE…`), `action` what the button opens."""

    code: str
    action: str
    unit: str = ""


def next_step(now: Situation, allowed: Collection[str]) -> NextStep | None:
    """The first of the rules that applies and that the officer may do; None when there is only waiting."""
    for step in _steps(now):
        if step.action in allowed or (step.action in ("call_done", "chat") and "message" in allowed):
            return step
    return None


def _steps(now: Situation) -> list[NextStep]:
    steps = []
    if now.cancel_requested:
        steps.append(NextStep("DECIDE_CANCEL", "refuse_cancel"))
    if now.open_calls:
        steps.append(NextStep("CALL", "call_done"))
    if not now.has_place:
        steps.append(NextStep("FIND_PLACE", "set_place"))
    if now.has_place and now.lead_open and not now.asked:
        steps.append(NextStep("ASSIGN", "assign"))
    if now.unseen:
        steps.append(NextStep("READ", "chat"))
    if now.place_wide:
        steps.append(NextStep("ASK_PLACE", "chat"))
    if now.has_place and now.lead_open and now.asked:
        steps.append(NextStep("CALL_NOW", "call"))
    if now.status == "RESOLVED":
        steps.append(NextStep("CLOSE", "close"))
    if now.status == "ON_SCENE":
        steps.append(NextStep("RESOLVE", "resolve"))
    if now.phone_holders:
        steps.append(NextStep("PROGRESS", "status_for", now.phone_holders[0]))
    if now.kind == "UNKNOWN":
        steps.append(NextStep("SET_KIND", "set_kind"))
    if now.status in ("ACCEPTED", "EN_ROUTE"):
        steps.append(NextStep("TELL", "chat"))
    if now.status in ("CLOSED", "CANCELLED"):
        steps.append(NextStep("REOPEN", "reopen"))
    return steps
