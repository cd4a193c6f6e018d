"""Flex messages: which component may stand where, with which properties of which values.

LINE answers a bad Flex message with a JSON-pointer-like property below the bubble (``/body/contents/0/text``).
Unknown properties are refused, as LINE's own Flex checker does: a misspelt one would be silently lost.
"""

from __future__ import annotations

import json
import re
from typing import Any

from esshelpme.simulator.validation.actions import check_action
from esshelpme.simulator.validation.problems import (
    Problems,
    check_choice,
    check_colour,
    check_https,
    check_number,
    check_text,
    is_one_of,
)

MAX_BUBBLE = 30 * 1024
MAX_CAROUSEL = 50 * 1024
MAX_CAROUSEL_BUBBLES = 12
MAX_DEPTH = 12
BUBBLE_SIZES = frozenset({"nano", "micro", "deca", "hecto", "kilo", "mega", "giga"})
_STEPS = frozenset({"none", "xs", "sm", "md", "lg", "xl", "xxl"})
_TEXT_SIZES = frozenset({"xxs", "xs", "sm", "md", "lg", "xl", "xxl", "3xl", "4xl", "5xl"})
_IMAGE_SIZES = _TEXT_SIZES | {"full"}
_PIXELS = re.compile(r"\d+(\.\d+)?px\Z")
_PIXELS_OR_SHARE = re.compile(r"-?\d+(\.\d+)?(px|%)\Z")
_RATIO = re.compile(r"\d{1,6}(\.\d+)?:\d{1,6}(\.\d+)?\Z")

_COMMON = {"type", "margin", "position", "offsetTop", "offsetBottom", "offsetStart", "offsetEnd"}
_PROPERTIES: dict[str, set[str]] = {
    "box": _COMMON
    | {
        "layout", "contents", "backgroundColor", "borderColor", "borderWidth", "cornerRadius", "width", "maxWidth",
        "height", "maxHeight", "flex", "spacing", "paddingAll", "paddingTop", "paddingBottom", "paddingStart",
        "paddingEnd", "action", "justifyContent", "alignItems", "background",
    },
    "button": _COMMON | {"action", "flex", "height", "style", "color", "gravity", "adjustMode", "scaling"},
    "image": _COMMON
    | {
        "url", "flex", "align", "gravity", "size", "aspectRatio", "aspectMode", "backgroundColor", "action", "animated",
    },
    "video": {"type", "url", "previewUrl", "altContent", "aspectRatio", "action"},
    "icon": _COMMON | {"url", "size", "aspectRatio", "scaling"},
    "text": _COMMON
    | {
        "text", "contents", "adjustMode", "flex", "size", "align", "gravity", "wrap", "lineSpacing", "maxLines",
        "weight", "color", "action", "style", "decoration", "scaling",
    },
    "span": {"type", "text", "color", "size", "weight", "style", "decoration"},
    "separator": {"type", "margin", "color"},
    "filler": {"type", "flex"},
}  # fmt: skip
_CHILDREN = {
    "vertical": frozenset({"box", "button", "image", "text", "separator", "filler", "video"}),
    "horizontal": frozenset({"box", "button", "image", "text", "separator", "filler"}),
    "baseline": frozenset({"icon", "text", "filler"}),
}
_CHOICES: dict[str, frozenset[str]] = {
    "position": frozenset({"relative", "absolute"}),
    "align": frozenset({"start", "end", "center"}),
    "gravity": frozenset({"top", "bottom", "center"}),
    "weight": frozenset({"regular", "bold"}),
    "decoration": frozenset({"none", "underline", "line-through"}),
    "adjustMode": frozenset({"shrink-to-fit"}),
    "aspectMode": frozenset({"cover", "fit"}),
    "justifyContent": frozenset(
        {"center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly"}
    ),
    "alignItems": frozenset({"center", "flex-start", "flex-end"}),
}
_COLOURS = ("color", "backgroundColor", "borderColor")
_LENGTHS = (
    "margin", "spacing", "paddingAll", "paddingTop", "paddingBottom", "paddingStart", "paddingEnd", "offsetTop",
    "offsetBottom", "offsetStart", "offsetEnd",
)  # fmt: skip
_BORDERS = frozenset({"none", "light", "normal", "medium", "semi-bold", "bold"})


def check_flex(problems: Problems, contents: Any) -> None:
    """The ``contents`` of a Flex message: a bubble or a carousel of bubbles."""
    if not isinstance(contents, dict):
        problems.add("/", "must be specified")
        return
    kind = contents.get("type")
    if kind == "bubble":
        check_bubble(problems, contents, "")
    elif kind == "carousel":
        bubbles = contents.get("contents")
        if not isinstance(bubbles, list) or not 1 <= len(bubbles) <= MAX_CAROUSEL_BUBBLES:
            problems.add("/contents", f"Size must be between 1 and {MAX_CAROUSEL_BUBBLES}")
            return
        if _weight(contents) > MAX_CAROUSEL:
            problems.add("/", "The carousel is larger than 50 KB")
        for index, bubble in enumerate(bubbles):
            check_bubble(problems, bubble, f"/contents/{index}")
    else:
        check_choice(problems, kind, "/type", frozenset({"bubble", "carousel"}))


