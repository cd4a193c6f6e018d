"""Every text the program says to people, as data by language: `th.toml`, `en.toml`.

Thai is the source; a test keeps each language complete. Texts under `quiet.` are all that a person in discreet
mode can get: a test reads every one of them against a list of telling words.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DEFAULT = "th"
LANGUAGES = ("th", "en")


class UnknownText(KeyError):
    """No such text in the catalogue: a programming error."""


def say(key: str, language: str = DEFAULT, /, **values: Any) -> str:
    """The text `key` in `language` (Thai when it lacks it), with `values` filled in. Raises `UnknownText`."""
    text = catalogue(language).get(key) or catalogue(DEFAULT).get(key)
    if text is None:
        raise UnknownText(key)
    return text.format(**values) if values else text


def has(key: str, language: str = DEFAULT) -> bool:
    return key in catalogue(language) or key in catalogue(DEFAULT)


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of one language by dotted key: `{language}.toml` and every `*.{language}.toml`."""
    texts: dict[str, str] = {}
    for path in [FOLDER / f"{language}.toml", *sorted(FOLDER.glob(f"*.{language}.toml"))]:
        if path.exists():
            texts |= dict(_flatten(tomllib.loads(path.read_text(encoding="utf-8"))))
    return texts


def _flatten(table: dict[str, Any], prefix: str = "") -> Any:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
