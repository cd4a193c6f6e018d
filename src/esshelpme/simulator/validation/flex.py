"""Flex messages: which component may stand where, with which properties of which values.

LINE answers a bad Flex message with a pointer-like property below the bubble (``/body/contents/0/text``).
Unknown properties are refused, as LINE's own Flex checker does: a misspelt one would be silently lost.
"""

from __future__ import annotations

import json
import re
from typing import Any

from esshelpme.simulator.validation.actions import check_action
from esshelpme.simulator.validation.flex_properties import check_names, check_properties
from esshelpme.simulator.validation.problems import (
    Problems,
    check_choice,
    check_colour,
    check_https,
    check_text,
)

MAX_BUBBLE = 30 * 1024
MAX_CAROUSEL = 50 * 1024
MAX_CAROUSEL_BUBBLES = 12
MAX_DEPTH = 12
BUBBLE_SIZES = frozenset({"nano", "micro", "deca", "hecto", "kilo", "mega", "giga"})
_BUBBLE_NAMES = frozenset(
    {"type", "size", "direction", "header", "hero", "body", "footer", "styles", "action"}
)
_STYLE_NAMES = frozenset({"backgroundColor", "separator", "separatorColor"})
_GRADIENT_NAMES = frozenset({"type", "angle", "startColor", "endColor", "centerColor", "centerPosition"})
_ANGLE = re.compile(r"\d{1,3}(\.\d+)?deg\Z")
_CHILDREN = {
    "vertical": frozenset({"box", "button", "image", "text", "separator", "filler", "video"}),
    "horizontal": frozenset({"box", "button", "image", "text", "separator", "filler"}),
    "baseline": frozenset({"icon", "text", "filler"}),
}


def check_flex(problems: Problems, contents: Any, *, most_bytes: int | None = None) -> None:
    """The ``contents`` of a Flex message: a bubble or a carousel. ``most_bytes``: it cannot be heavier."""
    weigh = most_bytes is None or most_bytes > MAX_BUBBLE
    if not isinstance(contents, dict):
        problems.add("/", "must be specified")
        return
    kind = contents.get("type")
    if kind == "bubble":
        check_bubble(problems, contents, "", weigh=weigh)
    elif kind == "carousel":
        bubbles = contents.get("contents")
        if not isinstance(bubbles, list) or not 1 <= len(bubbles) <= MAX_CAROUSEL_BUBBLES:
            problems.add("/contents", f"Size must be between 1 and {MAX_CAROUSEL_BUBBLES}")
            return
        if weigh and _weight(contents) > MAX_CAROUSEL:
            problems.add("/", "The carousel is larger than 50 KB")
        for index, bubble in enumerate(bubbles):
            check_bubble(problems, bubble, f"/contents/{index}", weigh=weigh)
    else:
        check_choice(problems, kind, "/type", frozenset({"bubble", "carousel"}))


def check_bubble(problems: Problems, bubble: Any, at: str, *, weigh: bool = True) -> None:
    """One bubble; ``at`` is its path. ``weigh``: look whether it is too heavy."""
    if not isinstance(bubble, dict) or bubble.get("type") != "bubble":
        problems.add(f"{at}/type", "Must be one of the following values: [bubble]")
        return
    check_names(problems, bubble, at, _BUBBLE_NAMES)
    if weigh and _weight(bubble) > MAX_BUBBLE:
        problems.add(at or "/", "The bubble is larger than 30 KB")
    if "size" in bubble:
        check_choice(problems, bubble["size"], f"{at}/size", BUBBLE_SIZES)
    if "direction" in bubble:
        check_choice(problems, bubble["direction"], f"{at}/direction", frozenset({"ltr", "rtl"}))
    if "action" in bubble:
        check_action(problems, bubble["action"], f"{at}/action", place="flex")
    blocks = [name for name in ("header", "hero", "body", "footer") if name in bubble]
    if not blocks:
        problems.add(at or "/", "At least one block must be specified")
    for name in blocks:
        allowed = frozenset({"box", "image", "video"}) if name == "hero" else frozenset({"box"})
        _component(problems, bubble[name], f"{at}/{name}", allowed, depth=0)
    styles = bubble.get("styles")
    if styles is not None:
        _styles(problems, styles, f"{at}/styles")


