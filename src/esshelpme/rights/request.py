"""What a rights check is asked: the request, read strictly.

Every error names the path of its field (`persons.0.birth_date`) and says in Thai and English what to mend.
All errors of a request are told at once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypedDict

from .ages import anniversary
from .words import words

LEVELS = ("KINDERGARTEN", "PRIMARY", "LOWER_SECONDARY", "UPPER_SECONDARY", "VOCATIONAL", "UNIVERSITY")
NOT_A_PUPIL = "NONE"  # lets the self-check say "not at school", which an absent field cannot
EVENT_TYPES = ("CRIME_VICTIM", "DOMESTIC_VIOLENCE", "HARDSHIP", "DEATH", "HOMELESS", "UNEMPLOYED")
SEXES = {"F": "FEMALE", "FEMALE": "FEMALE", "M": "MALE", "MALE": "MALE"}
MOST_PERSONS, MOST_EVENTS = 100, 500
BUDDHIST_FROM = 2300  # no Christian year this far ahead makes sense; B.E. 2300 is 1757
OLDEST_YEARS = 130
EARLIEST_YEAR = 1880
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


class FieldError(TypedDict):
    path: str
    message_th: str
    message_en: str


class InvalidRequest(ValueError):  # its name is part of the API room's contract
    """The request cannot be judged. `errors`: every field error, each with path, Thai and English message."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{e['path']}: {e['message_en']}" for e in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Person:
    """One person; None means "not known". Incomes in baht a year."""

    id: str
    birth_date: date
    thai_national: bool | None = None
    sex: str | None = None
    disability_card: bool | None = None
    yearly_income: float | None = None
    state_pension: bool | None = None
    student: str | None = None
    pregnant: bool | None = None
    newborn_grant_household_income_per_head: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to `person`; for `DEATH` the person is the deceased."""

    type: str
    on: date
    person: str


@dataclass(frozen=True, slots=True)
class Request:
    """A household to be judged on the day `on`. `events` None: not asked; empty: none happened."""

    on: date
    persons: tuple[Person, ...]
    income_per_head_month: float | None = None
    province: str | None = None
    events: tuple[Event, ...] | None = None


@dataclass(slots=True)
class _Reader:
    errors: list[FieldError] = field(default_factory=list)

    def fail(self, path: str, key: str, **values: object) -> None:
        th, en = words(key, **values)
        self.errors.append({"path": path, "message_th": th, "message_en": en})

    def day(self, value: object, path: str) -> date | None:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = value.isoformat()
        match = _DATE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self.fail(path, "required" if value is None else "not_date")
            return None
        year, month, number = (int(part) for part in match.groups())
        if year >= BUDDHIST_FROM:
            self.fail(path, "buddhist_year", year=year, christian=year - 543)
            return None
        try:
            found = date(year, month, number)
        except ValueError:
            self.fail(path, "impossible_date", value=match.group())
            return None
        if year < EARLIEST_YEAR:
            self.fail(path, "too_old_date", value=match.group())
            return None
        return found

    def flag(self, value: object, path: str) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        self.fail(path, "not_bool")
        return None

    def baht(self, value: object, path: str) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(path, "not_number")
            return None
        try:
            amount = float(value)
        except OverflowError:
            amount = math.inf
        if not math.isfinite(amount) or amount > 1e15:
            self.fail(path, "not_number")
            return None
        if amount < 0:
            self.fail(path, "negative")
            return None
        return amount

    def choice(self, value: object, path: str, choices: tuple[str, ...]) -> str | None:
        if isinstance(value, str) and value in choices:
            return value
        self.fail(path, "required" if value is None else "not_choice", choices=", ".join(choices))
        return None

    def mapping(self, value: object, path: str) -> Mapping[str, Any] | None:
        if isinstance(value, Mapping):
            return value
        self.fail(path, "required" if value is None else "not_object")
        return None

    def items(self, value: object, path: str, most: int) -> list[Any]:
        if not isinstance(value, list | tuple):
            self.fail(path, "required" if value is None else "not_list")
            return []
        if len(value) > most:
            self.fail(path, "too_many", most=most)
            return []
        return list(value)

    def person(self, raw: object, path: str, on: date, seen: set[str]) -> Person | None:
        entry = self.mapping(raw, path)
        if entry is None:
            return None
        ident = entry.get("id")
        if not isinstance(ident, str) or not 1 <= len(ident) <= 64:
            self.fail(f"{path}.id", "required" if ident is None else "not_id")
            ident = None
        elif ident in seen:
            self.fail(f"{path}.id", "duplicate_id", value=ident)
        else:
            seen.add(ident)
        born = self.day(entry.get("birth_date"), f"{path}.birth_date")
        if born is not None and born > on:
            self.fail(f"{path}.birth_date", "born_after", on=on.isoformat())
        elif born is not None and anniversary(born, OLDEST_YEARS) <= on:
            self.fail(f"{path}.birth_date", "too_old_date", value=born.isoformat())
        sex = entry.get("sex")
        level = None
        if entry.get("student") is not None:
            student = self.mapping(entry["student"], f"{path}.student")
            if student is not None:
                level = self.choice(student.get("level"), f"{path}.student.level", (*LEVELS, NOT_A_PUPIL))
        grant = "newborn_grant_household_income_per_head"
        flags = {
            key: self.flag(entry.get(key), f"{path}.{key}")
            for key in ("thai_national", "disability_card", "state_pension", "pregnant")
        }
        incomes = {key: self.baht(entry.get(key), f"{path}.{key}") for key in ("yearly_income", grant)}
        if sex is not None and (not isinstance(sex, str) or len(sex) > 100):
            self.fail(f"{path}.sex", "not_text")
        elif sex is not None:
            sex = SEXES.get(sex.upper(), "OTHER")
        if ident is None or born is None:
            return None
        return Person(id=ident, birth_date=born, sex=sex, student=level, **flags, **incomes)  # type: ignore[arg-type]

    def event(self, raw: object, path: str, born: dict[str, date], seen: set[str]) -> Event | None:
        entry = self.mapping(raw, path)
        if entry is None:
            return None
        kind = self.choice(entry.get("type"), f"{path}.type", EVENT_TYPES)
        on = self.day(entry.get("on"), f"{path}.on")
        who = entry.get("person")
        if not isinstance(who, str) or who not in seen:
            self.fail(f"{path}.person", "required" if who is None else "unknown_person", value=str(who)[:64])
            return None
        if on is not None and who in born and on < born[who]:
            self.fail(f"{path}.on", "event_before_birth")
        return Event(type=kind, on=on, person=who) if kind and on else None


def read_request(payload: object, *, today: date) -> Request:
    """The request in `payload` (JSON-like), judged on its `on`, or on `today` when it has none.

    Raises InvalidRequest naming every wrong field. Unknown extra fields are ignored.
    """
    reader = _Reader()
    body = reader.mapping(payload, "") or {}
    on = today
    if body.get("on") is not None:
        given = reader.day(body["on"], "on")
        limit = anniversary(today, 2)
        if given is not None and given > limit:
            reader.fail("on", "on_too_far", limit=limit.isoformat())
        on = given or today
    seen: set[str] = set()
    raw_persons = reader.items(body.get("persons"), "persons", MOST_PERSONS)
    if not raw_persons and not reader.errors:
        reader.fail("persons", "no_persons")
    persons = [reader.person(raw, f"persons.{i}", on, seen) for i, raw in enumerate(raw_persons)]
    income = province = None
    if body.get("household") is not None:
        household = reader.mapping(body["household"], "household") or {}
        income = reader.baht(household.get("income_per_head_month"), "household.income_per_head_month")
        province = household.get("province")
        if province is not None and (not isinstance(province, str) or len(province) > 100):
            reader.fail("household.province", "not_text")
    events = None
    if body.get("events") is not None:
        born = {person.id: person.birth_date for person in persons if person}
        rows = reader.items(body["events"], "events", MOST_EVENTS)
        events = tuple(e for i, raw in enumerate(rows) if (e := reader.event(raw, f"events.{i}", born, seen)))
    if reader.errors:
        raise InvalidRequest(reader.errors)
    return Request(
        on=on,
        persons=tuple(person for person in persons if person),
        income_per_head_month=income,
        province=province,
        events=events,
    )
