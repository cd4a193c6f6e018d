"""A `Mention`: at these characters of a text stands something that may be any of these places.

`thai` and `latin` find them and judge each by itself and by what stands right before it; `find` weighs them
against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from esshelpme.places.units import HEAD, Gazetteer, Level

# Weights of belief, 0..1, before other mentions are looked at.
NAMED = 1.0  # จังหวัด, อำเภอ, ตำบล or the like stands before it
BARE = {"province": 0.85, "district": 0.7, "area": 0.75, "abroad": 0.8, "subdistrict": 0.3}
FOLDED, FUZZY = 0.9, 0.75  # factors for spellings that are only alike
AFTER_PLACE_WORD = 0.12  # "แถว…", "ใกล้…"
GOING = 0.6  # factor for a place one goes to or comes from
ON_ROAD, ON_BANGKOK_ROAD = 0.5, 0.8  # factors for a name that is a road's, a school's, a temple's
OF_PLACE = 0.3  # factor for people and things of a place: "คนเชียงใหม่"
HOMOGRAPH = 0.15  # a word or given name that is also a place, with nothing to say that the place is meant


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of the text that may name any of `keys`.

    `levels` says which levels were named, when they were.
    """

    start: int
    end: int
    keys: tuple[str, ...]
    weight: float
    reasons: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    homograph: bool = False

    @property
    def named(self) -> bool:
        """Say whether a level word stands before it."""
        return bool(self.levels)


def other_scripts(text: str, places: Gazetteer) -> list[Mention]:
    """Return the mentions in Burmese.

    Lao and Khmer script (a small list of places people flee from or to).
    """
    found: list[Mention] = []
    position = 0
    while position < len(text):
        for size in places.other.lengths.get(text[position : position + HEAD], ()):
            keys = places.other.keys.get(text[position : position + size])
            if keys is not None:
                weight = max(BARE[places.places[key].level] for key in keys)
                found.append(Mention(position, position + size, keys, weight))
                position += size - 1
                break
        position += 1
    return found
