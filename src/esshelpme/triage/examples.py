"""The labelled examples (`data/examples.jsonl`) and who wrote which.

The writers are invented people, each with a way of writing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

EXAMPLES_FILE = Path(__file__).parent / "data" / "examples.jsonl"
#: Writers whose examples no training and no tuning ever sees: they give the figures of `docs/triage.md`.
TEST_WRITERS = frozenset({"ploy", "somchai", "border", "dao"})
KINDS = ("ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER", "UNKNOWN")
URGENCIES = ("now", "soon", "info")


@dataclass(frozen=True, slots=True)
class Example:
    """One invented message and what a reader should see in it.

    `kind` UNKNOWN: a call for help that does not tell its kind ("help", a veiled call). `emergency`:
    one of the five
    kinds, UNKNOWN, or OTHER that is urgent now. `handover`: the number for urgent or quiet needs of
    kind OTHER.
    """

    id: str
    text: str
    lang: str
    kind: str
    urgency: Literal["now", "soon", "info"]
    weapon: bool
    child: bool
    discreet: bool
    emergency: bool
    handover: str | None
    writer: str
    note: str


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    """All examples, in the order of the file. Raises `TypeError` or `ValueError` naming the line that
    is wrong."""
    found = []
    for number, line in enumerate(EXAMPLES_FILE.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Example(**json.loads(line)))
        except (TypeError, ValueError) as error:
            raise type(error)(f"{EXAMPLES_FILE.name}:{number}: {error}") from error
    return tuple(found)


def training() -> list[Example]:
    """Everything that may be learnt from."""
    return [example for example in examples() if example.writer not in TEST_WRITERS]


def untouched() -> list[Example]:
    """What only measures."""
    return [example for example in examples() if example.writer in TEST_WRITERS]
