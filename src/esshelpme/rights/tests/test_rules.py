"""Three-valued logic: what is known settles; what is not known stays open, for the reason that can be acted
on.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from esshelpme.rights.rules import Expressions, State, compile_rule, has_assumption, inputs_of, judge

DEFINITIONS: dict[str, object] = {}
VALUES: dict[str, Any] = {"age": 70, "thai": True, "card": False, "income": 0.0}


def state(rule: object, *unknown: str) -> tuple[str, set[str]]:
    expressions = Expressions()
    node = compile_rule(rule, expressions=expressions, definitions=DEFINITIONS)
    found, missing = judge(node, expressions.evaluate(VALUES, frozenset(unknown)))
    return found.name, set(missing)


FACT, DECISION = {"open": "FACT"}, {"open": "DECISION"}
MET, UNMET = "age >= 60", "age >= 80"
OPEN = "thai == true"  # with thai unknown


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (MET, "MET"),
        (UNMET, "UNMET"),
        (OPEN, "UNKNOWN"),
        ({"all": [MET, OPEN]}, "UNKNOWN"),
        ({"all": [UNMET, OPEN, DECISION]}, "UNMET"),
        ({"any": [MET, OPEN, FACT]}, "MET"),
        ({"any": [UNMET, OPEN]}, "UNKNOWN"),
        ({"any": [UNMET, DECISION]}, "DECISION"),
        ({"all": [MET, FACT]}, "FACT"),
        ({"all": [FACT, DECISION]}, "DECISION"),
        ({"all": [DECISION, OPEN]}, "UNKNOWN"),
        ({"not": MET}, "UNMET"),
        ({"not": OPEN}, "UNKNOWN"),
        ({"expr": OPEN, "unknown_is": False}, "UNMET"),
        ({"expr": OPEN, "unknown_is": True}, "MET"),
    ],
)
def test_the_table_of_truth(rule: object, expected: str) -> None:
    assert state(rule, "thai")[0] == expected


def test_what_is_missing_are_the_open_facts_only() -> None:
    assert state({"all": [OPEN, "card == true", MET]}, "thai", "card") == ("UNKNOWN", {"thai", "card"})
    assert state({"any": [{"all": [UNMET, OPEN]}, "card == true"]}, "thai", "card") == ("UNKNOWN", {"card"})


def test_learning_never_overturns_what_was_settled() -> None:
    leaves: list[object] = [MET, UNMET, OPEN, "card == true"]
    for kind, parts in itertools.product(("any", "all"), itertools.combinations(leaves, 3)):
        before = state({kind: list(parts)}, "thai", "card")[0]
        after = state({kind: list(parts)})[0]
        assert before in ("UNKNOWN", after)


def test_open_comes_from_the_reason_that_can_be_acted_on() -> None:
    assert min(State.UNKNOWN, State.DECISION, State.FACT) is State.UNKNOWN


def test_names_in_texts_are_no_facts() -> None:
    assert inputs_of("level in ['PRIMARY', \"age\"] and not (age >= 3)") == {"level", "age"}


def test_an_assumption_is_seen_from_outside() -> None:
    node = compile_rule(
        {"all": [MET, {"any": [{"expr": OPEN, "unknown_is": False}]}]},
        expressions=Expressions(),
        definitions={},
    )
    assert has_assumption(node)
