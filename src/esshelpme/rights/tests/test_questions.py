"""Only questions that can change the answer, the most telling first."""

from __future__ import annotations

from datetime import date

from esshelpme.rights.check import check_rights
from esshelpme.rights.questions import questions

TODAY = date(2026, 11, 24)


def asked(request: dict[str, object]) -> list[tuple[str, str | None]]:
    return [(q["field"], q["person"]) for q in questions(request, on=TODAY)]


def test_the_most_telling_comes_first() -> None:
    found = questions({"persons": [{"id": "p", "birth_date": "1950-01-01"}]}, on=TODAY)
    assert found[0]["field"] == "events"
    assert [q["weight"] for q in found] == sorted((q["weight"] for q in found), reverse=True)
    assert all(q["text_th"] and q["text_en"] and q["programmes"] for q in found)


def test_nothing_is_asked_twice_or_in_vain() -> None:
    old_man = {"id": "p", "birth_date": "1950-01-01", "sex": "MALE"}
    found = asked({"persons": [old_man]})
    assert len(found) == len(set(found))
    assert ("pregnant", "p") not in found
    assert ("student", "p") not in found
    assert ("newborn_grant_household_income_per_head", "p") not in found


def test_a_baby_is_asked_for_the_grants_own_income_figure() -> None:
    found = asked({"persons": [{"id": "b", "birth_date": "2026-01-01", "thai_national": True}], "events": []})
    assert found[0] == ("disability_card", "b")
    assert ("newborn_grant_household_income_per_head", "b") in found
    assert ("state_pension", "b") not in found


def test_a_girl_of_fifteen_may_be_asked_whether_she_is_pregnant_but_a_boy_is_not() -> None:
    girl, boy = {"id": "g", "birth_date": "2011-01-01", "sex": "FEMALE"}, {
        "id": "b", "birth_date": "2011-01-01", "sex": "MALE"
    }  # fmt: skip
    found = asked({"persons": [girl, boy]})
    assert ("pregnant", "g") in found
    assert ("pregnant", "b") not in found


def test_when_all_is_told_nothing_is_asked() -> None:
    person = {
        "id": "p", "birth_date": "2016-01-01", "thai_national": True, "sex": "FEMALE", "disability_card":
        False, "yearly_income": 0, "state_pension": False, "student": {"level": "PRIMARY"}, "pregnant": False,
        "newborn_grant_household_income_per_head": 0,
    }  # fmt: skip
    assert asked({"persons": [person], "household": {"income_per_head_month": 100}, "events": []}) == []


def test_what_is_not_asked_would_change_nothing() -> None:
    base = {"id": "p", "birth_date": "1980-01-01"}
    before = check_rights({"persons": [base]}, on=TODAY)
    fields = {field for field, _ in asked({"persons": [base]})}
    in_vain: dict[str, list[object]] = {
        "pregnant": [True, False],
        "newborn_grant_household_income_per_head": [0, 999_999],
    }
    for field, values in in_vain.items():
        assert field not in fields
        for value in values:
            after = check_rights({"persons": [{**base, field: value}]}, on=TODAY)
            assert [i["verdict"] for i in after] == [i["verdict"] for i in before]


def test_answering_every_question_in_turn_leaves_nothing_open_that_an_answer_settles() -> None:
    request: dict[str, object] = {"persons": [{"id": "p", "birth_date": "2016-01-01"}]}
    answers: dict[str, object] = {
        "events": [], "thai_national": True, "disability_card": True, "student": {"level": "PRIMARY"},
        "sex": "FEMALE", "income_per_head_month": 500, "pregnant": False, "state_pension": False,
        "yearly_income": 0,
    }  # fmt: skip
    for _ in range(20):
        open_ = questions(request, on=TODAY)
        if not open_:
            break
        field = open_[0]["field"]
        if field == "events":
            request = {**request, "events": []}
        elif field == "income_per_head_month":
            request = {**request, "household": {field: answers[field]}}
        else:
            person = {**request["persons"][0], field: answers[field]}  # type: ignore[index]
            request = {**request, "persons": [person]}
    assert not any(item["missing"] for item in check_rights(request, on=TODAY))
