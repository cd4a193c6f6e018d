"""The one big button: what a call-taker should do next, decided from the incident's state. Pure, with its reason."""

from __future__ import annotations

from collections.abc import Callable, Collection
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
    for applies, code, action in RULES:
        may = action in allowed or (action == "chat" and "message" in allowed)
        if may and applies(now):
            unit = now.phone_holders[0] if action == "status_for" else ""
            return NextStep(code, action, unit)
    return None


# In the order in which a call-taker should think of them.
RULES: tuple[tuple[Callable[[Situation], bool], str, str], ...] = (
    (lambda now: now.cancel_requested, "DECIDE_CANCEL", "refuse_cancel"),
    (lambda now: now.open_calls > 0, "CALL", "call_done"),
    (lambda now: not now.has_place, "FIND_PLACE", "set_place"),
    (lambda now: now.has_place and now.lead_open and not now.asked, "ASSIGN", "assign"),
    (lambda now: now.unseen > 0, "READ", "chat"),
    (lambda now: now.place_wide, "ASK_PLACE", "chat"),
    (lambda now: now.has_place and now.lead_open and now.asked > 0, "CALL_NOW", "call"),
    (lambda now: now.status == "RESOLVED", "CLOSE", "close"),
    (lambda now: now.status == "ON_SCENE", "RESOLVE", "resolve"),
    (lambda now: bool(now.phone_holders), "PROGRESS", "status_for"),
    (lambda now: now.kind == "UNKNOWN", "SET_KIND", "set_kind"),
    (lambda now: now.status in ("ACCEPTED", "EN_ROUTE"), "TELL", "chat"),
    (lambda now: now.status in ("CLOSED", "CANCELLED"), "REOPEN", "reopen"),
)
