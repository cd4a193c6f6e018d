"""Collecting what is wrong, and the measures LINE counts by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

MAX_URL = 2000
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?\Z")
_URI_CHARACTERS = re.compile(r"[!-~]+\Z")


class Problems:
    """A list of (message, property) in LINE's words."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def add(self, where: str, message: str) -> None:
        """Note one problem at the property ``where``."""
        self.found.append((message, where))

    def __bool__(self) -> bool:
        return bool(self.found)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: most emoji count two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    """Number of grapheme clusters, near enough for labels: a Thai letter with its vowel and tone is one."""
    count = 0
    joined = False
    flag_open = False
    for character in text:
        point = ord(character)
        if point == 0x200D:
            joined = True
            continue
        is_flag = 0x1F1E6 <= point <= 0x1F1FF
        extends = (
            unicodedata.category(character) in ("Mn", "Me", "Mc")
            or point in (0x0E33, 0x0EB3)
            or 0x1F3FB <= point <= 0x1F3FF
        )
        if extends or joined or (is_flag and flag_open):
            flag_open = False
        else:
            count += 1
            flag_open = is_flag
        joined = False
    return count


def check_text(
    problems: Problems, value: Any, where: str, *, most: int, unit: str = "graphemes", required: bool = True
) -> None:
    """A string of 1 to ``most`` of ``unit`` (``graphemes`` or ``utf16``)."""
    if value is None:
        if required:
            problems.add(where, "May not be empty")
        return
    if not isinstance(value, str):
        problems.add(where, "Must be a string")
    elif required and not value:
        problems.add(where, "May not be empty")
    elif len(value) * 2 > most:
        # Neither count can exceed twice the number of code points: short texts need no counting.
        length = utf16_length(value) if unit == "utf16" else (graphemes(value) if len(value) > most else 0)
        if length > most:
            problems.add(where, f"Length must be between 0 and {most}")


def check_https(
    problems: Problems, value: Any, where: str, *, required: bool = True, most: int = MAX_URL
) -> None:
    """A URL LINE would fetch: HTTPS, percent-encoded. The simulator also takes http from this machine."""
    if value is None and not required:
        return
    if not isinstance(value, str) or not value:
        problems.add(where, "May not be empty")
    elif len(value) > most:
        problems.add(where, f"Length must be between 0 and {most}")
    elif not _URI_CHARACTERS.match(value):
        problems.add(where, "invalid uri")
    elif not _is_fetchable(value):
        problems.add(where, "invalid uri scheme")


def _is_fetchable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def check_colour(problems: Problems, value: Any, where: str) -> None:
    """``#RRGGBB`` or ``#RRGGBBAA``."""
    if not isinstance(value, str) or not _COLOUR.match(value):
        problems.add(where, "invalid color")


def check_choice(problems: Problems, value: Any, where: str, choices: Collection[str]) -> None:
    """One of the given words."""
    if not isinstance(value, str) or value not in choices:
        problems.add(where, f"Must be one of the following values: [{', '.join(sorted(choices))}]")


def check_number(problems: Problems, value: Any, where: str, *, low: float, high: float) -> None:
    """A number within bounds; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems.add(where, "Must be a number")
    elif not low <= value <= high:
        problems.add(where, f"Must be between {low:g} and {high:g}")
