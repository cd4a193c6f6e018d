"""What an inbound message means: a new report, an answer to a question, more about the open incident, or none.

The one place where this is decided; a pure function, tested as a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from esshelpme.intake.heard import MEDIA, Type


class Meaning(StrEnum):
    NEW_REPORT = "a new report"
    ANSWER = "an answer to a question"
    MORE = "more about the open incident"
    TASK_NOTE = "a responder's note on their task"
    START = "none of them: show the start buttons"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when a message comes."""

    has_open: bool = False  # an open incident of this person
    lacks_place: bool = False  # … that has no place yet
    lacks_kind: bool = False  # … whose kind is UNKNOWN
    asked_kind: bool = False  # the person pressed the button and was asked what is happening
    for_other: bool = False  # … and said that somebody else is in danger
    has_task: bool = False  # a responder with an accepted assignment


@dataclass(frozen=True, slots=True)
class Signs:
    """What the text itself tells."""

    emergency: bool = False
    kind: bool = False
    place: bool = False
    harmless: bool = False  # a greeting, a question about the service, thanks


def meaning(type: Type, signs: Signs, situation: Situation) -> Meaning:
    """Decide. Never refuses help: in doubt after the button was pressed, it is a report."""
    if situation.has_open and not situation.for_other:
        answers = (situation.lacks_place and (signs.place or type is Type.LOCATION)) or (
            situation.lacks_kind and signs.kind
        )
        return Meaning.ANSWER if answers else Meaning.MORE
    if situation.has_task and not situation.asked_kind:
        return Meaning.TASK_NOTE
    if type is Type.LOCATION:
        return Meaning.NEW_REPORT
    if type in MEDIA or type is Type.STICKER:
        return Meaning.START
    if signs.emergency:
        return Meaning.NEW_REPORT
    if situation.asked_kind and (signs.kind or signs.place or not signs.harmless):
        return Meaning.NEW_REPORT
    return Meaning.START
