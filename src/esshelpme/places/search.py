"""The console's place search.

The first letters of a name, in Thai or Latin script, to a list to choose from.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from esshelpme.places.building import latin_letters
from esshelpme.places.find import PlaceCandidate, candidate_of, find_places
from esshelpme.places.fold import clean, fold_latin, fold_thai
from esshelpme.places.gazetteer import gazetteer
from esshelpme.places.units import Gazetteer, Place
from esshelpme.places.words import area_words, candidate_words

MAX_LIMIT = 50
_RANK = {"province": 0, "area": 1, "district": 2, "abroad": 3, "subdistrict": 4}
_LEVEL_WORD = re.compile(
    r"^(?:จังหวัด|อำเภอ|ตำบล|เขต|แขวง|[จอต]\.|(?:amphoe|tambon|changwat|khet|khwaeng)\b)\s*", re.IGNORECASE
)
_LEVEL_OF = {"จ": "province", "อ": "district", "ต": "subdistrict", "เ": "district", "แ": "subdistrict"}


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the list: `code` (or `key` for known areas), words, point (WGS 84), accuracy in metres."""

    key: str
    code: str
    level: str
    words_th: str
    words_en: str
    lat: float
    lng: float
    accuracy_m: int

    def as_json(self) -> dict[str, object]:
        """Return what the console's list needs."""
        return {
            "key": self.key,
            "code": self.code,
            "level": self.level,
            "words_th": self.words_th,
            "words_en": self.words_en,
            "lat": self.lat,
            "lng": self.lng,
            "accuracy_m": self.accuracy_m,
        }


class _Prefixes:
    """Sorted spellings of every place, to find all that begin alike."""

    def __init__(self, places: Gazetteer) -> None:
        self.places = places
        pairs = {(name, key) for name, keys in places.thai_folded.keys.items() for key in keys}
        pairs |= {(name, key) for name, keys in places.latin_folded.items() for key in keys}
        pairs |= {(name, key) for name, keys in places.latin.items() for key in keys}
        # "เมืองเชียงใหม่" is also looked for as "เชียงใหม่", "บ้านนา" is not as "นา".
        self.pairs = sorted(pairs)

    def starting(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield (name, key) of every name that begins so."""
        index = bisect_left(self.pairs, (prefix, ""))
        while index < len(self.pairs) and self.pairs[index][0].startswith(prefix):
            yield self.pairs[index]
            index += 1


_prefixes_of: list[_Prefixes] = []


def _prefixes(places: Gazetteer) -> _Prefixes:
    if not _prefixes_of or _prefixes_of[0].places is not places:
        _prefixes_of[:] = [_Prefixes(places)]
    return _prefixes_of[0]


def search(prefix: str, limit: int = 10) -> list[Found]:
    """Return the places whose name begins with `prefix`, the larger first; an address or coordinates are
    read as `find_places` does.

    Several words ("สุเทพ เชียงใหม่") must all fit: the first the place, the others what it lies in. Never
    raises.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    cleaned = clean(prefix[:200]).strip()
    if not cleaned:
        return []
    places = gazetteer()
    found = _exact_point(cleaned) or _by_prefix(cleaned, places, limit)
    if not found:
        found = [_of_candidate(candidate) for candidate in find_places(prefix).candidates]
    return found[:limit]


def _exact_point(text: str) -> list[Found]:
    if not re.search(r"\d\.\d\d|\+|https?:", text):
        return []
    reading = find_places(text)
    return [_of_candidate(candidate) for candidate in reading.candidates] if reading.exact else []


def _by_prefix(text: str, places: Gazetteer, limit: int) -> list[Found]:
    level = _LEVEL_OF.get(text[:1]) if _LEVEL_WORD.match(text) else None
    words = [word for word in re.split(r"[\s,]+", _LEVEL_WORD.sub("", text)) if word]
    if not words:
        return []
    index = _prefixes(places)
    # A name of several words ("chiang mai") first; then the first word as the place and the others as what
    # it lies in.
    for size in range(len(words), 0, -1):
        head = _key("".join(words[:size])) or _key(" ".join(words[:size]))
        rest = [_LEVEL_WORD.sub("", word) for word in words[size:]]
        hits: dict[str, tuple[int, int, int, str]] = {}
        if not head:
            continue
        for name, key in index.starting(head):
            place = places.places[key]
            if (level and place.level != level) or not _fits(place, rest, places):
                continue
            rank = (int(name != head), _RANK[place.level], -place.population, place.key)
            hits[key] = min(hits.get(key, rank), rank)
        if hits:
            best = sorted(hits, key=lambda key: hits[key])[:limit]
            return [_of_place(places.places[key]) for key in best]
    return []


def _key(text: str) -> str:
    if re.search("[ก-ฮ]", text):
        return fold_thai(text)[0]
    folded, letters = fold_latin(text), latin_letters(text)
    return folded if len(folded) * 2 >= len(letters) else letters  # "zzzzzz" is not every name with an s


def _fits(place: Place, rest: list[str], places: Gazetteer) -> bool:
    """Say whether the further words, together or one by one, name what the place lies in."""
    if not rest:
        return True
    together = _key(" ".join(rest)) if re.search("[a-z]", rest[0]) else _key("".join(rest))
    return _lies_in(place, together, places) or all(
        _lies_in(place, _key(word), places) for word in rest if _key(word)
    )


def _lies_in(place: Place, prefix: str, places: Gazetteer) -> bool:
    """Say whether a unit above the place has a name that begins so."""
    for length in (2, 4):
        above = places.places.get(place.code[:length]) if len(place.code) > length else None
        if above is not None and (
            fold_thai(above.name_th)[0].removeprefix("เมือน").startswith(prefix)
            or fold_thai(above.name_th)[0].startswith(prefix)
            or fold_latin(above.name_en).startswith(prefix)
        ):
            return True
    return False


def _of_place(place: Place) -> Found:
    if place.level in {"area", "abroad"}:
        above_th = f" {area_words(place.code)}" if place.code else f" ({place.country})"
        above_en = f", {area_words(place.code, 'en')}" if place.code else f" ({place.country})"
        words = (place.name_th + above_th, place.name_en + above_en)
    else:
        words = (area_words(place.code), area_words(place.code, "en"))
    return Found(place.key, place.code, place.level, *words, place.lat, place.lng, place.accuracy_m)


def _of_candidate(candidate: PlaceCandidate) -> Found:
    return Found(
        candidate.key,
        candidate.code,
        candidate.level,
        candidate_words(candidate),
        candidate_words(candidate, "en"),
        candidate.lat,
        candidate.lng,
        candidate.accuracy_m,
    )


def place_by_code(key: str) -> PlaceCandidate | None:
    """Return the place with this code (2, 4 or 6 digits) or key of a known area, as a candidate.

    None for an unknown one.
    """
    place = gazetteer().places.get(key)
    return None if place is None else candidate_of(place, 1.0, ("CHOSEN",))
