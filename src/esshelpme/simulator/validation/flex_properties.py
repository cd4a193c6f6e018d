"""Flex components' properties: for each component the names it may have, and what checks each value.

A table from component to name to check. A check takes the problems, the value and its path; None means that
the structure (``flex.py``) looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from esshelpme.simulator.validation.actions import check_action
from esshelpme.simulator.validation.problems import Problems, check_choice, check_colour, check_number

Check = Callable[[Problems, Any, str], None]
INVALID = "invalid property"
STEPS = frozenset({"none", "xs", "sm", "md", "lg", "xl", "xxl"})
TEXT_SIZES = frozenset({"xxs", "xs", "sm", "md", "lg", "xl", "xxl", "3xl", "4xl", "5xl"})
BORDERS = frozenset({"none", "light", "normal", "medium", "semi-bold", "bold"})
SPREADS = {"center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly"}
PIXELS = re.compile(r"\d+(\.\d+)?px\Z")
PIXELS_OR_SHARE = re.compile(r"\d+(\.\d+)?(px|%)\Z")
OFFSET = re.compile(r"-?\d+(\.\d+)?(px|%)\Z")
RATIO = re.compile(r"\d{1,6}(\.\d+)?:\d{1,6}(\.\d+)?\Z")


def _one_of(*choices: str) -> Check:
    allowed = frozenset(choices)
    return lambda problems, value, at: check_choice(problems, value, at, allowed)


def _words_or(pattern: re.Pattern[str], words: frozenset[str] = frozenset()) -> Check:
    def check(problems: Problems, value: Any, at: str) -> None:
        if not isinstance(value, str) or (value not in words and not pattern.match(value)):
            problems.add(at, INVALID)

    return check


def _flag(problems: Problems, value: Any, at: str) -> None:
    if not isinstance(value, bool):
        problems.add(at, INVALID)


def _count(problems: Problems, value: Any, at: str) -> None:
    check_number(problems, value, at, low=0, high=1000)


def _action(problems: Problems, value: Any, at: str) -> None:
    check_action(problems, value, at, place="flex")


_length = _words_or(PIXELS_OR_SHARE, STEPS)
_offset = _words_or(OFFSET, STEPS)
_extent = _words_or(PIXELS_OR_SHARE)
_ratio = _words_or(RATIO)
_align = _one_of("start", "end", "center")
_gravity = _one_of("top", "bottom", "center")
_placed: dict[str, Check | None] = {
    "type": None,
    "margin": _length,
    "position": _one_of("relative", "absolute"),
    **dict.fromkeys(("offsetTop", "offsetBottom", "offsetStart", "offsetEnd"), _offset),
}
_letters: dict[str, Check | None] = {
    "color": check_colour,
    "size": _words_or(PIXELS_OR_SHARE, TEXT_SIZES),
    "weight": _one_of("regular", "bold"),
    "style": _one_of("normal", "italic"),
    "decoration": _one_of("none", "underline", "line-through"),
}

PROPERTIES: dict[str, dict[str, Check | None]] = {
    "box": _placed
    | dict.fromkeys(("layout", "contents", "background"))
    | dict.fromkeys(
        (
            "spacing",
            "paddingAll",
            "paddingTop",
            "paddingBottom",
            "paddingStart",
            "paddingEnd",
            "cornerRadius",
        ),
        _length,
    )
    | dict.fromkeys(("width", "maxWidth", "height", "maxHeight"), _extent)
    | {
        "backgroundColor": check_colour,
        "borderColor": check_colour,
        "borderWidth": _words_or(PIXELS, BORDERS),
        "flex": _count,
        "action": _action,
        "justifyContent": _one_of(*SPREADS),
        "alignItems": _one_of("center", "flex-start", "flex-end"),
    },
    "button": _placed
    | {
        "action": None,
        "flex": _count,
        "height": _one_of("sm", "md"),
        "style": _one_of("primary", "secondary", "link"),
        "color": check_colour,
        "gravity": _gravity,
        "adjustMode": _one_of("shrink-to-fit"),
        "scaling": _flag,
    },
    "image": _placed
    | {
        "url": None,
        "flex": _count,
        "align": _align,
        "gravity": _gravity,
        "size": _words_or(PIXELS_OR_SHARE, TEXT_SIZES | {"full"}),
        "aspectRatio": _ratio,
        "aspectMode": _one_of("cover", "fit"),
        "backgroundColor": check_colour,
        "action": _action,
        "animated": _flag,
    },
    "video": {"action": _action, "aspectRatio": _ratio}
    | dict.fromkeys(("type", "url", "previewUrl", "altContent")),
    "icon": _placed
    | {"url": None, "size": _words_or(PIXELS_OR_SHARE, TEXT_SIZES), "aspectRatio": _ratio, "scaling": _flag},
    "text": _placed
    | _letters
    | {
        "text": None,
        "contents": None,
        "adjustMode": _one_of("shrink-to-fit"),
        "flex": _count,
        "align": _align,
        "gravity": _gravity,
        "wrap": _flag,
        "lineSpacing": _words_or(PIXELS),
        "maxLines": _count,
        "action": _action,
        "scaling": _flag,
    },
    "span": _letters | {"type": None, "text": None},
    "separator": {"type": None, "margin": _length, "color": check_colour},
    "filler": {"type": None, "flex": _count},
}


def check_properties(problems: Problems, kind: str, item: dict[str, Any], at: str) -> None:
    """Every property of a component of this kind: known by name, and of a value it can have."""
    checks = PROPERTIES[kind]
    for name, value in item.items():
        if name in checks:
            check = checks[name]
            if check is not None:
                check(problems, value, f"{at}/{name}")
        else:
            problems.add(f"{at}/{name}", INVALID)


def check_names(problems: Problems, item: dict[str, Any], at: str, names: frozenset[str]) -> None:
    """No other names than these."""
    for name in item.keys() - names:
        problems.add(f"{at}/{name}", INVALID)
