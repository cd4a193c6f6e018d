"""LINE message objects, built as plain dicts within LINE's limits (developers.line.biz, Messaging API reference).

The limits are counted as LINE counts them: texts in UTF-16 units, labels in grapheme clusters. Postbacks carry no
`displayText`: it would leave a bubble in the chat that tells what was pressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import regex

TEXT_UNITS = 5000
LABEL_CLUSTERS = 20
FLEX_LABEL_CLUSTERS = 40
ALT_UNITS = 1500
DATA_CHARACTERS = 300
QUICK_REPLIES = 13
MESSAGES_A_CALL = 5

Message = dict[str, Any]

# Colours of bubbles: one accent, and the alarm colour for the one button that calls for help.
INK, MUTED, ACCENT, ALARM, PAPER = "#1c2430", "#5b6675", "#14606b", "#b3261e", "#ffffff"


@dataclass(frozen=True, slots=True)
class Button:
    """A postback button: `a=ACTION` and further values, as docs/conversation.md lists them."""

    label: str
    data: str
    style: str = "secondary"

    @classmethod
    def of(cls, label: str, action: str, *, style: str = "secondary", **values: str | int) -> Button:
        data = urlencode({"a": action, **values})
        if len(data) > DATA_CHARACTERS:
            raise ValueError(f"postback data of {len(data)} characters: at most {DATA_CHARACTERS}")
        return cls(label, data, style)


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address."""

    label: str
    uri: str
    style: str = "primary"


@dataclass(frozen=True, slots=True)
class Location:
    """The quick reply by which LINE lets a person share a pin."""

    label: str


def text(words: str, *, quick: Sequence[Button | Location] = ()) -> Message:
    """A plain text bubble, cut to LINE's length."""
    return _with_quick({"type": "text", "text": cut_units(words, TEXT_UNITS)}, quick)


def card(
    *,
    alt: str,
    body: Sequence[Message],
    buttons: Sequence[Button | Link] = (),
    quick: Sequence[Button | Location] = (),
    header: Message | None = None,
) -> Message:
    """A Flex bubble: body components over a column of buttons."""
    bubble: Message = {
        "type": "bubble",
        "size": "mega",
        "body": {"type": "box", "layout": "vertical", "spacing": "md", "contents": list(body)},
    }
    if header is not None:
        bubble["header"] = header
    if buttons:
        bubble["footer"] = {
            "type": "box",
            "layout": "vertical",
            "spacing": "sm",
            "contents": [_flex_button(button) for button in buttons],
        }
    return _with_quick({"type": "flex", "altText": cut_units(alt, ALT_UNITS), "contents": bubble}, quick)


def paragraph(words: str, *, size: str = "md", color: str = INK, bold: bool = False) -> Message:
    """A wrapped text component of a Flex bubble."""
    part: Message = {
        "type": "text",
        "text": cut_units(words, 2000) or " ",
        "wrap": True,
        "size": size,
        "color": color,
    }
    if bold:
        part["weight"] = "bold"
    return part


def banner(words: str, *, color: str = ACCENT) -> Message:
    """A coloured header with white bold words."""
    return {
        "type": "box",
        "layout": "vertical",
        "backgroundColor": color,
        "paddingAll": "16px",
        "contents": [paragraph(words, size="lg", color=PAPER, bold=True)],
    }


def line_units(words: str) -> int:
    """Length as LINE counts texts: UTF-16 code units."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


def cut_units(words: str, limit: int) -> str:
    """At most `limit` UTF-16 units, never splitting a character, with an ellipsis when cut."""
    words = clean(words)
    if line_units(words) <= limit:
        return words
    used, kept = 0, []
    for character in words:
        used += 2 if ord(character) > 0xFFFF else 1
        if used > limit - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def cut_clusters(words: str, limit: int) -> str:
    """At most `limit` grapheme clusters (a Thai consonant with its vowel and tone mark is one)."""
    clusters = regex.findall(r"\X", clean(words))
    return "".join(clusters) if len(clusters) <= limit else "".join(clusters[: limit - 1]) + "…"


def clean(words: str) -> str:
    """Without lone surrogates, control characters or bidirectional overrides, which could disguise a text."""
    return _UNSAFE.sub("", words)


_UNSAFE = regex.compile(
    "[\ud800-\udfff\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f]"
)


def _flex_button(button: Button | Link) -> Message:
    action: Message
    if isinstance(button, Link):
        action = {"type": "uri", "label": cut_clusters(button.label, FLEX_LABEL_CLUSTERS), "uri": button.uri}
    else:
        action = {
            "type": "postback",
            "label": cut_clusters(button.label, FLEX_LABEL_CLUSTERS),
            "data": button.data,
        }
    part: Message = {"type": "button", "height": "sm", "style": "secondary", "action": action}
    if button.style == "primary":
        part |= {"style": "primary", "color": ACCENT}
    elif button.style == "alarm":
        part |= {"style": "primary", "color": ALARM, "height": "md"}
    return part


def _with_quick(message: Message, quick: Sequence[Button | Location]) -> Message:
    if not quick:
        return message
    items = []
    for item in quick[:QUICK_REPLIES]:
        action: Message
        if isinstance(item, Location):
            action = {"type": "location", "label": cut_clusters(item.label, LABEL_CLUSTERS)}
        else:
            action = {
                "type": "postback",
                "label": cut_clusters(item.label, LABEL_CLUSTERS),
                "data": item.data,
            }
        items.append({"type": "action", "action": action})
    return {**message, "quickReply": {"items": items}}
