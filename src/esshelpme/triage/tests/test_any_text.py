"""Whatever is typed, pasted or sent by a machine: an answer, never an error, and the same answer each
time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esshelpme.triage import Reading, read
from esshelpme.triage.normal import HEAD, TAIL, language, normalise

THAI = st.text(st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B))
ANYTHING = st.one_of(
    st.text(), THAI, st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "So", "Mn"]))
)


@settings(deadline=None)  # speed is measured by ./ess bench triage
@given(ANYTHING, st.sampled_from([None, "th", "en", "my", "lo", "km", "zh", "xx"]))
def test_never_raises_and_stays_within_its_words(text: str, lang: str | None) -> None:
    reading = read(text, lang)
    assert isinstance(reading, Reading)
    assert reading.kind in (None, "ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER")
    assert reading.urgency in ("now", "soon", "info")
    assert reading.handover in (None, "199", "1669", "1323", "191", "1300")
    assert 0.0 <= reading.confidence <= 1.0
    assert reading == read(text, lang)


@settings(deadline=None)  # speed is measured by ./ess bench triage
@given(ANYTHING)
def test_what_is_not_an_emergency_names_none_of_the_five_kinds(text: str) -> None:
    reading = read(text)
    if not reading.emergency:
        assert reading.kind in (None, "OTHER")
    else:
        assert reading.non_emergency is None
        assert reading.urgency != "info"


@settings(deadline=None)  # speed is measured by ./ess bench triage
@given(ANYTHING)
def test_normalising_is_bounded_and_keeps_no_invisible_characters(text: str) -> None:
    plain = normalise(text)
    assert len(plain) <= 3 * (HEAD + TAIL)
    assert not any(letter in plain for letter in "\u200b\u202e\u2066\ufeff\x00\n")
    assert language(text) in ("th", "lo", "my", "km", "zh", "en")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00" * 5000,
        "😀" * 5000,
        "\u202e" * 5000,
        "ก" * 5000,
        "ั" * 5000,
        "ช่วยด้วย" * 2000,
        "\ud800",
        "9" * 5000,
    ],
    ids=[
        "empty",
        "space",
        "nulls",
        "emoji",
        "bidi",
        "one letter",
        "one mark",
        "a cry",
        "half a pair",
        "digits",
    ],
)
def test_strange_texts(text: str) -> None:
    read(text)


def test_a_cry_at_the_end_of_a_long_text_is_heard() -> None:
    assert read("สวัสดีค่ะ " * 400 + "ช่วยด้วย เขากำลังตีแม่ด้วยไม้").emergency


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("ช่วยด้วยยยยยย", "ช่วยด้วย"),
        ("เเม่", "แม่"),
        ("น้ํา", "น้ํา".replace("ํา", "ำ")),
        ("อายุ ๑๕", "อายุ 15"),
        ("5555", "<haha>"),
        ("ดู https://example.com/a?b", "ดู <link>"),
        ("a\u200bb\u202ec", "abc"),
        ("HeLLo\n\tworld", "hello world"),
    ],
)
def test_texts_that_look_alike_become_equal(typed: str, plain: str) -> None:
    assert normalise(typed) == plain
