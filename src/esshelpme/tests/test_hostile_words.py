"""Whatever people write, every message we send because of it is one that LINE takes."""

from __future__ import annotations

import json

import pytest

from esshelpme.intake.tests.stage import Stage
from esshelpme.outbox.models import OutboundMessage
from esshelpme.outbox.send import body_of
from esshelpme.simulator.validation import check_messages

HOSTILE = {
    "nul": "a\x00b",
    "half a pair": "help \ud83d",
    "bidi": "\u202e\u2066evil\u2069",
    "emoji": "😀" * 2500,
    "thai": "ช่วยด้วย" + "ก็" * 2490,
    "long": "x" * 300_000,
    "markup": "<b>&{ref}{{x}}%s %(x)s</b>\\u0000",
    "blank": " \u200b ",
}


@pytest.mark.django_db
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("kind", ["ASSAULT", "GATHERING"])
def test_a_whole_story_in_hostile_words(words: str, kind: str) -> None:
    stage = Stage()
    stage.unit("POL", "POLICE", members=2)
    stage.unit("SOC", "SOCIAL")
    stage.press("U-a", f"a=kind&v={kind}")
    stage.say("U-a", words)
    stage.send("U-a", "location", latitude=13.729, longitude=100.524, title=words, address=words)
    for _ in range(6):
        stage.say("U-a", words)
    offer = next(told for told in stage.told("U-POL-A") if told.has("accept"))
    stage.press("U-POL-A", offer.data("accept"))
    stage.say("U-POL-A", words)
    stage.press("U-a", "a=" + words)
    stage.send("U-a", "file", fileName=words)
    stage.staff(
        stage.incident, "message", text=words.replace("\x00", "").replace("\ud83d", "")[:4000].strip() or "-"
    )
    assert "ASSIGNMENT_ACCEPTED" in stage.types()
    for row in OutboundMessage.objects.all():
        messages = body_of(row)
        raw = json.dumps({"to": row.recipient, "messages": messages}).encode()
        assert check_messages(messages, request_bytes=len(raw)) is None, row.what
