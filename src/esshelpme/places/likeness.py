"""Thai names that are only alike: a letter wrong or missing beyond what folding forgives."""

from __future__ import annotations

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from esshelpme.places.building import consonant
from esshelpme.places.fold import fold_thai
from esshelpme.places.units import Gazetteer, Level, of_levels

AFTER_LEVEL_CUTOFF = 82.0  # likeness (0..100) from which a name after อำเภอ or the like is believed
WHOLE_CUTOFF = 84.0  # for a chunk of a short message with no level word at all
SHORTEST = 4
LONG_NAME = 9  # from this many characters on, two may be wrong


def closest_beginning(
    places: Gazetteer, run: str, levels: tuple[Level, ...]
) -> tuple[float, int, tuple[str, ...]] | None:
    """Return (score 0..100, characters of the run.

    Keys) of the name closest to the beginning of a folded run.
    """
    best: tuple[float, int, tuple[str, ...]] | None = None
    for name, keys in places.initials.get(consonant(run), ()):
        if len(name) < SHORTEST or len(name) > len(run) + 1:
            continue
        for size in (len(name), len(name) - 1, len(name) + 1):
            score = fuzz.ratio(name, run[:size], score_cutoff=AFTER_LEVEL_CUTOFF)
            if score and (best is None or score > best[0]) and (kept := of_levels(places, keys, levels)):
                best = (score, min(size, len(run)), kept)
    return best


def closest_place(places: Gazetteer, written: str) -> tuple[float, tuple[str, ...]] | None:
    """Return (score 0..100, keys) of the province.

    District or area whose name is closest to the whole of `written`.
    """
    folded = fold_thai(written)[0]
    best: tuple[float, tuple[str, ...]] | None = None
    if len(folded) < SHORTEST:
        return None
    for name, keys in places.initials.get(consonant(folded), ()):
        if len(name) < SHORTEST or abs(len(name) - len(folded)) > 2:
            continue
        score = fuzz.ratio(name, folded, score_cutoff=WHOLE_CUTOFF)
        # One letter wrong in a short name, two in a long one: "สวัสดีค่ะ" is not ศรีสวัสดิ์.
        if score and Levenshtein.distance(name, folded) > (1 if len(name) < LONG_NAME else 2):
            continue
        if score and (best is None or score > best[0]):
            kept = of_levels(places, keys, ("province", "district", "area"))
            if kept:
                best = (score, kept)
    return best
