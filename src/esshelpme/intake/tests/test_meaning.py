"""One inbound message has one of a few meanings; this is the whole table."""

from __future__ import annotations

import pytest

from esshelpme.intake.heard import Type
from esshelpme.intake.meaning import Meaning, Signs, Situation, meaning

NOTHING = Signs()
SIGN = Signs(emergency=True)
KIND = Signs(emergency=True, kind=True)
NEWS = Signs(kind=True, harmless=True)
PLACE = Signs(place=True)
HELLO = Signs(harmless=True)

STRANGER = Situation()
ASKED = Situation(asked_kind=True)
OPEN = Situation(has_open=True)
NO_PLACE = Situation(has_open=True, lacks_place=True)
NO_KIND = Situation(has_open=True, lacks_kind=True)
OTHER_IN_DANGER = Situation(has_open=True, asked_kind=True, for_other=True)
RESPONDER = Situation(has_task=True)
RESPONDER_REPORTS = Situation(has_task=True, asked_kind=True)
RESPONDER_IN_DANGER = Situation(has_task=True, has_open=True)

TABLE = [
    # what came, what it tells, where the conversation stands, what it means
    (Type.TEXT, NOTHING, STRANGER, Meaning.START),
    (Type.TEXT, HELLO, STRANGER, Meaning.START),
    (Type.TEXT, NEWS, STRANGER, Meaning.START),
    (Type.TEXT, PLACE, STRANGER, Meaning.START),
    (Type.TEXT, SIGN, STRANGER, Meaning.NEW_REPORT),
    (Type.TEXT, KIND, STRANGER, Meaning.NEW_REPORT),
    (Type.LOCATION, NOTHING, STRANGER, Meaning.NEW_REPORT),
    (Type.IMAGE, NOTHING, STRANGER, Meaning.START),
    (Type.STICKER, NOTHING, STRANGER, Meaning.START),
    (Type.AUDIO, NOTHING, STRANGER, Meaning.START),
    (Type.TEXT, HELLO, ASKED, Meaning.START),
    (Type.TEXT, NOTHING, ASKED, Meaning.NEW_REPORT),
    (Type.TEXT, KIND, ASKED, Meaning.NEW_REPORT),
    (Type.TEXT, PLACE, ASKED, Meaning.NEW_REPORT),
    (Type.LOCATION, NOTHING, ASKED, Meaning.NEW_REPORT),
    (Type.IMAGE, NOTHING, ASKED, Meaning.START),
    (Type.TEXT, NOTHING, OPEN, Meaning.MORE),
    (Type.TEXT, HELLO, OPEN, Meaning.MORE),
    (Type.TEXT, KIND, OPEN, Meaning.MORE),
    (Type.IMAGE, NOTHING, OPEN, Meaning.MORE),
    (Type.STICKER, NOTHING, OPEN, Meaning.MORE),
    (Type.LOCATION, NOTHING, OPEN, Meaning.MORE),
    (Type.LOCATION, NOTHING, NO_PLACE, Meaning.ANSWER),
    (Type.TEXT, PLACE, NO_PLACE, Meaning.ANSWER),
    (Type.TEXT, NOTHING, NO_PLACE, Meaning.MORE),
    (Type.TEXT, KIND, NO_KIND, Meaning.ANSWER),
    (Type.TEXT, NOTHING, NO_KIND, Meaning.MORE),
    (Type.TEXT, KIND, OTHER_IN_DANGER, Meaning.NEW_REPORT),
    (Type.LOCATION, NOTHING, OTHER_IN_DANGER, Meaning.NEW_REPORT),
    (Type.TEXT, NOTHING, RESPONDER, Meaning.TASK_NOTE),
    (Type.TEXT, KIND, RESPONDER, Meaning.TASK_NOTE),
    (Type.IMAGE, NOTHING, RESPONDER, Meaning.TASK_NOTE),
    (Type.TEXT, KIND, RESPONDER_REPORTS, Meaning.NEW_REPORT),
    (Type.LOCATION, NOTHING, RESPONDER_REPORTS, Meaning.NEW_REPORT),
    (Type.TEXT, NOTHING, RESPONDER_IN_DANGER, Meaning.MORE),
]


@pytest.mark.parametrize(("type", "signs", "situation", "expected"), TABLE)
def test_what_a_message_means(type: Type, signs: Signs, situation: Situation, expected: Meaning) -> None:
    assert meaning(type, signs, situation) is expected
