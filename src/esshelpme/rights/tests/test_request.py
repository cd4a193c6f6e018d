"""Bad input is told with its path, all of it at once, in Thai and English."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from esshelpme.rights.check import InvalidRequest, check_rights

TODAY = date(2026, 11, 24)
PERSON = {"id": "a", "birth_date": "1980-01-01"}


def paths(request: object) -> list[str]:
    with pytest.raises(InvalidRequest) as caught:
        check_rights(request, on=TODAY)
    for error in caught.value.errors:
        assert error["message_th"]
        assert error["message_en"]
    return [error["path"] for error in caught.value.errors]


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        ({"persons": [{**PERSON, "birth_date": "2523-01-01"}]}, "persons.0.birth_date"),
        ({"persons": [PERSON], "on": "2569-11-24"}, "on"),
        (
            {"persons": [PERSON], "events": [{"type": "HARDSHIP", "on": "2569-11-01", "person": "a"}]},
            "events.0.on",
        ),
        ({"persons": [{**PERSON, "birth_date": "2023-02-29"}]}, "persons.0.birth_date"),
        ({"persons": [{**PERSON, "birth_date": "1980-13-01"}]}, "persons.0.birth_date"),
        ({"persons": [{**PERSON, "birth_date": "01/02/1980"}]}, "persons.0.birth_date"),
        ({"persons": [{**PERSON, "birth_date": "1980-01-01T00:00:00Z"}]}, "persons.0.birth_date"),
        ({"persons": [{**PERSON, "birth_date": "๒๕๒๓-๐๑-๐๑"}]}, "persons.0.birth_date"),
        ({"persons": [{**PERSON, "birth_date": "1780-01-01"}]}, "persons.0.birth_date"),
        ({"persons": [{**PERSON, "birth_date": "1890-01-01"}]}, "persons.0.birth_date"),
        ({"persons": [{**PERSON, "birth_date": "2026-11-25"}]}, "persons.0.birth_date"),
        ({"persons": [{**PERSON, "birth_date": "2020-01-01"}], "on": "2019-01-01"}, "persons.0.birth_date"),
        ({"persons": [{"id": "a"}]}, "persons.0.birth_date"),
        ({"persons": [{"birth_date": "1980-01-01"}]}, "persons.0.id"),
        ({"persons": [PERSON, PERSON]}, "persons.1.id"),
        ({"persons": [PERSON], "on": "2028-11-25"}, "on"),
        (
            {"persons": [PERSON], "events": [{"type": "HARDSHIP", "on": "2026-01-01", "person": "b"}]},
            "events.0.person",
        ),
        ({"persons": [PERSON], "events": [{"type": "HARDSHIP", "person": "a"}]}, "events.0.on"),
        (
            {"persons": [PERSON], "events": [{"type": "FLOOD", "on": "2026-01-01", "person": "a"}]},
            "events.0.type",
        ),
        (
            {"persons": [PERSON], "events": [{"type": "DEATH", "on": "1979-01-01", "person": "a"}]},
            "events.0.on",
        ),
        ({"persons": [{**PERSON, "yearly_income": -1}]}, "persons.0.yearly_income"),
        ({"persons": [{**PERSON, "yearly_income": float("nan")}]}, "persons.0.yearly_income"),
        ({"persons": [{**PERSON, "yearly_income": "100"}]}, "persons.0.yearly_income"),
        ({"persons": [{**PERSON, "yearly_income": True}]}, "persons.0.yearly_income"),
        (
            {"persons": [{**PERSON, "newborn_grant_household_income_per_head": -0.01}]},
            "persons.0.newborn_grant_household_income_per_head",
        ),
        (
            {"persons": [PERSON], "household": {"income_per_head_month": -5}},
            "household.income_per_head_month",
        ),
        ({"persons": [{**PERSON, "thai_national": "yes"}]}, "persons.0.thai_national"),
        ({"persons": [{**PERSON, "student": {"level": "PHD"}}]}, "persons.0.student.level"),
        ({"persons": [{**PERSON, "student": "PRIMARY"}]}, "persons.0.student"),
        ({"persons": []}, "persons"),
        ({"persons": {"a": 1}}, "persons"),
        ({}, "persons"),
        ({"persons": [3]}, "persons.0"),
        ({"persons": [PERSON], "events": 3}, "events"),
        ({"persons": [PERSON] * 101}, "persons"),
    ],
)
def test_a_bad_request_names_its_field(request_: dict[str, Any], path: str) -> None:
    assert paths(request_) == [path]


def test_a_buddhist_year_is_explained_with_the_christian_one() -> None:
    with pytest.raises(InvalidRequest, match=r"B\.E\. 2523 is 1980"):
        check_rights({"persons": [{**PERSON, "birth_date": "2523-01-01"}]}, on=TODAY)


def test_all_errors_are_told_at_once() -> None:
    request = {
        "on": "2040-01-01",
        "persons": [{"id": "", "birth_date": "2024-02-30", "yearly_income": -1}],
        "household": {"income_per_head_month": -1},
        "events": [{"type": "X", "on": "x", "person": "q"}],
    }
    assert paths(request) == [
        "on",
        "persons.0.id",
        "persons.0.birth_date",
        "persons.0.yearly_income",
        "household.income_per_head_month",
        "events.0.type",
        "events.0.on",
        "events.0.person",
    ]


def test_two_years_ahead_to_the_day_is_allowed() -> None:
    assert check_rights({"persons": [PERSON], "on": "2028-11-24"}, on=TODAY)


def test_unknown_extra_fields_are_ignored() -> None:
    assert check_rights({"persons": [{**PERSON, "shoe_size": 41}], "x": 1}, on=TODAY)


def test_null_means_not_known() -> None:
    with_null = {
        "persons": [{**PERSON, "thai_national": None, "student": None}],
        "household": None,
        "events": None,
    }
    assert check_rights(with_null, on=TODAY) == check_rights({"persons": [PERSON]}, on=TODAY)
