"""Every text exists in every language; no text of the discreet mode tells anything."""

from __future__ import annotations

import string

import pytest

from esshelpme.words import LANGUAGES, UnknownText, catalogue, say

# What an attacker who reads over a shoulder must not see. Stems: inside longer words they tell as much.
TELLING = {
    "th": [
        "ช่วย", "เหตุ", "ตำรวจ", "แจ้ง", "เจ้าหน้าที่", "ฉุกเฉิน", "อันตราย", "ปลอดภัย", "ทำร้าย", "ละเมิด", "กักขัง",
        "ข่มขู่", "ข่มขืน", "รุนแรง", "คุกคาม", "ศูนย์", "หน่วย", "กู้ภัย", "โรงพยาบาล", "พม.", "หนี", "ร้องเรียน", "เงียบ",
        "191", "1300", "1669", "กม.", "http", "{ref}", "ESS",
    ],
    "en": [
        "help", "emergen", "police", "report", "officer", "danger", "safe", "attack", "assault", "rescue", "incident",
        "violen", "abuse", "threat", "victim", "centre", "center", "team", "unit", "hospital", "quiet", "discreet",
        "secret", "escape", "191", "1300", "1669", "km", "http", "{ref}", "ess help",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_exists_in_every_language_with_the_same_values(language: str) -> None:
    source, other = catalogue("th"), catalogue(language)
    assert other.keys() == source.keys()
    for key, text in source.items():
        assert _fields(other[key]) == _fields(text), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_discreet_text_tells_anything(language: str) -> None:
    texts = {key: text for key, text in catalogue(language).items() if key.startswith("quiet.")}
    assert len(texts) > 20
    for key, text in texts.items():
        for word in TELLING[language]:
            assert word not in text.lower(), f"{key} tells {word!r}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_loud_text_to_a_reporter_has_a_discreet_twin(language: str) -> None:
    loud = {key.removeprefix("loud.") for key in catalogue(language) if key.startswith("loud.")}
    quiet = {key.removeprefix("quiet.") for key in catalogue(language) if key.startswith("quiet.")}
    assert loud <= quiet


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_an_accept_nobody_is_told_that_someone_is_coming(language: str) -> None:
    before = [
        "start.text",
        "ask.place",
        "loud.received",
        "quiet.received",
        "loud.waiting",
        "quiet.waiting",
        "loud.joined",
        "quiet.joined",
    ]
    coming = [
        "กำลังไป",
        "กำลังเดินทาง",
        "ไปหาคุณ",
        "มาถึง",
        "on the way",
        "on their way",
        "coming to you",
        "is coming",
        "are coming",
    ]
    for key in before:
        for word in coming:
            assert word not in catalogue(language)[key].lower(), f"{key} promises: {catalogue(language)[key]}"


def test_an_unknown_text_is_an_error() -> None:
    with pytest.raises(UnknownText):
        say("no.such.text")


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
