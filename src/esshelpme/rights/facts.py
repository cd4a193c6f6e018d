"""From a request to the facts that the rules speak about.

Rules know only the names in `FIELDS`. A fact whose request field is absent is *unknown*: it gets a harmless
value of its type (so the engine never sees null) and its name goes into `unknown`, which the three-valued
logic looks at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from .ages import full_years, months_run
from .request import EVENT_TYPES, Event, Person, Request

NEVER = 99_999  # months or days since something that did not happen

#: fact → the request field that settles it; None: always known (from the required fields)
FIELDS: dict[str, str | None] = {
    "age": None,
    "age_at_death": None,
    "months_old": None,
    "born": None,
    "thai": "thai_national",
    "female": "sex",
    "card": "disability_card",
    "income": "yearly_income",
    "pension": "state_pension",
    "level": "student",
    "pregnant": "pregnant",
    "grant_income": "newborn_grant_household_income_per_head",
    "head_month": "income_per_head_month",
    "crime": "events",
    "violence": "events",
    "hardship": "events",
    "death": "events",
    "homeless": "events",
    "unemployed": "events",
    "family_death": "events",
    "family_trouble": "events",
}
EVENT_FACTS = dict(
    zip(EVENT_TYPES, ("crime", "violence", "hardship", "death", "homeless", "unemployed"), strict=True)
)
_TROUBLES = {"HARDSHIP", "HOMELESS", "UNEMPLOYED", "DEATH", "DOMESTIC_VIOLENCE"}
_NONE = {"has": False, "months": NEVER, "days": NEVER}
_EVENTS_UNKNOWN = frozenset(name for name, source in FIELDS.items() if source == "events")


@dataclass(frozen=True, slots=True)
class Facts:
    """One person's facts: `values` for the engine, `unknown` the names in it that nobody has told us."""

    person: str
    values: dict[str, Any]
    unknown: frozenset[str]
    deceased: bool


def _since(days: list[date], on: date) -> dict[str, Any]:
    """The latest of `days` that is not after `on`, as the rules see it; later ones have not happened yet."""
    past = [day for day in days if day <= on]
    if not past:
        return _NONE
    latest = max(past)
    return {"has": True, "months": months_run(latest, on), "days": (on - latest).days}


def _grant_income(request: Request, person: Person) -> float | None:
    """The newborn grant's own income figure: the child's, else the one that the carers in the request agree
    on.
    """
    if person.newborn_grant_household_income_per_head is not None:
        return person.newborn_grant_household_income_per_head
    others = {p.newborn_grant_household_income_per_head for p in request.persons} - {None}
    return others.pop() if len(others) == 1 else None


def facts_of(request: Request, person: Person) -> Facts:
    """The facts about `person` of `request` on the day `request.on`."""
    on = request.on
    events: tuple[Event, ...] = request.events or ()
    mine = [event for event in events if event.person == person.id]
    deaths = [event.on for event in mine if event.type == "DEATH" and event.on <= on]
    age = full_years(person.birth_date, on)
    given: dict[str, Any] = {
        "thai": person.thai_national,
        "female": None if person.sex in (None, "OTHER") else person.sex == "FEMALE",
        "card": person.disability_card,
        "income": person.yearly_income,
        "pension": person.state_pension,
        "level": person.student,
        "pregnant": False if person.pregnant is None and person.sex == "MALE" else person.pregnant,
        "grant_income": _grant_income(request, person),
        "head_month": request.income_per_head_month,
    }
    unknown = {name for name, value in given.items() if value is None}
    for name in unknown:
        given[name] = _BLANK[name]
    given["age"] = age
    given["age_at_death"] = full_years(person.birth_date, min(deaths)) if deaths else age
    given["months_old"] = (on.year - person.birth_date.year) * 12 + on.month - person.birth_date.month
    given["born"] = person.birth_date.year * 10_000 + person.birth_date.month * 100 + person.birth_date.day
    for kind, name in EVENT_FACTS.items():
        given[name] = _since([e.on for e in mine if e.type == kind], on) if mine else _NONE
    if events:
        given["family_death"] = _since(
            [e.on for e in events if e.type == "DEATH" and e.person != person.id], on
        )
        given["family_trouble"] = _since([e.on for e in events if e.type in _TROUBLES], on)
    else:
        given["family_death"] = given["family_trouble"] = _NONE
    if request.events is None:
        unknown |= _EVENTS_UNKNOWN
    return Facts(person=person.id, values=given, unknown=frozenset(unknown), deceased=bool(deaths))


_BLANK: dict[str, Any] = {
    "thai": False,
    "female": False,
    "card": False,
    "income": 0.0,
    "pension": False,
    "level": "",
    "pregnant": False,
    "grant_income": 0.0,
    "head_month": 0.0,
}
