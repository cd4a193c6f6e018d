"""LINE's events are read tolerantly: nothing that LINE or an attacker may send raises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from esshelpme.intake import heard
from esshelpme.intake.heard import Type

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=6,
)
FIELDS = [
    "type",
    "message",
    "source",
    "timestamp",
    "postback",
    "unsend",
    "replyToken",
    "webhookEventId",
    "mode",
]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_event_is_read(event: dict[str, Any]) -> None:
    read = heard.read(event, received_at=NOW)
    assert read.said_at <= NOW
    assert "\x00" not in read.text
    assert len(heard.event_id(event)) <= 64
    assert len(heard.person(event)) <= 64


def test_a_missing_event_id_is_the_same_for_the_same_event() -> None:
    event = {"type": "message", "message": {"type": "text", "text": "ช่วย"}}
    assert heard.event_id(event) == heard.event_id(dict(reversed(event.items())))
    assert heard.event_id(event) != heard.event_id({**event, "timestamp": 1})


def test_a_text_without_the_fields_that_line_documents_as_required_is_still_heard() -> None:
    event = {
        "type": "message",
        "source": {"type": "user", "userId": "U1"},
        "message": {"type": "text", "text": "ช่วยด้วย"},
    }
    read = heard.read(event, received_at=NOW)
    assert (read.type, read.text, read.user_id) == (Type.TEXT, "ช่วยด้วย", "U1")


def test_a_location_without_numbers_is_kept_as_something_else() -> None:
    event = {"type": "message", "message": {"type": "location", "latitude": "13.7", "longitude": None}}
    assert heard.read(event, received_at=NOW).type is Type.OTHER


def test_a_clock_in_the_future_or_the_far_past_gives_the_time_of_receipt() -> None:
    for stamp in (10**15, -1, 0, 1e300, True, "now"):
        assert heard.said_at({"timestamp": stamp}, NOW) == NOW


def test_standby_events_have_no_reply_token() -> None:
    assert (
        heard.read({"type": "follow", "mode": "standby", "replyToken": "t"}, received_at=NOW).reply_token
        == ""
    )


def test_a_sticker_is_told_with_its_words() -> None:
    event = {
        "type": "message",
        "message": {"type": "sticker", "packageId": "1", "stickerId": "2", "keywords": ["cry", "help"]},
    }
    assert heard.read(event, received_at=NOW).text == "[sticker 1/2] cry, help"
