"""Properties of every answer, for any request: what may be said, and that learning more never contradicts
it.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esshelpme.rights.catalogue import default
from esshelpme.rights.check import InvalidRequest, check_rights, verdicts_of
from esshelpme.rights.request import EVENT_TYPES, LEVELS, NOT_A_PUPIL, read_request
from esshelpme.rights.rules import has_assumption

TODAY = date(2026, 11, 24)
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "thai_national": st.booleans(),
    "sex": st.sampled_from(["FEMALE", "MALE", "OTHER"]),
    "disability_card": st.booleans(),
    "yearly_income": st.integers(0, 200_000),
    "state_pension": st.booleans(),
    "student": st.fixed_dictionaries({"level": st.sampled_from([*LEVELS, NOT_A_PUPIL])}),
    "pregnant": st.booleans(),
    "newborn_grant_household_income_per_head": st.integers(0, 200_000),
}
DAYS = st.dates(date(1930, 1, 1), TODAY).map(date.isoformat)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | DAYS,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["persons", "id", "birth_date", "on", "events", "person", "type", "household", "student", "level",
             "yearly_income", "income_per_head_month", "thai_national", "province", "sex"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip
quick = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def requests(draw: st.DrawFn, most: int = 3) -> dict[str, Any]:
    count = draw(st.integers(1, most))
    persons = [
        {"id": f"p{i}", "birth_date": draw(DAYS), **draw(st.fixed_dictionaries({}, optional=OPTIONAL))}
        for i in range(count)
    ]
    request: dict[str, Any] = {"persons": persons}
    if draw(st.booleans()):
        request["household"] = {"income_per_head_month": draw(st.integers(0, 12_000))}
    if draw(st.booleans()):
        request["events"] = []
        for person in draw(st.lists(st.sampled_from(persons), max_size=3)):
            on = draw(st.dates(date.fromisoformat(person["birth_date"]), TODAY)).isoformat()
            kind = draw(st.sampled_from(EVENT_TYPES))
            request["events"].append({"type": kind, "on": on, "person": person["id"]})
    return request


@quick
@given(JSON)
def test_whatever_comes_in_there_is_an_answer_or_a_clear_refusal(payload: Any) -> None:
    try:
        items = check_rights(payload, on=TODAY)
    except InvalidRequest as refused:
        problems = refused.errors
    else:
        assert items
        return
    assert problems
    assert all(problem["message_th"] and problem["message_en"] for problem in problems)


@quick
@given(requests())
def test_every_answer_keeps_its_word(request: dict[str, Any]) -> None:
    items = check_rights(request, on=TODAY)
    assert max(Counter((i["programme"], i["person"]) for i in items).values()) == 1
    for item in items:
        met = [c["met"] for c in item["criteria"]]
        assert (item["verdict"] == "NO") == (False in met)
        assert not item["missing"] or item["verdict"] == "MAYBE"
        assert item["verdict"] != "NO" or "amount" not in item
        version = default()[item["programme"]].version(TODAY)
        assert version is not None
        assert item["verdict"] != "LIKELY" or version.confirmed
        assert all(c["text_th"] and c["text_en"] and c["source"] for c in item["criteria"])


@quick
@given(requests())
def test_the_quick_way_gives_the_same_verdicts_and_amounts(request: dict[str, Any]) -> None:
    slow = {
        (
            i["programme"],
            i["person"],
            i["verdict"],
            (i["amount"]["baht"], i["amount"]["per"]) if "amount" in i else None,
        )
        for i in check_rights(request, on=TODAY)
    }
    rules = default().rules(TODAY)
    assert slow == set(verdicts_of(read_request(request, today=TODAY), rules=rules))


def _assumes(code: str) -> bool:
    rules = default().rules(TODAY)
    ready = next(r for r in rules.programmes if r.programme.code == code)
    return any(has_assumption(node) for _, node in ready.criteria)


@quick
@given(requests(most=1), st.fixed_dictionaries(OPTIONAL), st.integers(0, 12_000))
def test_learning_more_never_contradicts_a_settled_answer(
    request: dict[str, Any], more: dict[str, Any], income: int
) -> None:
    """NO stays NO and LIKELY stays LIKELY when an unknown is filled in; only MAYBE may move.

    Rules that take something for granted while it is unknown (`unknown_is`: an adult is no pupil, a person
    is alive; a man is not pregnant) may turn a NO when the opposite is told: that is what telling is for.
    """
    if request["persons"][0].get("sex") == "MALE":
        more = {**more, "pregnant": False}
    full = {**request, "household": request.get("household", {"income_per_head_month": income})}
    full["persons"] = [{**more, **request["persons"][0]}]
    full["events"] = request.get("events", [])
    before = {i["programme"]: i["verdict"] for i in check_rights(request, on=TODAY)}
    for item in check_rights(full, on=TODAY):
        was, code = before[item["programme"]], item["programme"]
        if was == "LIKELY" or (was == "NO" and not _assumes(code)):
            assert item["verdict"] == was, (code, item)
        assert not item["missing"], "nothing is missing when everything is told"


def test_a_death_after_the_day_of_the_check_has_not_happened() -> None:
    request = {
        "on": "2026-01-01",
        "persons": [{"id": "p", "birth_date": "1950-01-01", "thai_national": True, "state_pension": False}],
        "events": [{"type": "DEATH", "on": "2026-06-01", "person": "p"}],
    }
    found = {i["programme"]: i["verdict"] for i in check_rights(request, on=TODAY)}
    assert found["FUNERAL_HELP"] == "NO"
    assert found["ELDERLY_ALLOWANCE"] == "LIKELY"


def test_the_same_request_gives_the_same_answer_and_stores_nothing() -> None:
    request = {"persons": [{"id": "p", "birth_date": "1950-01-01"}]}
    first = check_rights(request, on=TODAY)
    assert check_rights(request, on=TODAY) == first
    assert request == {"persons": [{"id": "p", "birth_date": "1950-01-01"}]}


def test_a_household_programme_goes_to_the_first_living_adult() -> None:
    request = {
        "persons": [
            {"id": "child", "birth_date": "2015-01-01"},
            {"id": "dead", "birth_date": "1950-01-01"},
            {"id": "mother", "birth_date": "1985-01-01"},
        ],
        "events": [{"type": "DEATH", "on": "2026-10-01", "person": "dead"}],
    }
    items = [i for i in check_rights(request, on=TODAY) if i["programme"] == "LOW_INCOME_FAMILY"]
    assert [i["person"] for i in items] == ["mother"]


def test_funeral_help_is_the_deceaseds_item() -> None:
    request = {
        "persons": [{"id": "son", "birth_date": "1985-01-01"}, {"id": "dead", "birth_date": "1950-01-01"}],
        "events": [{"type": "DEATH", "on": "2026-10-01", "person": "dead"}],
    }
    items = [i for i in check_rights(request, on=TODAY) if i["programme"] == "FUNERAL_HELP"]
    assert [(i["person"], i["missing"]) for i in items] == [("dead", ["thai_national"])]
