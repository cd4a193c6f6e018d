"""The catalogue: every file fits the schema, every rule can be read, and mistakes are told clearly."""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from esshelpme.rights import catalogue
from esshelpme.rights.catalogue import DATA, CatalogueError, build
from esshelpme.rights.facts import FIELDS
from esshelpme.rights.questions import _words
from esshelpme.rights.rules import inputs_used

FILES = sorted((DATA / "programmes").glob("*.json"))
COMMON: dict[str, Any] = json.loads((DATA / "common.json").read_text(encoding="utf-8"))


def programme(**changes: Any) -> dict[str, Any]:
    """A small programme of two versions, as a starting point for mistakes."""
    words = {"th": "ก", "en": "a"}
    base: dict[str, Any] = {
        "code": "TEST_GRANT",
        "name_th": "ก",
        "name_en": "a",
        "agency": words,
        "kind": "CASH_ONCE",
        "documents": [words],
        "apply": words,
        "sources": {"law": {"law_th": "ก", "law_en": "a", "certainty": "C"}},
        "criteria": [{"id": "old", "text_th": "ก", "text_en": "a", "rule": "age >= 60"}],
        "versions": [
            {"valid_from": "2020-01-01", "valid_to": "2020-12-31", "criteria": ["old"], "amounts": []},
            {"valid_from": "2021-01-01", "valid_to": None, "criteria": ["old"], "amounts": []},
        ],
    }
    return {**base, **changes}


def problems(raw: dict[str, Any], common: dict[str, Any] | None = None) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        build({"test.json": raw}, common or {})
    return caught.value.problems


def periods(first_end: str | None, second_start: str) -> list[dict[str, Any]]:
    versions = copy.deepcopy(programme()["versions"])
    versions[0]["valid_to"], versions[1]["valid_from"] = first_end, second_start
    return versions  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", FILES, ids=[p.stem for p in FILES])
def test_every_file_fits_the_schema(path: Any) -> None:
    raw = json.loads(path.read_text(encoding="utf-8"))
    assert not list(Draft202012Validator(catalogue.schema()).iter_errors(raw))
    assert path.stem == raw["code"].lower()


def test_the_catalogue_holds_at_least_thirty_one_programmes_and_the_fixed_codes() -> None:
    codes = {p.code for p in catalogue.default().programmes}
    assert len(codes) >= 31
    assert codes >= {
        "ELDERLY_ALLOWANCE", "DISABILITY_ALLOWANCE", "CHILD_GRANT", "VICTIM_COMPENSATION",
        "EMERGENCY_ASSISTANCE", "EEF_GRANT", "STATE_WELFARE_CARD", "HOME_REPAIR", "FOSTER_FAMILY",
        "FUNERAL_HELP", }  # fmt: skip


def test_every_programme_says_where_to_apply_and_by_which_law() -> None:
    for p in catalogue.default().programmes:
        assert p.name_th
        assert p.apply_th
        assert p.documents
        assert all(v.source.law_th for v in p.versions)
        assert all(
            s.seen or s.certainty == "C"
            for v in p.versions
            for s in (v.source, *(c.source for c in v.criteria))
        )


def test_superseded_amounts_are_kept() -> None:
    amounts = [v.amounts[0].baht for v in catalogue.default()["DISABILITY_ALLOWANCE"].versions]
    assert amounts == [500, 800, 1000]


def test_nothing_is_signed_off_before_somebody_has_signed() -> None:
    assert all(p.signed_off is None for p in catalogue.default().programmes)


def test_every_day_since_2000_has_rules_without_gaps() -> None:
    found = catalogue.default()
    for p in found.programmes:
        first = p.versions[0].valid_from
        for v in p.versions[1:]:
            assert p.version(v.valid_from - timedelta(days=1)) is not None
        assert p.version(first - timedelta(days=1)) is None
        assert p.version(date(2030, 1, 1)) is not None


