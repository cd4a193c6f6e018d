"""Make texts that look alike equal: what the signs and the model see instead of the raw text.

People in danger type without spaces, repeat letters, mix digits and paste invisible characters;
attackers of the
service paste worse. Everything here is total: any `str` in, a `str` out, never an error.
"""

from __future__ import annotations

import re
import unicodedata

#: Longest text that is read, in characters. LINE allows 5,000; what matters stands at the beginning or
#: the end.
HEAD, TAIL = 900, 300

_THAI_DIGITS = {ord("๐") + n: str(n) for n in range(10)}
_MYANMAR_DIGITS = {ord("၀") + n: str(n) for n in range(10)}
_LAO_DIGITS = {ord("໐") + n: str(n) for n in range(10)}
_KHMER_DIGITS = {ord("០") + n: str(n) for n in range(10)}
_DIGITS = _THAI_DIGITS | _MYANMAR_DIGITS | _LAO_DIGITS | _KHMER_DIGITS
# Typed as two keys, shown as one: without these two the same word would be spelt in two ways.
_TWINS = (("เเ", "แ"), ("ํา", "ำ"))
_SPACE = re.compile(r"\s+")
# Three or more of one letter are feeling, not spelling ("ด้วยยยย", "heeelp"); digits keep their length.
_LONG = re.compile(r"([^\d\s])\1{2,}")
_LONG_MARKS = re.compile(r"([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])\1+")
_LAUGH = re.compile(r"5{3,}\+*")
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|net|org|info|xyz|shop|bet|cc|me|co|th)(?:/\S*)?", re.IGNORECASE
)


def normalise(text: str) -> str:
    """The text as signs and model see it: NFC, lower case, no invisible characters, short repeats, one space.

    Links become ` <link> `, laughing (555) ` <haha> `. Texts longer than `HEAD + TAIL` lose their middle.
    """
    if len(text) > HEAD + TAIL:
        text = text[:HEAD] + " " + text[-TAIL:]
    text = unicodedata.normalize("NFC", text).translate(_DIGITS).lower()
    kept = []
    for letter in text:
        category = unicodedata.category(letter)
        if category in ("Cc", "Zs", "Zl", "Zp"):
            kept.append(" ")
        elif category not in ("Cf", "Cs", "Co", "Cn"):
            kept.append(letter)
    text = "".join(kept)
    for typed, meant in _TWINS:
        text = text.replace(typed, meant)
    text = _LINK.sub(" <link> ", text)
    text = _LAUGH.sub(" <haha> ", text)
    text = _LONG_MARKS.sub(r"\1", text)
    text = _LONG.sub(r"\1", text)
    return _SPACE.sub(" ", text).strip()


def language(text: str) -> str:
    """The script that most letters belong to, as a language code: th, lo, my, km, zh, else en."""
    counts = {"th": 0, "lo": 0, "my": 0, "km": 0, "zh": 0, "en": 0}
    for letter in text[: HEAD + TAIL]:
        point = ord(letter)
        if 0x0E00 <= point <= 0x0E7F:
            counts["th"] += 1
        elif 0x0E80 <= point <= 0x0EFF:
            counts["lo"] += 1
        elif 0x1000 <= point <= 0x109F or 0xAA60 <= point <= 0xAA7F:
            counts["my"] += 1
        elif 0x1780 <= point <= 0x17FF:
            counts["km"] += 1
        elif 0x3400 <= point <= 0x9FFF:
            counts["zh"] += 1
        elif letter.isalpha():
            counts["en"] += 1
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else "th"
