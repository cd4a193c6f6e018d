"""Template and imagemap messages."""

from __future__ import annotations

from typing import Any

from esshelpme.simulator.validation.actions import check_action
from esshelpme.simulator.validation.problems import (
    Problems,
    check_choice,
    check_https,
    check_number,
    check_text,
)

MAX_COLUMNS = 10
MAX_IMAGEMAP_ACTIONS = 50


def check_template(problems: Problems, template: Any, at: str) -> None:
    """The ``template`` of a template message."""
    if not isinstance(template, dict):
        problems.add(at, "May not be empty")
        return
    kind = template.get("type")
    if kind == "buttons":
        _buttons(problems, template, at)
    elif kind == "confirm":
        check_text(problems, template.get("text"), f"{at}.text", most=240)
        _actions(problems, template.get("actions"), f"{at}.actions", fewest=2, most=2)
    elif kind == "carousel":
        _carousel(problems, template, at)
    elif kind == "image_carousel":
        columns = _columns(problems, template, at)
        for index, column in enumerate(columns):
            check_https(problems, column.get("imageUrl"), f"{at}.columns[{index}].imageUrl")
            check_action(
                problems, column.get("action"), f"{at}.columns[{index}].action", place="imageCarousel"
            )
    else:
        check_choice(problems, kind, f"{at}.type", {"buttons", "confirm", "carousel", "image_carousel"})


def check_imagemap(problems: Problems, message: dict[str, Any], at: str) -> None:
    """An imagemap message's own properties."""
    check_https(problems, message.get("baseUrl"), f"{at}.baseUrl")
    check_text(problems, message.get("altText"), f"{at}.altText", most=1500, unit="utf16")
    size = message.get("baseSize")
    if not isinstance(size, dict) or size.get("width") != 1040:
        problems.add(f"{at}.baseSize.width", "Must be 1040")
    actions = message.get("actions")
    if not isinstance(actions, list) or not 1 <= len(actions) <= MAX_IMAGEMAP_ACTIONS:
        problems.add(f"{at}.actions", f"Size must be between 1 and {MAX_IMAGEMAP_ACTIONS}")
        return
    for index, action in enumerate(actions):
        area = action.get("area") if isinstance(action, dict) else None
        if not isinstance(area, dict):
            problems.add(f"{at}.actions[{index}].area", "May not be empty")
            continue
        for name in ("x", "y", "width", "height"):
            check_number(problems, area.get(name), f"{at}.actions[{index}].area.{name}", low=0, high=10_000)


def _buttons(problems: Problems, template: dict[str, Any], at: str) -> None:
    decorated = template.get("thumbnailImageUrl") is not None or template.get("title") is not None
    check_https(problems, template.get("thumbnailImageUrl"), f"{at}.thumbnailImageUrl", required=False)
    check_text(problems, template.get("title"), f"{at}.title", most=40, required=False)
    check_text(problems, template.get("text"), f"{at}.text", most=60 if decorated else 160)
    _actions(problems, template.get("actions"), f"{at}.actions", fewest=1, most=4)


def _carousel(problems: Problems, template: dict[str, Any], at: str) -> None:
    columns = _columns(problems, template, at)
    for index, column in enumerate(columns):
        where = f"{at}.columns[{index}]"
        decorated = column.get("thumbnailImageUrl") is not None or column.get("title") is not None
        check_https(problems, column.get("thumbnailImageUrl"), f"{where}.thumbnailImageUrl", required=False)
        check_text(problems, column.get("title"), f"{where}.title", most=40, required=False)
        check_text(problems, column.get("text"), f"{where}.text", most=60 if decorated else 120)
        _actions(problems, column.get("actions"), f"{where}.actions", fewest=1, most=3)
    if len({len(column.get("actions") or []) for column in columns}) > 1:
        problems.add(f"{at}.columns", "The number of actions must be the same in every column")


def _columns(problems: Problems, template: dict[str, Any], at: str) -> list[dict[str, Any]]:
    columns = template.get("columns")
    if not isinstance(columns, list) or not 1 <= len(columns) <= MAX_COLUMNS:
        problems.add(f"{at}.columns", f"Size must be between 1 and {MAX_COLUMNS}")
        return []
    if not all(isinstance(column, dict) for column in columns):
        problems.add(f"{at}.columns", "invalid property")
        return []
    return columns


def _actions(problems: Problems, actions: Any, at: str, *, fewest: int, most: int) -> None:
    if not isinstance(actions, list) or not fewest <= len(actions) <= most:
        problems.add(at, f"Size must be between {fewest} and {most}")
        return
    for index, action in enumerate(actions):
        check_action(problems, action, f"{at}[{index}]", place="template")
