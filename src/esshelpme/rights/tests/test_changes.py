"""What a change of rules does: who gains, who loses."""

from __future__ import annotations

import json
from datetime import date

from esshelpme.rights.catalogue import DATA, Catalogue, build, default
from esshelpme.rights.changes import GAINS, LOSES, changed_programmes, what_changed
from esshelpme.rights.request import Request, read_request


def family(**person: object) -> Request:
    one = {"id": "p", "birth_date": "1950-01-01", "thai_national": True, **person}
    return read_request({"persons": [one], "events": []}, today=date(2026, 11, 24))


def edited(code: str, old: str, new: str) -> Catalogue:
    """The catalogue with one text of a programme's file replaced."""
    files = {}
    for path in (DATA / "programmes").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        if path.stem == code.lower():
            assert old in text
            text = text.replace(old, new)
        files[path.name] = json.loads(text)
    return build(files, json.loads((DATA / "common.json").read_text(encoding="utf-8")))


def test_a_disabled_child_gained_in_october_2020_and_an_adult_did_not() -> None:
    child = family(birth_date="2012-01-01", disability_card=True)
    adult = family(birth_date="1980-01-01", disability_card=True)
    report = what_changed({"child": child, "adult": adult}, before=date(2020, 9, 30), after=date(2020, 10, 1))
    assert report.persons == 2
    assert [(c.request, c.programme, c.effect, c.amount_before, c.amount_after) for c in report.changes] == [
        ("child", "DISABILITY_ALLOWANCE", GAINS, (800, "month"), (1000, "month"))
    ]
    assert report.summary == {"DISABILITY_ALLOWANCE": {GAINS: 1, LOSES: 0}}
    assert list(report.programmes) == ["DISABILITY_ALLOWANCE"]


def test_a_pension_that_is_tiny_became_a_maybe_with_the_regulation_of_2023() -> None:
    mother = family(state_pension=True, yearly_income=6000)
    report = what_changed({"m": mother}, before=date(2023, 8, 11), after=date(2023, 8, 12))
    assert [(c.programme, c.verdict_before, c.verdict_after) for c in report.changes] == [
        ("ELDERLY_ALLOWANCE", "NO", "MAYBE")
    ]


def test_an_edit_of_the_catalogue_before_it_goes_live() -> None:
    lower = edited("EEF_GRANT", "head_month <= 3000", "head_month <= 2000")
    pupil = read_request(
        {
            "persons": [{"id": "p", "birth_date": "2016-01-01", "student": {"level": "PRIMARY"}}],
            "household": {"income_per_head_month": 2500},
            "events": [],
        },
        today=date(2026, 11, 24),
    )
    day = date(2026, 11, 24)
    report = what_changed([("k", pupil)], before=day, after=day, catalogue_after=lower)
    assert [(c.programme, c.effect) for c in report.changes] == [("EEF_GRANT", LOSES)]
    assert report.programmes == {
        "EEF_GRANT": [
            {
                "th": "แก้หลักเกณฑ์: รายได้เฉลี่ยของครัวเรือนไม่เกิน 3,000 บาทต่อคนต่อเดือน",
                "en": "criterion changed: Household income of at most 3,000 baht a head and month.",
            }
        ]
    }


def test_a_programme_taken_away_is_a_loss() -> None:
    whole = default()
    day = date(2026, 11, 24)
    without = Catalogue(
        tuple(p for p in whole.programmes if p.code != "ELDERLY_ALLOWANCE"), whole.definitions
    )
    report = what_changed({"k": family(state_pension=False)}, before=day, after=day, catalogue_after=without)
    assert [(c.programme, c.effect, c.amount_after) for c in report.changes] == [
        ("ELDERLY_ALLOWANCE", LOSES, None)
    ]
    assert report.programmes == {"ELDERLY_ALLOWANCE": [{"th": "สิทธินี้สิ้นสุด", "en": "the programme ends"}]}


def test_the_same_rules_change_nothing() -> None:
    day = date(2026, 11, 24)
    assert what_changed({"k": family()}, before=day, after=day).changes == []


def test_what_changed_is_said_in_words() -> None:
    found = changed_programmes(before=date(2011, 9, 30), after=date(2011, 10, 1))
    (line,) = found.pop("ELDERLY_ALLOWANCE")
    assert line["en"] == (
        "amount: 500 baht a month → 1,000 baht a month (age >= 90), 800 baht a month (age >= 80), "
        "700 baht a month (age >= 70), 600 baht a month (age >= 60)"
    )
    assert line["th"].startswith("จำนวนเงิน: เดือนละ 500 บาท → ")
    assert found == {}
