"""Reading the form: whatever is in it, it is read, and what was typed is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esshelpme.intake.answers import KINDS
from esshelpme.web.form import Filled, read_point
from esshelpme.web.limits import limit

ANY = st.text(max_size=200)
NAMES = (
    "kind",
    "text",
    "place",
    "pick",
    "lat",
    "lng",
    "acc",
    "phone",
    "call",
    "witness",
    "speaks",
    "key",
    "anyway",
)


@given(st.dictionaries(st.sampled_from(NAMES), ANY))
def test_any_form_can_be_read(data: dict[str, str]) -> None:
    filled = Filled.of(data)
    assert filled.kind == "" or filled.kind in KINDS
    assert filled.point is None or (-90 <= filled.point.lat <= 90 and -180 <= filled.point.lng <= 180)
    assert len(filled.phone) <= limit("PHONE_MAX")
    filled.problem()
    filled.reporter()


@given(st.text(alphabet=st.characters(categories=("L", "M", "N", "P", "S", "Zs")), max_size=300))
def test_words_are_kept_as_they_were_typed(words: str) -> None:
    kept = Filled.of({"text": words}).text
    # Only what could disguise a text goes: control and direction marks.
    assert list(kept.strip()) == [c for c in words.strip() if c in kept]


@pytest.mark.parametrize(
    ("lat", "lng"),
    [("nan", "1"), ("inf", "1"), ("91", "1"), ("1", "181"), ("", "1"), ("1", ""), ("1e999", "1"), ("๑", "x")],
)
def test_an_impossible_position_is_no_position(lat: str, lng: str) -> None:
    assert read_point({"lat": lat, "lng": lng}) is None


@pytest.mark.parametrize("accuracy", ["", "-1", "nan", "1e9", "wide"])
def test_an_accuracy_that_cannot_be_is_unknown(accuracy: str) -> None:
    point = read_point({"lat": "13.7", "lng": "100.5", "acc": accuracy})
    assert point is not None
    assert point.accuracy_m is None


def test_calling_is_unsafe_unless_said() -> None:
    assert not Filled.of({"phone": "081"}).safe_to_call
    assert not Filled.of({"phone": "081", "call": "on"}).safe_to_call
    assert Filled.of({"phone": "081", "call": "yes"}).safe_to_call


def test_thai_digits_of_a_number_are_digits() -> None:
    assert Filled.of({"phone": "๐๘๑-๒๓๔"}).reporter() == {"phone": "081-234"}


def test_an_empty_form_asks_once_and_goes_when_the_person_insists() -> None:
    problem = Filled.of({}).problem()
    assert problem is not None
    assert problem.about == "kind"
    assert Filled.of({"anyway": "yes"}).problem() is None


def test_a_text_that_is_too_long_names_the_field_and_what_to_cut() -> None:
    most = limit("TEXT_MAX")
    problem = Filled.of({"text": "ก" * (most + 7)}).problem()
    assert problem is not None
    assert (problem.about, problem.values["over"]) == ("text", 7)
    assert Filled.of({"text": "ก" * most}).problem() is None
