"""Check rights: which programmes a person is LIKELY, MAYBE or NOT (`NO`) entitled to, and why.

`NO` when a criterion is unmet. `MAYBE` when an input of the request could settle an open one, when approval
or a registration round decides, or when the rules rest on something unconfirmed. Else `LIKELY`. The program
proposes; people decide. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NotRequired, TypedDict

from .ages import full_years
from .catalogue import Catalogue, Ready, RuleSet, default
from .facts import FIELDS, Facts, facts_of
from .request import FieldError, InvalidRequest, Request, read_request
from .rules import State, Values, judge
from .words import words

__all__ = ["FieldError", "InvalidRequest", "Item", "check_rights", "items_of", "verdicts_of"]

LIKELY, MAYBE, NO = "LIKELY", "MAYBE", "NO"
ADULT = 18


class AmountItem(TypedDict):
    baht: int
    per: str


class CriterionItem(TypedDict):
    text_th: str
    text_en: str
    met: bool | None
    source: str


class Item(TypedDict):
    """One programme for one person. `up_to`: the amount is a ceiling at the office's discretion."""

    programme: str
    person: str
    verdict: str
    amount: NotRequired[AmountItem]
    up_to: NotRequired[bool]
    criteria: list[CriterionItem]
    missing: list[str]


def check_rights(request: object, *, on: date, catalogue: Catalogue | None = None) -> list[Item]:
    """The items for a request (JSON-like, docs/rights.md), judged on its `on`, else on the day `on`
    (today).

    Items come by person in the request's order, LIKELY first, then MAYBE, then NO. Raises InvalidRequest.
    """
    return items_of(read_request(request, today=on), catalogue=catalogue)


def items_of(
    request: Request, *, catalogue: Catalogue | None = None, rules_on: date | None = None
) -> list[Item]:
    """The items for a request already read. `rules_on`: judge by the rules of another day."""
    rules = (catalogue or default()).rules(rules_on or request.on)
    items = []
    for facts, values, mine in _each(request, rules):
        items += sorted((_item(ready, facts, values) for ready in mine), key=_order)
    return items


def _order(item: Item) -> tuple[int, int]:
    """LIKELY before MAYBE before NO; among equals the one with most criteria already met."""
    return (LIKELY, MAYBE, NO).index(item["verdict"]), -sum(c["met"] is True for c in item["criteria"])


def verdicts_of(
    request: Request, *, rules: RuleSet, only: str | None = None
) -> Iterable[tuple[str, str, str, tuple[int, str] | None]]:
    """(programme, person, verdict, amount) without explanations: the quick way for many people.

    `only`: the items of this person alone.
    """
    for facts, values, mine in _each(request, rules, only):
        for ready in mine:
            verdict = _verdict(ready, facts, values)
            amount = None if verdict == NO else _amount(ready, values)
            yield ready.programme.code, facts.person, verdict, amount and (amount[0], amount[1])


def _each(
    request: Request, rules: RuleSet, only: str | None = None
) -> Iterable[tuple[Facts, Values, list[Ready]]]:
    """Each person with their facts, the engine's results and the programmes that have an item for them.

    A household programme's item goes to the first living adult, else the first living person. When somebody
    died, a programme for the deceased has items for the dead only.
    """
    dead = {e.person for e in request.events or () if e.type == "DEATH" and e.on <= request.on}
    living = [p for p in request.persons if p.id not in dead]
    adults = (p.id for p in living if full_years(p.birth_date, request.on) >= ADULT)
    head = next(adults, living[0].id if living else None)
    for person in request.persons:
        if only is not None and person.id != only:
            continue
        facts = facts_of(request, person)
        mine = [
            ready
            for ready in rules.programmes
            if (ready.programme.scope == "PERSON" or person.id == head)
            and (ready.programme.deceased != "ONLY" or not dead or person.id in dead)
        ]
        yield facts, rules.expressions.evaluate(facts.values, facts.unknown), mine


def _shut(ready: Ready, facts: Facts) -> str | None:
    """The word of what shuts a programme to somebody before any of its own criteria, if anything does."""
    if ready.version is None:
        return "in_force"
    return "alive" if facts.deceased and ready.programme.deceased == "NO" else None


def _verdict(ready: Ready, facts: Facts, values: Values) -> str:
    if _shut(ready, facts):
        return NO
    maybe = not ready.confirmed
    for _, node in ready.criteria:
        state = judge(node, values)[0]
        if state is State.UNMET:
            return NO
        maybe = maybe or state in (State.UNKNOWN, State.DECISION)
    return MAYBE if maybe else LIKELY


def _amount(ready: Ready, values: Values) -> tuple[int, str, bool] | None:
    """The first amount whose condition is met. An unconfirmed amount is not shown: it could be taken for a
    promise.
    """
    for amount, node in ready.amounts:
        if node is None or judge(node, values)[0] is State.MET:
            return (amount.baht, amount.per, amount.up_to) if amount.certainty != "C" else None
    return None


def _item(ready: Ready, facts: Facts, values: Values) -> Item:
    programme, version = ready.programme, ready.version
    item: Item = {
        "programme": programme.code,
        "person": facts.person,
        "verdict": NO,
        "criteria": [],
        "missing": [],
    }
    if word := _shut(ready, facts):
        th, en = words(word)
        source = (version or programme.versions[0]).source.label
        item["criteria"].append({"text_th": th, "text_en": en, "met": False, "source": source})
        return item
    assert version is not None
    states: set[State] = set()
    missing: dict[str, None] = {}
    for criterion, node in ready.criteria:
        state, names = judge(node, values)
        states.add(state)
        missing.update({str(FIELDS[name]): None for name in sorted(names)})
        item["criteria"].append(
            {
                "text_th": criterion.text_th,
                "text_en": criterion.text_en,
                "met": bool(state) if state <= State.MET else None,
                "source": criterion.source.label,
            }
        )
    if not ready.confirmed:
        th, en = words("unconfirmed")
        item["criteria"].append({"text_th": th, "text_en": en, "met": None, "source": version.source.label})
    if State.UNMET in states:
        return item
    open_ = State.UNKNOWN in states or State.DECISION in states or not ready.confirmed
    item["verdict"] = MAYBE if open_ else LIKELY
    item["missing"] = list(missing)
    if amount := _amount(ready, values):
        item["amount"] = {"baht": amount[0], "per": amount[1]}
        if amount[2]:
            item["up_to"] = True
    return item
