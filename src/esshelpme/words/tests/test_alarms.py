"""Every alarm that the program can raise has words on the board."""

from __future__ import annotations

import re

import pytest

from esshelpme.directory.codes import AGENCY_TYPES
from esshelpme.platform.config import ROOT
from esshelpme.words import LANGUAGES, catalogue

RAISED = re.compile(r"raise_(?:system_)?alarm\((?:[^()\"]|\([^()]*\))*\"([A-Z_]+)\"")


def reasons() -> set[str]:
    """What the code raises, by its text; reasons made of an agency type or a place's flag are spelt out."""
    found = {"PLACE_ABROAD", "PLACE_SEA", "PLACE_BORDER", *(f"NOBODY_{type_}" for type_ in AGENCY_TYPES)}
    for path in (ROOT / "src").rglob("*.py"):
        if "tests" not in path.parts:
            found |= set(RAISED.findall(path.read_text(encoding="utf-8")))
    return found


def test_the_reasons_are_found() -> None:
    assert {"NOBODY_ACCEPTED", "CANCEL_REQUESTED", "EVENT_SET_ASIDE"} <= reasons()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alarm_has_words(language: str) -> None:
    missing = {reason for reason in reasons() if f"alarm.{reason}" not in catalogue(language)}
    assert not missing
