"""Message objects, and the answer LINE gives when one is bad."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from esshelpme.simulator.validation.actions import check_action
from esshelpme.simulator.validation.flex import check_flex
from esshelpme.simulator.validation.problems import (
    Problems,
    check_choice,
    check_https,
    check_number,
    check_text,
)
from esshelpme.simulator.validation.templates import check_imagemap, check_template

MAX_MESSAGES = 5
MAX_QUICK_REPLIES = 13
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KEY = re.compile(r"[a-zA-Z0-9_]{1,20}\Z")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A 400: LINE's ``message`` and its ``details``."""

    message: str
    details: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The body of the answer; ``details`` is left out when empty."""
        return {"message": self.message} | ({"details": self.details} if self.details else {})


def refusal_of(found: list[tuple[str, str]]) -> Refusal:
    """The refusal of a request body with these (message, property) problems."""
    details = [{"message": message, "property": where} for message, where in found]
    return Refusal(f"The request body has {len(found)} error(s)", details)


def check_messages(messages: Any, *, request_bytes: int | None = None) -> Refusal | None:
    """The ``messages`` of a sending call: None when LINE would take them all.

    ``request_bytes``, the length of the request they came in, spares weighing what cannot be too heavy.

    Flex contents are only looked at when the rest is sound, one message at a time, as LINE does.
    """
    if not isinstance(messages, list) or not 1 <= len(messages) <= MAX_MESSAGES:
        if messages is None:
            return refusal_of([("May not be empty", "messages")])
        return refusal_of([(f"Size must be between 1 and {MAX_MESSAGES}", "messages")])
    problems = Problems()
    for index, message in enumerate(messages):
        _check_message(problems, message, f"messages[{index}]")
    if problems:
        return refusal_of(problems.found)
    for index, message in enumerate(messages):
        if message["type"] == "flex":
            flex_problems = Problems()
            check_flex(flex_problems, message.get("contents"), most_bytes=request_bytes)
            if flex_problems:
                details = [{"message": text, "property": where} for text, where in flex_problems.found]
                return Refusal(f"A message (messages[{index}]) in the request body is invalid", details)
    return None


def _check_message(problems: Problems, message: Any, at: str) -> None:
    if not isinstance(message, dict):
        problems.add(at, "May not be null")
        return
    kind = message.get("type")
    checker = _BY_TYPE.get(kind) if isinstance(kind, str) else None
    if checker is None:
        check_choice(problems, kind, f"{at}.type", frozenset(_BY_TYPE))
        return
    checker(problems, message, at)
    if message.get("quickReply") is not None:
        _quick_reply(problems, message["quickReply"], f"{at}.quickReply")
    sender = message.get("sender")
    if sender is not None:
        if not isinstance(sender, dict):
            problems.add(f"{at}.sender", "invalid property")
        else:
            check_text(problems, sender.get("name"), f"{at}.sender.name", most=20, required=False)
            check_https(problems, sender.get("iconUrl"), f"{at}.sender.iconUrl", required=False)


def _quick_reply(problems: Problems, quick: Any, at: str) -> None:
    items = quick.get("items") if isinstance(quick, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_QUICK_REPLIES:
        problems.add(f"{at}.items", f"Size must be between 1 and {MAX_QUICK_REPLIES}")
        return
    for index, item in enumerate(items):
        where = f"{at}.items[{index}]"
        if not isinstance(item, dict) or item.get("type") != "action":
            problems.add(f"{where}.type", "Must be one of the following values: [action]")
            continue
        check_https(problems, item.get("imageUrl"), f"{where}.imageUrl", required=False)
        check_action(problems, item.get("action"), f"{where}.action", place="quickReply")


def _text(problems: Problems, message: dict[str, Any], at: str) -> None:
    check_text(problems, message.get("text"), f"{at}.text", most=5000, unit="utf16")


def _text_v2(problems: Problems, message: dict[str, Any], at: str) -> None:
    check_text(problems, message.get("text"), f"{at}.text", most=5000, unit="utf16")
    text = message.get("text")
    if not isinstance(text, str):
        return
    known = message.get("substitution") or {}
    for key in _PLACEHOLDER.findall(text.replace("{{", "").replace("}}", "")):
        if not _KEY.match(key):
            problems.add(
                f"{at}.text",
                f"The key '{key}' enclosed in '{{}}' does not match the pattern '^[a-zA-Z0-9_]{{1,20}}$'.",
            )
        elif key not in known:
            problems.add(f"{at}.substitution", f"The key '{key}' is not defined in substitution.")


def _image(problems: Problems, message: dict[str, Any], at: str) -> None:
    check_https(problems, message.get("originalContentUrl"), f"{at}.originalContentUrl")
    check_https(problems, message.get("previewImageUrl"), f"{at}.previewImageUrl")


def _audio(problems: Problems, message: dict[str, Any], at: str) -> None:
    check_https(problems, message.get("originalContentUrl"), f"{at}.originalContentUrl")
    check_number(problems, message.get("duration"), f"{at}.duration", low=1, high=10**9)


def _location(problems: Problems, message: dict[str, Any], at: str) -> None:
    check_text(problems, message.get("title"), f"{at}.title", most=100)
    check_text(problems, message.get("address"), f"{at}.address", most=100)
    check_number(problems, message.get("latitude"), f"{at}.latitude", low=-90, high=90)
    check_number(problems, message.get("longitude"), f"{at}.longitude", low=-180, high=180)


def _sticker(problems: Problems, message: dict[str, Any], at: str) -> None:
    for name in ("packageId", "stickerId"):
        check_text(problems, message.get(name), f"{at}.{name}", most=20)


def _template(problems: Problems, message: dict[str, Any], at: str) -> None:
    check_text(problems, message.get("altText"), f"{at}.altText", most=1500, unit="utf16")
    check_template(problems, message.get("template"), f"{at}.template")


def _flex(problems: Problems, message: dict[str, Any], at: str) -> None:
    check_text(problems, message.get("altText"), f"{at}.altText", most=1500, unit="utf16")
    if not isinstance(message.get("contents"), dict):
        problems.add(f"{at}.contents", "May not be empty")


_BY_TYPE: dict[str, Callable[[Problems, dict[str, Any], str], None]] = {
    "text": _text,
    "textV2": _text_v2,
    "sticker": _sticker,
    "image": _image,
    "video": _image,
    "audio": _audio,
    "location": _location,
    "imagemap": check_imagemap,
    "template": _template,
    "flex": _flex,
}
