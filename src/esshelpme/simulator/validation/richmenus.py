"""Rich menu objects."""

from __future__ import annotations

from typing import Any

from esshelpme.simulator.validation.actions import check_action
from esshelpme.simulator.validation.problems import Problems, check_number, check_text

MAX_AREAS = 20


def check_rich_menu(menu: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with a rich menu object, as (message, property)."""
    problems = Problems()
    size = menu.get("size")
    if not isinstance(size, dict):
        problems.add("size", "May not be empty")
        size = {}
    width, height = size.get("width"), size.get("height")
    check_number(problems, width, "size.width", low=800, high=2500)
    check_number(problems, height, "size.height", low=250, high=10_000)
    if not problems and float(width or 0) / float(height or 1) < 1.45:
        problems.add("size", "The aspect ratio (width / height) must be at least 1.45")
    if not isinstance(menu.get("selected"), bool):
        problems.add("selected", "May not be null")
    check_text(problems, menu.get("name"), "name", most=300)
    check_text(problems, menu.get("chatBarText"), "chatBarText", most=14)
    areas = menu.get("areas")
    if not isinstance(areas, list) or len(areas) > MAX_AREAS:
        problems.add("areas", f"Size must be between 0 and {MAX_AREAS}")
        return problems.found
    for index, area in enumerate(areas):
        at = f"areas[{index}]"
        bounds = area.get("bounds") if isinstance(area, dict) else None
        if not isinstance(bounds, dict):
            problems.add(f"{at}.bounds", "May not be null")
            continue
        for name in ("x", "y", "width", "height"):
            check_number(problems, bounds.get(name), f"{at}.bounds.{name}", low=0, high=2500)
        if not problems and not _lies_inside(bounds, size):
            problems.add(f"{at}.bounds", "The area lies outside the image")
        check_action(problems, area.get("action"), f"{at}.action", place="richmenu")
    return problems.found


def _lies_inside(bounds: dict[str, Any], size: dict[str, Any]) -> bool:
    across = bounds["x"] + bounds["width"] <= size["width"]
    return across and bool(bounds["y"] + bounds["height"] <= size["height"])
