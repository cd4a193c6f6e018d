"""The words of this room, from data: `words("invalid_date", value="…")` gives Thai and English."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@cache
def _table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads((DATA / "words.json").read_text(encoding="utf-8"))
    return table


def words(key: str, **values: object) -> tuple[str, str]:
    """Thai and English text of `key`, with `{name}` places filled. KeyError for an unknown key."""
    entry = _table()[key]
    return entry["th"].format(**values), entry["en"].format(**values)
