"""What the model counts in a normalised text: pieces of 2–5 characters, and the names of the signs seen.

Characters instead of words: people in danger type without spaces and with typos, and no word list knows the
children's words, dialects and Burmese that are typed here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from esshelpme.triage.rules import HANDOVERS, HARMLESS, KIND_SIGNS

SHORTEST, LONGEST = 2, 5
_BETWEEN_LETTERS = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
_NUMBER = re.compile(r"\d+")
#: Lengths (characters) that tell a bare cry from a story.
_SHORT, _LONG = 12, 90


def pieces(text: str, seen: Mapping[str, str]) -> set[str]:
    """The set of features of a normalised text with the signs `seen` in it.

    Spaces between letters of scripts that have none are dropped, numbers become one digit, `^` and `$`
    mark the ends.
    """
    body = "^" + _NUMBER.sub("0", _BETWEEN_LETTERS.sub("", text)) + "$"
    found = {body[i : i + size] for size in range(SHORTEST, LONGEST + 1) for i in range(len(body) - size + 1)}
    found.update("@" + name for name in seen)
    found.update(_constellations(seen))
    found.add("@short" if len(text) < _SHORT else "@long" if len(text) > _LONG else "@middling")
    return found


def _constellations(seen: Mapping[str, str]) -> list[str]:
    """Signs together say more than alone: a beating in a film, a beating tonight, two kinds at once."""
    kinds = sum(sign in seen for sign in KIND_SIGNS)
    harmless = sum(sign in seen for sign in HARMLESS)
    alarm = sum(sign in seen for sign in ("help", "now", "threat", "injury", "weapon", "hiding"))
    urgent = any(sign in seen for sign, _ in HANDOVERS)
    asking = "question" in seen
    found = [f"@kinds={min(kinds, 2)}", f"@harmless={min(harmless, 2)}", f"@alarm={min(alarm, 3)}"]
    found.append(f"@kind{min(kinds, 1)}harmless{min(harmless, 1)}asking{int(asking)}")
    found.append(f"@urgent{int(urgent)}alarm{min(alarm, 2)}kind{min(kinds, 1)}")
    if not seen:
        found.append("@nothing")
    return found
