"""The rate of one person, as a table."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from esshelpme.contacts.people import contact_for
from esshelpme.incidents.models import Incident
from esshelpme.intake.heard import Heard, Type
from esshelpme.intake.limits import ALL_A_WINDOW, WORDS_A_WINDOW, over_limit
from esshelpme.intake.models import Conversation
from esshelpme.intake.tests.post import SAID
from esshelpme.intake.tests.stage import Stage

pytestmark = pytest.mark.django_db


def person(*, reported: bool) -> str:
    if reported:
        stage = Stage(at=SAID)
        stage.pin("Ua")
        assert Incident.objects.exists()
    else:
        Conversation.objects.create(contact=contact_for(channel="LINE", address="Ua", at=SAID))
    return "Ua"


def heard(type: Type, text: str = "", **button: str) -> Heard:
    return Heard(type=type, user_id="Ua", said_at=SAID, text=text, button=button, lat=1.0, lng=1.0)


def passes(what: Heard, *, times: int, at: datetime = SAID) -> int:
    return sum(not over_limit(what, at=at) for _ in range(times))


@pytest.mark.parametrize(
    ("what", "reported", "most"),
    [
        (heard(Type.TEXT, "aaa"), True, WORDS_A_WINDOW),
        (heard(Type.TEXT, "ช่วยด้วย เขามีมีด"), True, WORDS_A_WINDOW),
        (heard(Type.STICKER), True, WORDS_A_WINDOW),
        (heard(Type.IMAGE), True, WORDS_A_WINDOW),
        (heard(Type.TEXT, "aaa"), False, WORDS_A_WINDOW),
        (heard(Type.LOCATION), True, ALL_A_WINDOW),
        (heard(Type.BUTTON, a="loud"), True, ALL_A_WINDOW),
        (heard(Type.BUTTON, a="kind", v="ASSAULT"), True, ALL_A_WINDOW),
        (heard(Type.BUTTON, a="report"), False, ALL_A_WINDOW),
        # Without an open incident, every call for help is heard.
        (heard(Type.TEXT, "ช่วยด้วย เขามีมีด"), False, 300),
        (heard(Type.LOCATION), False, 300),
        (heard(Type.BUTTON, a="kind", v="ASSAULT"), False, 300),
        # These are never too many.
        (heard(Type.UNSEND), True, 300),
        (heard(Type.UNFOLLOW), True, 300),
        (heard(Type.FOLLOW), False, 300),
    ],
)
def test_how_many_pass_in_a_minute(what: Heard, reported: bool, most: int) -> None:
    person(reported=reported)
    assert passes(what, times=300) == most


def test_words_leave_the_taps_their_own_allowance() -> None:
    person(reported=True)
    passes(heard(Type.TEXT, "aaa"), times=500)
    assert passes(heard(Type.BUTTON, a="loud"), times=300) >= 180


def test_a_new_minute_begins_anew() -> None:
    person(reported=True)
    assert passes(heard(Type.TEXT, "aaa"), times=100) == WORDS_A_WINDOW
    assert passes(heard(Type.TEXT, "aaa"), times=100, at=SAID + timedelta(seconds=61)) == WORDS_A_WINDOW


def test_the_limit_is_each_persons_own_and_strangers_have_none() -> None:
    person(reported=True)
    passes(heard(Type.TEXT, "aaa"), times=100)
    assert not over_limit(Heard(type=Type.TEXT, user_id="Ub", said_at=SAID, text="aaa"), at=SAID)
