"""Find Latin spellings of Thai place names: official ones, and the many ways people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from esshelpme.places.building import aliases, latin_letters
from esshelpme.places.fold import fold_latin
from esshelpme.places.mentions import (
    AFTER_PLACE_WORD,
    BARE,
    FOLDED,
    FUZZY,
    GOING,
    HOMOGRAPH,
    NAMED,
    ON_ROAD,
    Mention,
)
from esshelpme.places.units import LATIN_HEAD, Gazetteer, Level, of_levels

LONGEST_NAME = 5  # words of a name
FUZZY_CUTOFF, SHORT_CUTOFF = 86.0, 82.0  # the second for a message of a few words
_WORD = re.compile(r"[a-z][a-z'’\-]*\.?")
_LEVELS: dict[str, tuple[Level, ...]] = {
    "changwat": ("province",),
    "jangwat": ("province",),
    "province": ("province",),
    "amphoe": ("district",),
    "amphur": ("district",),
    "amphoer": ("district",),
    "ampur": ("district",),
    "district": ("district",),
    "khet": ("district",),
    "tambon": ("subdistrict",),
    "tambol": ("subdistrict",),
    "subdistrict": ("subdistrict",),
    "khwaeng": ("subdistrict",),
    "t.": ("subdistrict",),
    "a.": ("district",),
    "city": ("province", "district", "area"),
}
_BEFORE_ONLY = frozenset(
    {
        "changwat",
        "jangwat",
        "amphoe",
        "amphur",
        "amphoer",
        "ampur",
        "khet",
        "tambon",
        "tambol",
        "khwaeng",
        "t.",
        "a.",
    }
)
_PLACE_WORDS = frozenset({"in", "at", "near", "around", "inside", "outside", "here", "location", "address"})
_GOING = frozenset({"from", "to", "go", "going", "towards", "via", "leaving"})
_SOMETHING = frozenset(
    {
        "road",
        "rd",
        "rd.",
        "soi",
        "street",
        "st",
        "st.",
        "wat",
        "school",
        "university",
        "hotel",
        "food",
        "bank",
        "airlines",
        "boxing",
    }
)


@lru_cache(maxsize=4096)
def _fold_word(word: str) -> str:
    return fold_latin(word)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


@cache
def _weak() -> frozenset[str]:
    weak = aliases()["weak_latin"]
    return frozenset(latin_letters(str(word)) for word in weak)


class LatinReader:
    """Reads the Latin words of one cleaned text (lower case)."""

    def __init__(self, text: str, places: Gazetteer) -> None:
        self.places = places
        self.tokens = [_Token(m.group(), m.start(), m.end()) for m in _WORD.finditer(text)]
        self.text = text
        self.alike: dict[str, tuple[str, float] | None] = {}  # what a word was already compared with
        self.only = len(self.tokens) <= 4  # a short answer such as "chang mai"

    def mentions(self) -> list[Mention]:
        """Return the mentions in Latin script."""
        return list(self._read())

    def _read(self) -> Iterator[Mention]:
        position = 0
        while position < len(self.tokens):
            mention, used = self._at(position)
            if mention is not None:
                yield mention
            position += used

    def _at(self, position: int) -> tuple[Mention | None, int]:
        """Return the mention that begins at a word, and by how many words to go on."""
        token = self.tokens[position]
        if token.text in _LEVELS:
            return None, 1
        if (
            token.text in {"mueang", "muang", "meuang", "maung"}
            and self._levels(position, 1)
            and not self._name(position, 2)
        ):
            seats = self.places.seat_districts
            return Mention(token.start, token.end, seats, NAMED, ("SEAT_DISTRICT",), ("district",)), 1
        for size in range(self._run(position), 0, -1):
            found = self._name(position, size)
            if found is not None and not self._is_preposition(position, size):
                mention = self._judged(position, size, *found)
                if mention is not None and self.only and mention.homograph | self._village(mention):
                    alike = self._alike(position)  # "chang mai" rather than a village called Chang
                    return (alike, 2) if alike is not None else (mention, size)
                if mention is not None:
                    return mention, size
        return self._alike(position), 1

    def _is_preposition(self, position: int, size: int) -> bool:
        """Say whether the first word rather leads to the name after it: "in Buri Ram" is not In Buri."""
        if self.tokens[position].text not in _PLACE_WORDS:
            return False
        following = range(size - 1, self._run(position + 1) + 1) if position + 1 < len(self.tokens) else ()
        return any(n and self._name(position + 1, n) is not None for n in following)

    def _village(self, mention: Mention) -> bool:
        return not mention.named and all(
            self.places.places[key].level == "subdistrict" for key in mention.keys
        )

    def _run(self, position: int) -> int:
        """Return how many words stand together with nothing but blanks.

        Hyphens and apostrophes between them.
        """
        size = 1
        while size < LONGEST_NAME and position + size < len(self.tokens):
            word = self.tokens[position + size]
            gap = self.text[self.tokens[position + size - 1].end : word.start]
            if word.text in _LEVELS or gap.strip(" -\u2019'"):
                break
            size += 1
        return size

    def _name(self, position: int, size: int) -> tuple[tuple[str, ...], bool] | None:
        """Return (keys, spelt as officially) of the words, when they are a name."""
        written = latin_letters("".join(word.text for word in self.tokens[position : position + size]))
        if keys := self.places.latin.get(written):
            return keys, True
        if len(written) < 5 or not self._may_begin(position, size):
            return None
        folded = fold_latin(" ".join(word.text for word in self.tokens[position : position + size]))
        if len(folded) >= 4 and len(written) >= 5 and (keys := self.places.latin_folded.get(folded)):
            return keys, False
        return None

    def _may_begin(self, position: int, size: int) -> bool:
        """Say whether any known name begins like the folded words: most of a sentence is told apart here."""
        head = ""
        for word in self.tokens[position : position + size]:
            head += _fold_word(word.text)
            if len(head) >= LATIN_HEAD:
                break
        return head[:LATIN_HEAD] in self.places.latin_heads or len(head) < LATIN_HEAD

    def _levels(self, position: int, size: int) -> tuple[Level, ...]:
        """Return the levels named right before or after the words."""
        if position and (levels := _LEVELS.get(self.tokens[position - 1].text)):
            after_name = self.tokens[position - 1].text not in _BEFORE_ONLY
            if not after_name:
                return levels
        after = position + size
        if after < len(self.tokens) and self.tokens[after].text not in _BEFORE_ONLY:
            gap = self.text[self.tokens[after - 1].end : self.tokens[after].start]
            if not gap.strip():
                return _LEVELS.get(self.tokens[after].text, ())
        return ()

    def _judged(self, position: int, size: int, keys: tuple[str, ...], official: bool) -> Mention | None:
        places, tokens = self.places.places, self.tokens
        start, end = tokens[position].start, tokens[position + size - 1].end
        levels = self._levels(position, size)
        spelling = () if official else ("SPELLING",)
        factor = 1.0 if official else FOLDED
        if levels:
            kept = of_levels(self.places, keys, (*levels, "area")) or keys
            return Mention(start, end, kept, NAMED * factor, ("NAMED", *spelling), levels)
        written = latin_letters("".join(word.text for word in tokens[position : position + size]))
        if not official:
            keys = tuple(key for key in keys if places[key].level != "subdistrict") or (
                keys if size > 1 else ()
            )
            if not keys:
                return None
        weight = max(BARE[places[key].level] for key in keys) * factor
        before = tokens[position - 1].text if position else ""
        after = tokens[position + size].text if position + size < len(tokens) else ""
        reasons: tuple[str, ...] = spelling
        whole = position == 0 and size == len(tokens)
        if before in _PLACE_WORDS:
            weight, reasons = min(1.0, weight + AFTER_PLACE_WORD), (*reasons, "AFTER_PLACE_WORD")
        elif before in _GOING:
            weight, reasons = weight * GOING, (*reasons, "GOING")
        elif before in _SOMETHING or after in _SOMETHING:
            weight, reasons = weight * ON_ROAD, (*reasons, "NAME_OF_SOMETHING")
        doubtful = len(written) < 4 or written in _weak()
        homograph = doubtful and not whole and before not in _PLACE_WORDS
        if homograph:
            weight, reasons = min(weight, HOMOGRAPH), (*reasons, "ORDINARY_WORD")
        return Mention(start, end, keys, weight, reasons, homograph=homograph)

    def _alike(self, position: int) -> Mention | None:
        """Match one or two words with the names of provinces and districts.

        When something says that a place is meant.
        """
        tokens = self.tokens
        before = tokens[position - 1].text if position else ""
        for size in (2, 1):
            if size > self._run(position):
                continue
            levels = self._levels(position, size)
            if not (
                levels
                or before in _PLACE_WORDS
                or (self.only and position + size == len(tokens) and not position)
            ):
                continue
            folded = fold_latin(" ".join(word.text for word in tokens[position : position + size]))
            if len(folded) < 5:
                continue
            best = self._closest(folded)
            if best is None or best[0][0] != folded[0]:
                continue
            keys = self.places.latin_folded[best[0]]
            wanted: tuple[Level, ...] = (*levels, "area") if levels else ("province", "district", "area")
            kept = of_levels(self.places, keys, wanted)
            if kept:
                weight = (
                    (NAMED if levels else max(BARE[self.places.places[key].level] for key in kept))
                    * FUZZY
                    * best[1]
                    / 100
                )
                start, end = tokens[position].start, tokens[position + size - 1].end
                return Mention(start, end, kept, weight, ("SPELLING",), levels)
        return None

    def _closest(self, folded: str) -> tuple[str, float] | None:
        """Return (name, score) of the known name closest to a word; each word is compared once."""
        if folded not in self.alike:
            cutoff = SHORT_CUTOFF if self.only else FUZZY_CUTOFF
            found = process.extractOne(
                folded, self.places.latin_known, scorer=fuzz.ratio, score_cutoff=cutoff
            )
            self.alike[folded] = (found[0], found[1]) if found is not None else None
        return self.alike[folded]
