"""Which messages LINE takes and which it refuses: a table of each limit, one step on either side."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esshelpme.simulator.validation import check_messages, check_rich_menu
from esshelpme.simulator.validation.problems import graphemes, utf16_length

LINK = {"type": "uri", "label": "x"}
SPOT = {"type": "location", "title": "x", "address": "y", "latitude": 1, "longitude": 1}
POSTBACK = {"type": "postback", "label": "ok", "data": "a=report"}


def text(value: Any) -> dict[str, Any]:
    return {"type": "text", "text": value}


def quick(*actions: Any) -> dict[str, Any]:
    return text("x") | {"quickReply": {"items": [{"type": "action", "action": action} for action in actions]}}


def flex(body: Any, **bubble: Any) -> dict[str, Any]:
    box = {"type": "box", "layout": "vertical", "contents": body if isinstance(body, list) else [body]}
    return {"type": "flex", "altText": "x", "contents": {"type": "bubble", "body": box} | bubble}


def template(**fields: Any) -> dict[str, Any]:
    return {"type": "template", "altText": "x", "template": fields}


def button(**fields: Any) -> dict[str, Any]:
    return {"type": "button", "action": POSTBACK} | fields


WORDS = {"type": "text", "text": "x"}
GOOD = [
    text("ก" * 5000),
    text("😀" * 2500),
    quick(*[POSTBACK] * 13),
    quick({"type": "location", "label": "ส่งตำแหน่งที่อยู่ของคุณตอนนี้"[:20]}),
    quick({"type": "camera", "label": "x"}, {"type": "cameraRoll", "label": "x"}),
    quick(POSTBACK | {"label": "กำลังจะไปที่นั่นแล้วค่ะ"}),
    quick({"type": "uri", "label": "x", "uri": "tel:191"}),
    quick({"type": "datetimepicker", "label": "x", "data": "d", "mode": "date", "initial": "2026-11-24"}),
    flex(WORDS),
    flex(button(style="primary", color="#AA0000", height="sm", margin="md")),
    flex({"type": "separator", "margin": "lg", "color": "#00000022"}),
    flex({"type": "image", "url": "https://example.org/a.png", "size": "full", "aspectRatio": "20:13"}),
    flex(
        {
            "type": "box",
            "layout": "baseline",
            "contents": [{"type": "icon", "url": "https://e.org/i.png"}, WORDS],
        }
    ),
    flex({"type": "text", "contents": [{"type": "span", "text": "x", "weight": "bold"}], "size": "16px"}),
    flex(
        WORDS,
        size="mega",
        styles={"footer": {"separator": True}},
        footer={"type": "box", "layout": "horizontal", "contents": []},
    ),
    {
        "type": "flex",
        "altText": "x",
        "contents": {"type": "carousel", "contents": [flex(WORDS)["contents"]] * 12},
    },
    {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    {"type": "location", "title": "x", "address": "y", "latitude": 13.7, "longitude": 100.5},
    {
        "type": "image",
        "originalContentUrl": "https://e.org/a.jpg",
        "previewImageUrl": "http://127.0.0.1:8000/a.jpg",
    },
    {
        "type": "template",
        "altText": "x",
        "template": {"type": "confirm", "text": "x", "actions": [POSTBACK] * 2},
    },
    {
        "type": "textV2",
        "text": "hello {who}",
        "substitution": {"who": {"type": "mention", "mentionee": {"type": "all"}}},
    },
]
BAD: list[tuple[dict[str, Any] | Any, str]] = [
    (text(""), "messages[0].text"),
    (text(None), "messages[0].text"),
    (text(7), "messages[0].text"),
    (text("ก" * 5001), "messages[0].text"),
    (text("😀" * 2501), "messages[0].text"),
    ({"type": "shout"}, "messages[0].type"),
    (None, "messages[0]"),
    (quick(*[POSTBACK] * 14), "messages[0].quickReply.items"),
    (quick(), "messages[0].quickReply.items"),
    (quick({"type": "postback", "data": "x"}), "messages[0].quickReply.items[0].action.label"),
    (quick(POSTBACK | {"label": "x" * 21}), "messages[0].quickReply.items[0].action.label"),
    (quick(POSTBACK | {"data": "x" * 301}), "messages[0].quickReply.items[0].action.data"),
    (quick(POSTBACK | {"data": ""}), "messages[0].quickReply.items[0].action.data"),
    (quick(LINK | {"uri": "javascript:alert(1)"}), "messages[0].quickReply.items[0].action.uri"),
    (quick(LINK | {"uri": "https://e.org/ก"}), "messages[0].quickReply.items[0].action.uri"),
    (flex(WORDS) | {"altText": ""}, "messages[0].altText"),
    (flex(WORDS) | {"altText": "x" * 1501}, "messages[0].altText"),
    (flex({"type": "text", "text": ""}), "/body/contents/0/text"),
    (flex({"type": "text"}), "/body/contents/0/text"),
    (flex(WORDS | {"colour": "#000000"}), "/body/contents/0/colour"),
    (flex(WORDS | {"color": "red"}), "/body/contents/0/color"),
    (flex(WORDS | {"size": "huge"}), "/body/contents/0/size"),
    (flex(WORDS | {"wrap": "yes"}), "/body/contents/0/wrap"),
    (flex(button(action={"type": "postback", "data": "x"})), "/body/contents/0/action/label"),
    (flex(button(action=POSTBACK | {"label": "x" * 41})), "/body/contents/0/action/label"),
    (flex(button(action={"type": "location", "label": "x"})), "/body/contents/0/action/type"),
    (flex(button(style="loud")), "/body/contents/0/style"),
    (flex({"type": "icon", "url": "https://e.org/i.png"}), "/body/contents/0/type"),
    (flex({"type": "box", "layout": "baseline", "contents": [button()]}), "/body/contents/0/contents/0/type"),
    (flex({"type": "box", "layout": "sideways", "contents": []}), "/body/contents/0/layout"),
    (flex({"type": "box", "layout": "vertical"}), "/body/contents/0/contents"),
    (flex({"type": "image", "url": "http://example.org/a.png"}), "/body/contents/0/url"),
    (flex(WORDS, size="enormous"), "/size"),
    (flex(WORDS, hero=WORDS), "/hero/type"),
    (flex([WORDS | {"text": "x" * 1900}] * 20), "/"),
    ({"type": "flex", "altText": "x", "contents": {"type": "carousel", "contents": []}}, "/contents"),
    ({"type": "flex", "altText": "x", "contents": {"type": "bubble"}}, "/"),
    ({"type": "flex", "altText": "x"}, "messages[0].contents"),
    (SPOT | {"address": ""}, "messages[0].address"),
    (SPOT | {"latitude": 91}, "messages[0].latitude"),
    (template(type="buttons", text="x" * 161, actions=[POSTBACK]), "messages[0].template.text"),
    ({"type": "textV2", "text": "hello {who}"}, "messages[0].substitution"),
    (text("x") | {"sender": {"name": "x" * 21}}, "messages[0].sender.name"),
]  # fmt: skip


@pytest.mark.parametrize("message", GOOD)
def test_taken(message: dict[str, Any]) -> None:
    assert check_messages([message]) is None


@pytest.mark.parametrize(("message", "where"), BAD)
def test_refused_with_the_property_named(message: Any, where: str) -> None:
    refusal = check_messages([message])
    assert refusal is not None
    assert where in [detail["property"] for detail in refusal.details]


@pytest.mark.parametrize(("count", "taken"), [(0, False), (1, True), (5, True), (6, False)])
def test_one_to_five_messages_a_call(count: int, taken: bool) -> None:
    assert (check_messages([text("x")] * count) is None) is taken


def test_errors_are_worded_as_line_words_them() -> None:
    refusal = check_messages([text(""), {"type": "shout"}])
    assert refusal is not None
    assert refusal.as_json()["message"] == "The request body has 2 error(s)"
    assert refusal.details[0] == {"message": "May not be empty", "property": "messages[0].text"}
    flexed = check_messages([text("x"), flex({"type": "text", "text": ""})])
    assert flexed is not None
    assert flexed.message == "A message (messages[1]) in the request body is invalid"


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("กำลัง", 3),
        ("ที่นี่", 2),
        ("abc", 3),
        ("👨‍👩‍👧", 1),
        ("🇹🇭🇯🇵", 2),
        ("👍🏽", 1),
        ("é", 1),
        ("မြန်မာ", 3),
        ("", 0),
    ],
)
def test_labels_are_counted_in_grapheme_clusters(value: str, count: int) -> None:
    assert graphemes(value) == count


@given(st.text(max_size=200))
def test_neither_count_exceeds_what_the_other_allows(value: str) -> None:
    assert graphemes(value) <= len(value) <= utf16_length(value) <= 2 * len(value)


KNOWN_NAMES = [
    *("type", "text", "contents", "layout", "action", "data", "label", "body", "size", "quickReply"),
    *("items", "url", "areas", "bounds", "template"),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KNOWN_NAMES) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(json_values)
def test_whatever_comes_is_answered(value: Any) -> None:
    check_messages(value)
    check_messages([value])
    check_messages([{"type": "flex", "altText": "x", "contents": value}])
    check_messages([{"type": "flex", "altText": "x", "contents": {"type": "bubble", "body": value}}])
    check_messages([text("x") | {"quickReply": value, "sender": value}])
    check_messages(
        [{"type": "template", "altText": "x", "template": value}, {"type": "imagemap", "actions": value}]
    )
    if isinstance(value, dict):
        check_rich_menu(value)
