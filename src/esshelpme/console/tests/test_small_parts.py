"""The next step, the clocks, and what is remembered for a moment."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from esshelpme.conftest import AT
from esshelpme.console.moment import Moment
from esshelpme.console.next_step import Situation, next_step
from esshelpme.console.targets import PHASE_OF, WITHIN, Phase, running
from esshelpme.dispatch.actions import ACTIONS
from esshelpme.incidents.states import Status
from esshelpme.words import has

CALM = Situation(
    status="DISPATCHING",
    kind="ASSAULT",
    has_place=True,
    place_wide=False,
    cancel_requested=False,
    open_calls=0,
    lead_open=False,
    asked=0,
    phone_holders=(),
    unseen=0,
)
ALL = frozenset(ACTIONS)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"cancel_requested": True, "open_calls": 2}, "DECIDE_CANCEL"),
        ({"open_calls": 1, "lead_open": True}, "CALL"),
        ({"has_place": False}, "FIND_PLACE"),
        ({"lead_open": True}, "ASSIGN"),
        ({"lead_open": True, "asked": 2, "unseen": 1}, "READ"),
        ({"place_wide": True}, "ASK_PLACE"),
        ({"lead_open": True, "asked": 2}, "CALL_NOW"),
        ({"status": "RESOLVED"}, "CLOSE"),
        ({"status": "ON_SCENE", "phone_holders": ("A",)}, "RESOLVE"),
        ({"status": "ACCEPTED", "phone_holders": ("A",)}, "PROGRESS"),
        ({"kind": "UNKNOWN"}, "SET_KIND"),
        ({"status": "EN_ROUTE"}, "TELL"),
        ({"status": "CLOSED"}, "REOPEN"),
        ({}, None),
    ],
)
def test_the_next_step_is_the_first_that_applies(changed: dict[str, object], code: str | None) -> None:
    step = next_step(replace(CALM, **changed), ALL)  # type: ignore[arg-type]
    assert (step.code if step else None) == code
    assert code is None or has(f"console.next.{code}")


def test_what_the_officer_may_not_do_is_not_proposed() -> None:
    assert next_step(replace(CALM, has_place=False), frozenset()) is None


def test_every_action_has_words_in_both_languages() -> None:
    for language in ("th", "en"):
        for name in ACTIONS:
            assert has(f"console.action.{name}", language)
            assert has(f"console.submit.{name}", language)


def test_each_phase_counts_from_its_own_beginning() -> None:
    stamps = {
        "created_at": AT,
        "accepted_at": AT + timedelta(minutes=1),
        "on_scene_at": AT + timedelta(minutes=9),
        "resolved_at": AT + timedelta(minutes=30),
    }
    for status, phase in PHASE_OF.items():
        clock = running(status=status, priority=1, stamps=stamps)
        assert clock is not None
        assert clock.phase is phase
        assert clock.target_s == WITHIN[phase][1]
    waiting = running(status="NEW", priority=1, stamps=stamps)
    assert waiting is not None
    assert waiting.phase is Phase.WAITING
    assert waiting.since == AT
    assert waiting.late_at(AT + timedelta(seconds=61))
    assert not waiting.late_at(AT + timedelta(seconds=60))
    assert running(status=Status.CLOSED, priority=1, stamps=stamps) is None


def test_many_who_ask_at_once_cost_one_making() -> None:
    made: list[int] = []
    begin = threading.Barrier(8)

    def make() -> int:
        made.append(1)
        return 7

    remembered: Moment[int] = Moment(60)
    answers: list[int] = []

    def ask() -> None:
        begin.wait()
        answers.append(remembered.get("board", make))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [7] * 8
    assert len(made) == 1
