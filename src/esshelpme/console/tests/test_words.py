"""Every code that the core can write has words for staff, in every language: nothing shows as a bare code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import esshelpme
from esshelpme.directory.codes import AGENCY_TYPES
from esshelpme.dispatch.states import AlarmLevel, AssignmentStatus
from esshelpme.incidents.states import Danger, Disposition, Kind, Status, Topic
from esshelpme.words import LANGUAGES, has

ROOT = Path(esshelpme.__file__).parent
ROOMS = ("intake", "incidents", "dispatch", "line", "outbox", "console", "web", "api")
# Function → which argument holds the code, and where its words are.
WRITERS = {
    "append": (1, "console.step"),
    "note_message": (2, "console.step"),
    "raise_alarm": (2, "alarm"),
    "raise_system_alarm": (0, "alarm"),
    "open_call_task": (2, "call_reason"),
    "NotAllowed": (0, "conflict"),
}


def codes() -> Iterator[tuple[str, str, str]]:
    """(catalogue room, code, where it was found) for each code written as a constant."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            if "tests" in file.parts or "migrations" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                place, words = WRITERS.get(name, (0, ""))
                if not words or len(node.args) <= place:
                    continue
                for constant in ast.walk(node.args[place]):
                    if (
                        isinstance(constant, ast.Constant)
                        and isinstance(constant.value, str)
                        and constant.value.isupper()
                        and not constant.value.endswith("_")
                    ):
                        yield words, constant.value, f"{file.relative_to(ROOT)}:{constant.lineno}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_of_steps_alarms_calls_and_conflicts(language: str) -> None:
    missing = {
        f"{room}.{code} ({where})"
        for room, code, where in codes()
        if not has(f"{room}.{code}", language) and not has(f"{room}.{code}.default", language)
    }
    assert missing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_vocabularies(language: str) -> None:
    rooms: dict[str, list[str]] = {
        "kind": list(Kind),
        "status": list(Status),
        "disposition": list(Disposition),
        "danger": list(Danger),
        "topic": list(Topic),
        "need": list(AGENCY_TYPES),
        "assignment_status": list(AssignmentStatus),
        "alarm_level": list(AlarmLevel),
        "alarm": [f"NOBODY_{t}" for t in AGENCY_TYPES] + ["PLACE_SEA", "PLACE_ABROAD"],
        "outcome": ["ACCEPTED", "REFUSED", "NO_ANSWER"],
    }
    missing = [
        f"{room}.{code}"
        for room, all_ in rooms.items()
        for code in all_
        if not has(f"{room}.{code}", language)
    ]
    assert missing == []
