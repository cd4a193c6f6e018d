"""Rules with three values: met, unmet, open, and why open.

A rule is data: an expression of the engine's language about the facts of `facts.FIELDS`, or `any`, `all`,
`not` of rules, or an `open` point that no fact settles (`FACT`: told, does not lower the verdict;
`DECISION`: somebody's approval or a registration round decides), or `use` of a shared definition.
Expressions are evaluated by zen-engine, all of a rule set in one call; everything about unknown facts
happens here, in Kleene's strong logic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import zen

from .facts import FIELDS

_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*")
_WORDS = {"and", "or", "not", "in", "true", "false"}
_MEMBERS = {"has", "months", "days"}


class RuleError(ValueError):
    """A rule in the catalogue is wrong; the message says where and why."""


class State(IntEnum):
    """What is known of a criterion. Only `MET` and `UNMET` are certain."""

    UNMET = 0
    MET = 1
    UNKNOWN = 2  # an input of the request would settle it
    DECISION = 3  # approval or a registration round settles it
    FACT = 4  # something that no input of the request can tell


#: a compiled rule: ("leaf", index, inputs, assumed) | ("any"|"all", parts) | ("not", part) | ("open", State)
Node = tuple[Any, ...]
Found = tuple[State, frozenset[str]]
_MET: Found = (State.MET, frozenset())
_UNMET: Found = (State.UNMET, frozenset())


def inputs_of(expression: str) -> frozenset[str]:
    """The facts that an expression speaks about. RuleError for a name that is no fact."""
    found = set()
    for token in _TOKEN.findall(expression):
        if token[0] in "'\"" or token in _WORDS:
            continue
        name, _, member = token.partition(".")
        if name not in FIELDS:
            raise RuleError(f"unknown fact {name!r} in {expression!r}")
        if member and (member not in _MEMBERS or FIELDS[name] != "events"):
            raise RuleError(f"fact {name!r} has no member {member!r} in {expression!r}")
        if not member and FIELDS[name] == "events":
            raise RuleError(f"fact {name!r} needs one of {sorted(_MEMBERS)} in {expression!r}")
        found.add(name)
    if not found:
        raise RuleError(f"{expression!r} speaks about no fact")
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Values:
    """A rule set's expressions evaluated for one person; `unknown` are the facts nobody told."""

    results: list[bool]
    unknown: frozenset[str]


class Expressions:
    """The expressions of a rule set, each once, compiled into one call of the engine."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._compiled: Any = None

    def add(self, expression: str) -> int:
        """Index of the expression among the results. RuleError when the engine cannot read it."""
        if expression not in self._index:
            inputs_of(expression)
            if problem := zen.validate_expression(expression):
                raise RuleError(f"the engine cannot read {expression!r}: {problem.get('source', problem)}")
            self._index[expression] = len(self._index)
            self._compiled = None
        return self._index[expression]

    def evaluate(self, values: Mapping[str, Any], unknown: frozenset[str]) -> Values:
        """Every expression's truth for these facts (unknown ones hold harmless values of their type)."""
        if not self._index:
            return Values([], unknown)
        if self._compiled is None:
            self._compiled = zen.compile_expression(
                "[" + ", ".join(f"({text})" for text in self._index) + "]"
            )
        return Values(self._compiled.evaluate(values), unknown)

    def __len__(self) -> int:
        return len(self._index)

    def __iter__(self) -> Any:
        return iter(self._index)


def compile_rule(
    rule: object, *, expressions: Expressions, definitions: Mapping[str, object], path: tuple[str, ...] = ()
) -> Node:
    """A rule of the catalogue made ready. RuleError for anything that is no rule, and for a cycle of
    definitions.
    """
    if isinstance(rule, str):
        return ("leaf", expressions.add(rule), inputs_of(rule), None)
    if not isinstance(rule, Mapping) or not rule:
        raise RuleError(f"{rule!r} is no rule")

    def part(inner: object) -> Node:
        return compile_rule(inner, expressions=expressions, definitions=definitions, path=path)

    if "expr" in rule:
        text = str(rule["expr"])
        return ("leaf", expressions.add(text), inputs_of(text), rule.get("unknown_is"))
    for kind in ("any", "all"):
        if kind in rule:
            if not isinstance(rule[kind], list) or not rule[kind]:
                raise RuleError(f"{kind!r} needs a list of rules")
            return (kind, tuple(part(inner) for inner in rule[kind]))
    if "not" in rule:
        return ("not", part(rule["not"]))
    if "open" in rule:
        if rule["open"] not in ("FACT", "DECISION"):
            raise RuleError(f"open is FACT or DECISION, not {rule['open']!r}")
        return ("open", State[rule["open"]])
    if "use" in rule:
        name = str(rule["use"])
        return compile_rule(
            _definition(name, definitions, path),
            expressions=expressions,
            definitions=definitions,
            path=(*path, name),
        )
    raise RuleError(f"{rule!r} is no rule")


def _definition(name: str, definitions: Mapping[str, object], path: tuple[str, ...]) -> object:
    if name in path:
        raise RuleError("definitions go in a circle: " + " → ".join((*path[path.index(name) :], name)))
    if name not in definitions:
        raise RuleError(f"unknown definition {name!r}")
    return definitions[name]


def judge(node: Node, values: Values) -> Found:
    """The state of a rule, with the facts that would settle it when UNKNOWN.

    Strong Kleene logic: one unmet part settles `all`, one met part settles `any`, whatever else is unknown.
    Of several reasons to be open, the one that an input could settle wins, then a decision.
    """
    kind = node[0]
    if kind == "leaf":
        return _judge_leaf(node, values)
    if kind == "open":
        return node[1], frozenset()
    if kind == "not":
        state, missing = judge(node[1], values)
        return (State(1 - state), missing) if state <= State.MET else (state, missing)
    settles, otherwise = (_UNMET, _MET) if kind == "all" else (_MET, _UNMET)
    missing = frozenset()
    state = otherwise[0]
    for part in node[1]:
        found, names = judge(part, values)
        if found == settles[0]:
            return settles
        if found > State.MET:
            missing |= names
            state = found if state <= State.MET else min(state, found)
    return state, missing


def _judge_leaf(node: Node, values: Values) -> Found:
    _, index, inputs, assumed = node
    if inputs.isdisjoint(values.unknown):
        return _MET if values.results[index] else _UNMET
    if assumed is None:
        return State.UNKNOWN, inputs & values.unknown
    return _MET if assumed else _UNMET


def inputs_used(node: Node) -> frozenset[str]:
    """All facts a compiled rule may look at."""
    if node[0] == "leaf":
        return frozenset(node[2])
    if node[0] == "open":
        return frozenset()
    if node[0] == "not":
        return inputs_used(node[1])
    return frozenset().union(*(inputs_used(part) for part in node[1]))


def has_assumption(node: Node) -> bool:
    """Whether the rule takes something for granted while it is unknown (`unknown_is`)."""
    if node[0] == "leaf":
        return node[3] is not None
    if node[0] == "not":
        return has_assumption(node[1])
    return node[0] in ("any", "all") and any(has_assumption(part) for part in node[1])