def check_bubble(problems: Problems, bubble: Any, at: str) -> None:
    """One bubble; ``at`` is its path."""
    if not isinstance(bubble, dict) or bubble.get("type") != "bubble":
        problems.add(f"{at}/type", "Must be one of the following values: [bubble]")
        return
    _known(
        problems,
        bubble,
        at,
        {"type", "size", "direction", "header", "hero", "body", "footer", "styles", "action"},
    )
    if _weight(bubble) > MAX_BUBBLE:
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
    _known(problems, styles, at, {"header", "hero", "body", "footer"})
    for name, style in styles.items():
        if not isinstance(style, dict):
            problems.add(f"{at}/{name}", "invalid property")
            continue
        _known(problems, style, f"{at}/{name}", {"backgroundColor", "separator", "separatorColor"})
        for colour in ("backgroundColor", "separatorColor"):
            if colour in style:
                check_colour(problems, style[colour], f"{at}/{name}/{colour}")


def _component(problems: Problems, item: Any, at: str, allowed: frozenset[str], *, depth: int) -> None:
    if not isinstance(item, dict):
        problems.add(at, "invalid property")
        return
    kind = item.get("type")
    if not is_one_of(kind, allowed):
        check_choice(problems, kind, f"{at}/type", allowed)
        return
    if depth > MAX_DEPTH:
        problems.add(at, "nested too deeply")
        return
    _known(problems, item, at, _PROPERTIES[kind])
    for name, value in item.items():
        _property(problems, kind, name, value, f"{at}/{name}")
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
    if not is_one_of(layout, _CHILDREN):
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
    _known(
        problems, background, at, {"type", "angle", "startColor", "endColor", "centerColor", "centerPosition"}
    )
    for name in ("startColor", "endColor"):
        check_colour(problems, background.get(name), f"{at}/{name}")
    if "centerColor" in background:
        check_colour(problems, background["centerColor"], f"{at}/centerColor")
    if not re.match(r"\d{1,3}(\.\d+)?deg\Z", str(background.get("angle", ""))):
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


def _property(problems: Problems, kind: str, name: str, value: Any, at: str) -> None:
    if name in _COLOURS:
        check_colour(problems, value, at)
    elif name in _LENGTHS:
        _length(problems, value, at, negative=name.startswith("offset"))
    elif name in _CHOICES:
        check_choice(problems, value, at, _CHOICES[name])
    elif name == "flex":
        check_number(problems, value, at, low=0, high=1000)
    elif name == "size":
        _size(problems, kind, value, at)
    elif name == "aspectRatio":
        if not isinstance(value, str) or not _RATIO.match(value):
            problems.add(at, "invalid property")
    elif name in ("wrap", "scaling"):
        if not isinstance(value, bool):
            problems.add(at, "invalid property")
    elif name == "maxLines":
        check_number(problems, value, at, low=0, high=1000)
    elif name == "style":
        choices = {"primary", "secondary", "link"} if kind == "button" else {"normal", "italic"}
        check_choice(problems, value, at, choices)
    elif name == "height" and kind == "button":
        check_choice(problems, value, at, {"sm", "md"})
    elif name in ("width", "maxWidth", "height", "maxHeight"):
        _length(problems, value, at, words=frozenset())
    elif name == "borderWidth":
        _length(problems, value, at, words=_BORDERS)
    elif name == "cornerRadius":
        _length(problems, value, at)
    elif name == "lineSpacing":
        if not isinstance(value, str) or not _PIXELS.match(value):
            problems.add(at, "invalid property")
    elif name == "action" and kind != "button":
        check_action(problems, value, at, place="flex")


def _length(
    problems: Problems, value: Any, at: str, *, words: frozenset[str] = _STEPS, negative: bool = False
) -> None:
    if isinstance(value, str) and (value in words or _PIXELS_OR_SHARE.match(value)):
        if not value.startswith("-") or negative:
            return
    problems.add(at, "invalid property")


def _size(problems: Problems, kind: str, value: Any, at: str) -> None:
    words = _IMAGE_SIZES if kind == "image" else _TEXT_SIZES
    if not isinstance(value, str) or (value not in words and not _PIXELS_OR_SHARE.match(value)):
        problems.add(at, "invalid property")


def _known(problems: Problems, item: dict[str, Any], at: str, names: set[str]) -> None:
    for name in item.keys() - names:
        problems.add(f"{at}/{name}", "invalid property")


def _weight(contents: dict[str, Any]) -> int:
    return len(
        json.dumps(contents, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    )
