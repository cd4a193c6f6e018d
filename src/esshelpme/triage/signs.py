"""The signs a reader looks for in a text, as data (`data/signs.toml`), and a matcher for them.

A sign has a name ("weapon", "locked_in", "pizza") and three ways of being seen:

- `words`: plain substrings of the normalised text (Thai, Lao, Burmese, Khmer and Chinese are written
without spaces),
- `english`: whole words or phrases in Latin letters,
- `patterns`: regular expressions, where the order of words matters.

`unless` lists substrings that are blanked out before looking ("ตีสอง" is two o'clock, not a beating).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SIGNS_FILE = Path(__file__).parent / "data" / "signs.toml"
_LATIN = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing to look for."""

    name: str
    words: tuple[str, ...]
    english: re.Pattern[str] | None
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[str, ...]

    def found(self, text: str, *, latin: bool) -> str | None:
        """The first evidence of this sign in a normalised text, or None."""
        for phrase in self.unless:
            if phrase in text:
                text = text.replace(phrase, " ")
        for word in self.words:
            if word in text:
                return word
        if latin and self.english is not None:
            match = self.english.search(text)
            if match:
                return match.group(0)
        for pattern in self.patterns:
            match = pattern.search(text)
            if match:
                return match.group(0)
        return None


@lru_cache(maxsize=1)
def signs() -> tuple[Sign, ...]:
    """All signs of the file, in its order. Raises `ValueError` when a pattern does not compile."""
    table = tomllib.loads(SIGNS_FILE.read_text(encoding="utf-8"))
    found = []
    for name, entry in table.items():
        try:
            english = entry.get("english", [])
            found.append(
                Sign(
                    name=name,
                    words=tuple(entry.get("words", [])),
                    english=re.compile(r"\b(?:" + "|".join(english) + r")\b") if english else None,
                    patterns=tuple(re.compile(pattern) for pattern in entry.get("patterns", [])),
                    unless=tuple(entry.get("unless", [])),
                )
            )
        except re.error as error:
            raise ValueError(f"{SIGNS_FILE.name}: {name}: {error}") from error
    return tuple(found)


def signs_in(text: str) -> dict[str, str]:
    """Names of the signs in a normalised text, each with its evidence."""
    latin = bool(_LATIN.search(text))
    seen = {}
    for sign in signs():
        evidence = sign.found(text, latin=latin)
        if evidence is not None:
            seen[sign.name] = evidence
    return seen
