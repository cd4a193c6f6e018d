"""Care: rights of one person, and of 100,000 people after a change of rules.

Each figure stands beside the rules engine alone on the same facts: for one person a bare loop that
evaluates every expression of the rule set by itself; for many people one call of the engine for each person
and rule set.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from statistics import quantiles
from typing import Any, Final

import zen

from esshelpme.cli.bench.results import BenchResult, Figure
from esshelpme.rights.catalogue import default
from esshelpme.rights.changes import what_changed
from esshelpme.rights.check import check_rights
from esshelpme.rights.facts import facts_of
from esshelpme.rights.request import EVENT_TYPES, LEVELS, Event, Person, Request, read_request

_DAY: Final = date(2026, 11, 24)
_RULES_BEFORE: Final = date(2020, 9, 30)
_ROUNDS: Final = 2_000
_PEOPLE: Final = 100_000
_TARGET_MS: Final = 20.0
_TARGET_S: Final = 120.0
_ONE: Final[dict[str, Any]] = {
    "persons": [
        {
            "id": "one",
            "birth_date": "1955-03-02",
            "thai_national": True,
            "disability_card": True,
            "state_pension": False,
            "yearly_income": 20_000,
        }
    ],
    "household": {"income_per_head_month": 2_500},
    "events": [{"type": "HARDSHIP", "on": "2026-10-01", "person": "one"}],
}


def run() -> BenchResult:
    """Rights: p50 and p99 of one check in milliseconds; seconds for 100,000 people under two sets of rules."""
    rules = default().rules(_DAY)
    request = read_request(_ONE, today=_DAY)
    values = facts_of(request, request.persons[0]).values
    alone = [zen.compile_expression(text) for text in rules.expressions]

    def bare_loop() -> None:
        for expression in alone:
            expression.evaluate(values)

    checked = _times(lambda: check_rights(_ONE, on=_DAY))
    bare = _times(bare_loop)
    started = time.perf_counter()
    report = what_changed(_people(), before=_RULES_BEFORE, after=_DAY)
    recheck = time.perf_counter() - started
    figures = [
        Figure(f"check-rights, {len(rules.programmes)} programmes, p50", _p(checked, 50), "ms", _p(bare, 50)),
        Figure(f"check-rights, {len(rules.programmes)} programmes, p99", _p(checked, 99), "ms", _p(bare, 99)),
        Figure(f"{_PEOPLE:,} people, two sets of rules", recheck, "s", _engine_alone()),
    ]
    notes = [
        f"bare loop: {len(alone)} expressions, one engine call each, without explanations",
        f"{len(report.changes):,} answers change; targets: {_TARGET_MS:g} ms p99, {_TARGET_S:g} s",
    ]
    return BenchResult("care", figures, notes)


def _times(action: Callable[[], object]) -> list[float]:
    """Milliseconds of each of many runs, after warming up."""
    for _ in range(50):
        action()
    found = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        action()
        found.append((time.perf_counter() - started) * 1_000)
    return found


def _p(times: list[float], percent: int) -> float:
    return quantiles(times, n=100)[percent - 1]


def _engine_alone() -> float:
    """Seconds of the engine for the same people and both rule sets, the facts made ready beforehand for
    each.
    """
    before, after = default().rules(_RULES_BEFORE).expressions, default().rules(_DAY).expressions
    spent = 0.0
    for _, request in _people():
        facts = facts_of(request, request.persons[0])
        started = time.perf_counter()
        before.evaluate(facts.values, facts.unknown)
        after.evaluate(facts.values, facts.unknown)
        spent += time.perf_counter() - started
    return spent


def _people() -> Iterator[tuple[str, Request]]:
    """The same made-up people every time, one a request; a third of every answer is not known."""
    draw = random.Random(7)  # noqa: S311  # repeatable, not secret

    def maybe(value: Any) -> Any:
        return value if draw.random() < 2 / 3 else None

    for number in range(_PEOPLE):
        born = _DAY - timedelta(days=draw.randrange(1, 95 * 365))
        events: tuple[Event, ...] = ()
        if draw.random() < 0.2:
            happened = max(born, _DAY - timedelta(days=draw.randrange(700)))
            events = (Event(draw.choice(EVENT_TYPES), happened, "p"),)
        person = Person(
            id="p",
            birth_date=born,
            thai_national=maybe(draw.random() < 0.97),
            disability_card=maybe(draw.random() < 0.05),
            yearly_income=maybe(float(draw.randrange(0, 200_000))),
            state_pension=maybe(draw.random() < 0.1),
            student=maybe(draw.choice(LEVELS)),
            newborn_grant_household_income_per_head=maybe(float(draw.randrange(0, 200_000))),
        )
        income = maybe(float(draw.randrange(0, 10_000)))
        yield (
            str(number),
            Request(on=_DAY, persons=(person,), income_per_head_month=income, events=maybe(events)),
        )