def test_every_input_a_rule_may_use_has_a_question() -> None:
    rules = catalogue.default().rules(date(2026, 11, 24))
    used = {name for ready in rules.programmes for _, node in ready.criteria for name in inputs_used(node)}
    assert {FIELDS[name] for name in used} - {None} <= set(_words())


def test_a_gap_between_versions_is_told_with_its_days() -> None:
    assert problems(programme(versions=periods("2020-11-30", "2021-01-01"))) == [
        "TEST_GRANT: gap, no version covers 2020-12-01 to 2020-12-31"
    ]


def test_an_overlap_is_told() -> None:
    assert problems(programme(versions=periods("2021-01-31", "2021-01-01"))) == [
        "TEST_GRANT: overlap, two versions cover 2021-01-01 to 2021-01-31"
    ]


def test_a_version_after_an_endless_one_is_told() -> None:
    assert problems(programme(versions=periods(None, "2021-01-01"))) == [
        "TEST_GRANT: version 2020-01-01 has no end, but one from 2021-01-01 follows"
    ]


def test_a_version_that_ends_before_it_begins_is_told() -> None:
    assert "TEST_GRANT: version 2020-01-01 ends on 2019-12-31, before it begins" in problems(
        programme(versions=periods("2019-12-31", "2021-01-01"))
    )


def test_an_impossible_day_in_a_version_is_told() -> None:
    assert problems(programme(versions=periods("2020-02-30", "2020-03-01"))) == [
        "test.json: TEST_GRANT: 2020-02-30 is no day of the calendar"
    ]


def test_definitions_that_go_in_a_circle_are_told_with_the_way_round() -> None:
    common = {
        "definitions": {
            "a": {"use": "b"},
            "b": {"any": ["age >= 1", {"use": "c"}]},
            "c": {"not": {"use": "a"}},
        }
    }
    raw = programme(criteria=[{"id": "old", "text_th": "ก", "text_en": "a", "rule": {"use": "a"}}])
    assert "definition a: definitions go in a circle: a → b → c → a" in problems(raw, common)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("ages >= 60", "unknown fact 'ages'"),
        ("age >=", "the engine cannot read"),
        ("crime >= 1", "fact 'crime' needs one of"),
        ("age.days >= 1", "fact 'age' has no member 'days'"),
        ("1 == 1", "speaks about no fact"),
        ({"use": "nothing"}, "unknown definition 'nothing'"),
    ],
)
def test_a_rule_that_cannot_be_read_is_told(rule: object, problem: str) -> None:
    raw = programme(criteria=[{"id": "old", "text_th": "ก", "text_en": "a", "rule": rule}])
    assert any(problem in line and "criterion old" in line for line in problems(raw))


def test_unknown_names_are_told() -> None:
    raw = programme(criteria=[{"id": "x", "like": "nobody"}, {"id": "y", "rule": "age >= 1"}])
    found = "\n".join(problems(raw))
    assert "criterion x is like the unknown 'nobody'" in found
    assert "criterion y lacks text_th, text_en" in found
    assert "version 2020-01-01 names the unknown criterion 'old'" in found


def test_a_file_that_does_not_fit_the_schema_names_the_place() -> None:
    raw = programme(
        versions=[{"valid_from": "2563-01-01", "valid_to": None, "criteria": ["old"], "amounts": []}]
    )
    assert problems(raw)[0].startswith("test.json: /versions/0/valid_from: '2563-01-01' does not match")


def test_one_code_in_two_files_is_told() -> None:
    with pytest.raises(CatalogueError, match=r"code TEST_GRANT is already in a\.json"):
        build({"a.json": programme(), "b.json": programme()}, {})


def test_the_documentation_lists_every_programme() -> None:
    text = (Path(__file__).parents[4] / "docs" / "rights.md").read_text(encoding="utf-8")
    assert [
        p.code for p in catalogue.default().programmes if f"| `{p.code}` | {p.name_th} |" not in text
    ] == []