def _styles(problems: Problems, styles: Any, at: str) -> None:
    if not isinstance(styles, dict):
        problems.add(at, "invalid property")
        return
    check_names(problems, styles, at, frozenset({"header", "hero", "body", "footer"}))
    for name, style in styles.items():
        if not isinstance(style, dict):
            problems.add(f"{at}/{name}", "invalid property")
            continue
        check_names(problems, style, f"{at}/{name}", _STYLE_NAMES)
        for colour in ("backgroundColor", "separatorColor"):
            if colour in style:
                check_colour(problems, style[colour], f"{at}/{name}/{colour}")


def _component(problems: Problems, item: Any, at: str, allowed: frozenset[str], *, depth: int) -> None:
    if not isinstance(item, dict):
        problems.add(at, "invalid property")
        return
    kind = item.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        check_choice(problems, kind, f"{at}/type", allowed)
        return
    if depth > MAX_DEPTH:
        problems.add(at, "nested too deeply")
        return
    check_properties(problems, kind, item, at)
    if kind == "box":
        _box(problems, item, at, depth)
    elif kind == "text":
        _text(problems, item, at, depth)
    elif kind == "span":
        _words(problems, item.get("text"), f"{at}/text")
    elif kind == "button":
        _button(problems, item, at)
    elif kind in ("image", "icon"):
        check_https(problems, item.get("url"), f"{at}/url")
    elif kind == "video":
        check_https(problems, item.get("url"), f"{at}/url")
        check_https(problems, item.get("previewUrl"), f"{at}/previewUrl")
        _component(
            problems, item.get("altContent"), f"{at}/altContent", frozenset({"box", "image"}), depth=depth + 1
        )


def _box(problems: Problems, box: dict[str, Any], at: str, depth: int) -> None:
    layout = box.get("layout")
    if not isinstance(layout, str) or layout not in _CHILDREN:
        check_choice(problems, layout, f"{at}/layout", frozenset(_CHILDREN))
        return
    contents = box.get("contents")
    if not isinstance(contents, list):
        problems.add(f"{at}/contents", "must be specified")
        return
    for index, child in enumerate(contents):
        _component(problems, child, f"{at}/contents/{index}", _CHILDREN[layout], depth=depth + 1)
    background = box.get("background")
    if background is not None:
        _gradient(problems, background, f"{at}/background")


def _gradient(problems: Problems, background: Any, at: str) -> None:
    if not isinstance(background, dict) or background.get("type") != "linearGradient":
        problems.add(f"{at}/type", "Must be one of the following values: [linearGradient]")
        return
    check_names(problems, background, at, _GRADIENT_NAMES)
    for name in ("startColor", "endColor"):
        check_colour(problems, background.get(name), f"{at}/{name}")
    if "centerColor" in background:
        check_colour(problems, background["centerColor"], f"{at}/centerColor")
    if not _ANGLE.match(str(background.get("angle", ""))):
        problems.add(f"{at}/angle", "invalid property")


def _text(problems: Problems, item: dict[str, Any], at: str, depth: int) -> None:
    spans = item.get("contents")
    if spans:
        if not isinstance(spans, list):
            problems.add(f"{at}/contents", "invalid property")
            return
        for index, span in enumerate(spans):
            _component(problems, span, f"{at}/contents/{index}", frozenset({"span"}), depth=depth + 1)
        return
    _words(problems, item.get("text"), f"{at}/text")


def _words(problems: Problems, value: Any, at: str) -> None:
    if value is None:
        problems.add(at, "must be specified")
    elif not isinstance(value, str) or not value:
        problems.add(at, "must be non-empty text")
    else:
        check_text(problems, value, at, most=2000, unit="utf16")


def _button(problems: Problems, button: dict[str, Any], at: str) -> None:
    action = button.get("action")
    check_action(problems, action, f"{at}/action", place="flex")
    if isinstance(action, dict) and not action.get("label"):
        problems.add(f"{at}/action/label", "must be specified")


def _weight(contents: dict[str, Any]) -> int:
    return len(
        json.dumps(contents, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    )
