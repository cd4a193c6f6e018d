"""What to ask next: only questions that can change the answer, the most telling first.

A question is asked when its field is `missing` in some MAYBE item. How telling it is: try the answers that
the rules tell apart (yes and no; just at and just above each limit; each level; each kind of event) and
count how many (programme, person) items change their verdict on average. Nothing is stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any, TypedDict

from .catalogue import Catalogue, RuleSet, default
from .check import MAYBE, items_of, verdicts_of
from .facts import FIELDS
from .request import EVENT_TYPES, LEVELS, NOT_A_PUPIL, Event, Person, Request, read_request
from .rules import Expressions
from .words import DATA

_LIMIT = r"\b{fact}\s*(?:<=|<|>=|>)\s*(\d+(?:\.\d+)?)"


class Question(TypedDict):
    """A question about `field`; `person` is None for the household. `weight`: verdicts it changes on
    average.
    """

    field: str
    person: str | None
    kind: str
    text_th: str
    text_en: str
    choices: list[str]
    weight: float
    programmes: list[str]


@cache
def _words() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((DATA / "questions.json").read_text(encoding="utf-8"))
    return found


def questions(request: object, *, on: date, catalogue: Catalogue | None = None) -> list[Question]:
    """The open questions for a request (JSON-like, as for `check_rights`), the most telling first.

    Empty when nothing that could be asked changes a verdict. Raises InvalidRequest.
    """
    return questions_for(read_request(request, today=on), catalogue=catalogue)


def questions_for(request: Request, *, catalogue: Catalogue | None = None) -> list[Question]:
    """`questions` for a request already read."""
    rules = (catalogue or default()).rules(request.on)
    open_items = [item for item in items_of(request, catalogue=catalogue) if item["verdict"] == MAYBE]
    wanted: dict[tuple[str, str | None], list[str]] = {}
    for item in open_items:
        for name in item["missing"]:
            person = item["person"] if _words()[name]["scope"] == "person" else None
            codes = wanted.setdefault((name, person), [])
            if item["programme"] not in codes:
                codes.append(item["programme"])
    now = _verdicts(request, rules)
    found: list[Question] = []
    for (name, person), codes in wanted.items():
        answers = list(_answers(request, name, person, rules.expressions))
        changed = sum(_differ(now, _verdicts(answer, rules, person)) for answer in answers)
        words = _words()[name]
        found.append(
            {
                "field": name,
                "person": person,
                "kind": words["kind"],
                "text_th": words["th"],
                "text_en": words["en"],
                "choices": _choices(words["kind"]),
                "weight": round(changed / len(answers), 3),
                "programmes": sorted(codes),
            }
        )
    order = list(_words())
    return sorted(found, key=lambda q: (-q["weight"], -len(q["programmes"]), order.index(q["field"])))


def _choices(kind: str) -> list[str]:
    return {
        "level": [*LEVELS, NOT_A_PUPIL],
        "events": list(EVENT_TYPES),
        "sex": ["FEMALE", "MALE", "OTHER"],
    }.get(kind, [])


def _verdicts(request: Request, rules: RuleSet, only: str | None = None) -> dict[tuple[str, str], str]:
    found = verdicts_of(request, rules=rules, only=only)
    return {(code, person): verdict for code, person, verdict, _ in found}


def _differ(before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> int:
    return sum(verdict != before.get(key) for key, verdict in after.items())


def _answers(request: Request, name: str, person: str | None, expressions: Expressions) -> Iterator[Request]:
    """The request with each answer to the question that the rules can tell apart."""
    kind = _words()[name]["kind"]
    if kind == "events":
        yield replace(request, events=())
        for event in EVENT_TYPES:
            if event != "DEATH":  # a death is told, never supposed
                yield replace(request, events=tuple(Event(event, request.on, p.id) for p in request.persons))
        return
    values: list[Any]
    if kind == "yes_no":
        values = [True, False]
    elif kind == "level":
        values = [*LEVELS, NOT_A_PUPIL]
    elif kind == "sex":
        values = ["FEMALE", "MALE"]
    else:
        values = _around_limits(name, expressions)
    for value in values:
        if person is None:
            yield replace(request, income_per_head_month=value)
        else:
            yield replace(request, persons=tuple(_with(p, person, name, value) for p in request.persons))


def _with(one: Person, person: str, name: str, value: object) -> Person:
    return replace(one, **{name: value}) if one.id == person else one  # type: ignore[arg-type]


def _around_limits(name: str, expressions: Expressions) -> list[float]:
    """Each limit the rules set for the field, and one baht more; 0 when there is none."""
    fact = next(fact for fact, source in FIELDS.items() if source == name)
    limits = {float(found) for text in expressions for found in re.findall(_LIMIT.format(fact=fact), text)}
    return sorted({0.0} | limits | {limit + 1 for limit in limits})
