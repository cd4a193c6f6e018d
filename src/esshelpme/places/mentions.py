"""Find spellings of place names in a text, each with the reasons to believe it.

A `Mention` says: at these characters stands something that may be any of these places, so far believed with this weight.
`find.py` weighs mentions against each other; here each is judged by itself and by what stands right before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from esshelpme.places.fold import MARKS, fold_thai
from esshelpme.places.gazetteer import DATA, HEAD, LEADING_VOWELS, Gazetteer, Index, Level, aliases, consonant

# Weights of belief, 0..1, before other mentions are looked at.
NAMED = 1.0  # จังหวัด, อำเภอ, ตำบล or the like stands before it
BARE = {"province": 0.85, "district": 0.7, "area": 0.75, "abroad": 0.8, "subdistrict": 0.3}
FOLDED, FUZZY = 0.9, 0.75  # factors for spellings that are only alike
AFTER_PLACE_WORD = 0.12  # "แถว…", "ใกล้…"
GOING = 0.6  # factor for a place one goes to or comes from
ON_ROAD, ON_BANGKOK_ROAD = 0.5, 0.8  # factors for a name that is a road's, a school's, a temple's
OF_PLACE = 0.3  # factor for people and things of a place: "คนเชียงใหม่"
HOMOGRAPH = 0.15  # a word or given name that is also a place, with nothing to say that the place is meant
LONGEST_RUN = 26
FUZZY_CUTOFF = 82.0
WHOLE_CUTOFF = 84.0  # for a chunk of a short message with no level word at all
ALL_LEVELS: tuple[Level, ...] = ("province", "district", "area", "subdistrict", "abroad")

_FOLLOWING = re.compile("[ะ-ฺๅ-๎]")  # vowels and marks that belong to the letter before them
LEVEL_WORDS: dict[str, tuple[Level, ...]] = {
    "จังหวัด": ("province",),
    "จังหวด": ("province",),
    "จังวัด": ("province",),
    "จว.": ("province",),
    "จ.": ("province",),
    "จ": ("province",),
    "กิ่งอำเภอ": ("district",),
    "อำเภอ": ("district",),
    "อําเภอ": ("district",),
    "อำเภิ": ("district",),
    "อเภอ": ("district",),
    "อ.": ("district",),
    "อ": ("district",),
    "เขต": ("district",),
    "ตำบล": ("subdistrict",),
    "ตําบล": ("subdistrict",),
    "ตำบน": ("subdistrict",),
    "ต.": ("subdistrict",),
    "ต": ("subdistrict",),
    "แขวง": ("subdistrict",),
    "อบต.": ("subdistrict",),
    "อบต": ("subdistrict",),
    "เทศบาลตำบล": ("subdistrict", "district"),
    "เทศบาลเมือง": ("subdistrict", "district", "province", "area"),
    "เทศบาลนคร": ("subdistrict", "district", "province", "area"),
    "ทต.": ("subdistrict", "district"),
    "ทม.": ("subdistrict", "district", "province"),
    "ทน.": ("subdistrict", "district", "province"),
    "ตัวเมือง": ("province", "district"),
}
# A single letter counts only when it stands alone; a dotted one only when it does not end another abbreviation (น.ต.).
_LEVEL = re.compile(
    "(?:"
    + "|".join(re.escape(w) for w in sorted(LEVEL_WORDS, key=len, reverse=True) if len(w) > 2)
    + r"|(?<![ก-๛.])[จอต]\.|(?<=[ )\n])[จอต]\.|(?<=[ก-๛])(?:[จอต]\.)(?=\s?[ก-ฮเแโใไ])|(?<![ก-๛.])[จอต](?=\s)|เขต|จว\.)\s*"
)
_PLACE_WORD = re.compile(
    r"(?:แถวๆ?|แถว ๆ|ย่าน|ใกล้ๆ?|ใกล้กับ|อยู่ที่|อยู่|อยู่ใน|ที่|ใน|บริเวณ|แถบ|ละแวก|จังหวัด|ตัวเมือง|เมือง|ณ)\s*$"
)
_GOING = re.compile(r"(?:ไป|ไปที่|กลับ|มาจาก|จาก|ย้ายจาก|บ้านเกิด|เดินทาง|เที่ยว|รถ|ทัวร์)\s*$")
_OF = re.compile(
    r"(?:คน|ชาว|ภาษา|ข้าว|ข้าวมัน|ไก่|ส้ม|ทีม|สโมสร|หวย|ร้าน|นาย|นาง|นางสาว|น้อง|พี่|ลุง|ป้า|คุณ|ครู|ไอ้|อี)\s*$"
)
_ROAD = re.compile(
    r"(?:ถนน|ถ\.|ซอย|ซ\.|แยก|สี่แยก|หมู่บ้าน|วัด|โรงเรียน|รร\.|รร|ธนาคาร|แบงก์|บริษัท"
    r"|มหาวิทยาลัย|ม\.|มหาลัย|สะพาน|คลอง|ทางด่วน|ด่วน|เพลง|กทม\.-)\s*$"
)
_ENDS = re.compile(r"\s|$|[,.!?)/]|ครับ|คับ|ค่ะ|คะ|ค้า|จ้า|นะ|ตอน|แล้ว|ช่วย|จังหวัด|จ\.|อำเภอ|อ\.")
_WORD_BEFORE = 14


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of the text that may name any of `keys`; `levels` says which levels were named, when they were."""

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


@cache
def _ordinary() -> tuple[frozenset[str], frozenset[str]]:
    """Return (words and given names that are place names too, words that hold a place name)."""
    lines = (DATA / "ordinary.txt").read_text("utf-8").split("\n")
    same = frozenset(line[1:] for line in lines if line.startswith("="))
    return same, frozenset(line for line in lines if line and not line.startswith("="))


@cache
def _weak() -> tuple[frozenset[str], frozenset[str]]:
    weak = aliases()["weak"]
    return frozenset(weak["never_bare"]), frozenset(weak["after_place_word"])  # type: ignore[call-overload]


def _covered(text: str, start: int, end: int) -> bool:
    """Say whether a longer ordinary word holds the stretch: "น่าน" in "น่านฟ้า"."""
    words = _ordinary()[1]
    for left in range(max(0, start - 10), start + 1):
        for right in range(end, min(len(text), end + 10) + 1):
            if (left, right) != (start, end) and text[left:right] in words:
                return True
    return False


def _cluster_ends(text: str, start: int, end: int) -> bool:
    """Say whether the stretch begins and ends where a written syllable may."""
    if start and text[start - 1] in LEADING_VOWELS:
        return False
    if _FOLLOWING.match(text[start : start + 1]):
        return False
    return not (end < len(text) and _FOLLOWING.match(text[end]))


def _longest(
    places: Gazetteer, index: Index, text: str, start: int, levels: tuple[Level, ...]
) -> tuple[int, tuple[str, ...]] | None:
    """Return (length, keys) of the longest name of one of these levels at `start`."""
    for length in index.lengths.get(text[start : start + HEAD], ()):
        keys = index.keys.get(text[start : start + length])
        if keys is None or start + length > len(text):
            continue
        keys = of_levels(places, keys, levels)
        if keys and _cluster_ends(text, start, start + length):
            return length, keys
    return None


class ThaiReader:
    """Reads one cleaned text (see `fold.clean`)."""

    def __init__(self, text: str, places: Gazetteer) -> None:
        self.text = text
        self.places = places
        self.folded, self.origin = fold_thai(text)
        self.taken = bytearray(len(text))

    def mentions(self) -> list[Mention]:
        """Return the mentions in Thai script, named ones first."""
        found = list(self._named())
        found += self._bare(self.places.thai, self.text, folded=False)
        found += self._bare(self.places.thai_folded, self.folded, folded=True)
        return found

    def _take(self, start: int, end: int) -> None:
        self.taken[start:end] = b"\x01" * (end - start)

    def _named(self) -> Iterator[Mention]:
        position = 0
        while match := _LEVEL.search(self.text, position):
            position = match.end()
            word = match.group().strip()
            levels = LEVEL_WORDS.get(word) or LEVEL_WORDS.get(word.rstrip("."), ())
            mention = self._after_level(match.end(), levels)
            if mention is not None:
                self._take(match.start(), mention.end)
                yield Mention(
                    match.start(), mention.end, mention.keys, mention.weight, mention.reasons, levels
                )
                position = mention.end
            elif match.end() - match.start() > len(word) and len(word) <= 2:
                position = match.start() + 1

    def _after_level(self, start: int, levels: tuple[Level, ...]) -> Mention | None:
        text, places = self.text, self.places
        wanted = (*levels, "area")
        exact = _longest(places, places.thai, text, start, wanted)
        if text.startswith("เมือง", start) and "district" in levels and not (exact and exact[0] > len("เมือง")):
            # "อ.เมือง" alone: the seat district of a province that must be told elsewhere.
            if not _FOLLOWING.match(text[start + 5 : start + 6]):
                return Mention(start, start + 5, places.seat_districts, NAMED, ("SEAT_DISTRICT",))
        if exact is not None:
            return Mention(start, start + exact[0], exact[1], NAMED, ("NAMED",))
        at = self._folded_at(start)
        if at is None:
            return None
        alike = _longest(places, places.thai_folded, self.folded, at, wanted)
        if alike is not None:
            return Mention(start, self._end_of(at, alike[0]), alike[1], NAMED * FOLDED, ("NAMED", "SPELLING"))
        other = _longest(places, places.thai, text, start, ALL_LEVELS)
        if other is not None and other[0] >= 4:
            return Mention(start, start + other[0], other[1], NAMED * FOLDED, ("NAMED", "OTHER_LEVEL"))
        return self._fuzzy(start, at, wanted)

    def _folded_at(self, start: int) -> int | None:
        """Return the index in the folded text of the first character at or after `start`."""
        low, high = 0, len(self.origin)
        while low < high:
            middle = (low + high) // 2
            if self.origin[middle] < start:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self.origin) else None

    def _end_of(self, start: int, length: int) -> int:
        """Return where, in the text, the folded stretch ends, marks included."""
        end = start + length
        position = self.origin[end - 1] + 1
        while position < len(self.text) and self.text[position] in MARKS:
            position += 1
        return position

    def _fuzzy(self, start: int, at: int, levels: tuple[Level, ...]) -> Mention | None:
        """Match the run of Thai letters after a level word with the names that begin alike."""
        run = re.match(r"[ก-๎]+", self.folded[at : at + LONGEST_RUN])
        if run is None or len(run.group()) < 3:
            return None
        best = _closest(self.places, run.group(), levels)
        if best is None:
            return None
        score, length, keys = best
        return Mention(
            start, self._end_of(at, length), keys, NAMED * FUZZY * score / 100, ("NAMED", "SPELLING")
        )

    def _bare(self, index: Index, text: str, *, folded: bool) -> Iterator[Mention]:
        """Yield names that stand without a level word; `folded` ones only when long and of higher levels."""
        position, length = 0, len(text)
        never, after_word = _weak()
        same = _ordinary()[0]
        lengths, keys_of = index.lengths, index.keys
        while position < length - 1:
            sizes = lengths.get(text[position : position + HEAD])
            if sizes is None:
                position += 1
                continue
            found = None
            for size in sizes:
                if size < (6 if folded else 3) or position + size > length:
                    continue
                keys = keys_of.get(text[position : position + size])
                if keys is None:
                    continue
                start = self.origin[position] if folded else position
                end = self._end_of(position, size) if folded else position + size
                if any(self.taken[start:end]) or not _cluster_ends(self.text, start, end):
                    continue
                found = (size, start, end, keys)
                break
            if found is None:
                position += 1
                continue
            size, start, end, keys = found
            written = self.text[start:end]
            if folded:
                keys = tuple(k for k in keys if self.places.places[k].level != "subdistrict")
            mention = (
                self._judged(start, end, keys, written, never, after_word, same, folded=folded)
                if keys
                else None
            )
            if mention is None:
                position += 1
                continue
            self._take(start, end)
            yield mention
            position += size

    def _judged(
        self,
        start: int,
        end: int,
        keys: tuple[str, ...],
        written: str,
        never: frozenset[str],
        after_word: frozenset[str],
        same: frozenset[str],
        *,
        folded: bool,
    ) -> Mention | None:
        """Weigh a bare name by its level, by what stands before it and by what else it may mean."""
        if _covered(self.text, start, end):
            return None
        levels = {self.places.places[key].level for key in keys}
        weight = max(BARE[level] for level in levels)
        reasons: list[str] = []
        before = self.text[max(0, start - _WORD_BEFORE) : start]
        place_word = _PLACE_WORD.search(before)
        homograph = written in never
        if written in after_word:
            homograph = not (place_word and _ENDS.match(self.text, end))
        elif written in same and levels == {"subdistrict"}:
            homograph = True
        if (
            self.text.strip(" .,!?") == written
            and written != "เมือง"
            and len(levels & {"province", "district", "area"})
        ):
            homograph = False  # the whole message is the name
        if place_word:
            weight, reasons = min(1.0, weight + AFTER_PLACE_WORD), [*reasons, "AFTER_PLACE_WORD"]
        elif _GOING.search(before):
            weight, reasons = weight * GOING, [*reasons, "GOING"]
        elif _OF.search(before):
            weight, reasons = weight * OF_PLACE, [*reasons, "OF_A_PLACE"]
        elif _ROAD.search(before):
            # Bangkok's great roads bear the names of the quarters they lead through.
            in_bangkok = any(self.places.places[key].code.startswith("10") for key in keys)
            weight *= ON_BANGKOK_ROAD if in_bangkok else ON_ROAD
            reasons.append("NAME_OF_SOMETHING")
        if folded:
            weight, reasons = weight * FOLDED, [*reasons, "SPELLING"]
        if homograph:
            weight, reasons = min(weight, HOMOGRAPH), [*reasons, "ORDINARY_WORD"]
        return Mention(start, end, keys, weight, tuple(reasons), homograph=homograph)


def of_levels(places: Gazetteer, keys: tuple[str, ...], levels: tuple[Level, ...]) -> tuple[str, ...]:
    """Return those keys whose place is of one of these levels."""
    return tuple(key for key in keys if places.places[key].level in levels)


def _closest(
    places: Gazetteer, run: str, levels: tuple[Level, ...]
) -> tuple[float, int, tuple[str, ...]] | None:
    """Return (score 0..100, characters of the run, keys) of the name closest to the beginning of a folded run."""
    best: tuple[float, int, tuple[str, ...]] | None = None
    for name, keys in places.initials.get(consonant(run), ()):
        if len(name) < 4 or len(name) > len(run) + 1:
            continue
        for size in (len(name), len(name) - 1, len(name) + 1):
            score = fuzz.ratio(name, run[:size], score_cutoff=FUZZY_CUTOFF)
            if score and (best is None or score > best[0]) and (kept := of_levels(places, keys, levels)):
                best = (score, min(size, len(run)), kept)
    return best


def closest_place(places: Gazetteer, written: str) -> tuple[float, tuple[str, ...]] | None:
    """Return (score 0..100, keys) of the province, district or area whose name is closest to the whole of `written`."""
    folded = fold_thai(written)[0]
    best: tuple[float, tuple[str, ...]] | None = None
    if len(folded) < 4:
        return None
    for name, keys in places.initials.get(consonant(folded), ()):
        if len(name) < 4 or abs(len(name) - len(folded)) > 2:
            continue
        score = fuzz.ratio(name, folded, score_cutoff=WHOLE_CUTOFF)
        # One letter wrong in a short name, two in a long one: "สวัสดีค่ะ" is not ศรีสวัสดิ์.
        if score and Levenshtein.distance(name, folded) > (1 if len(name) < 9 else 2):
            continue
        if score and (best is None or score > best[0]):
            kept = of_levels(places, keys, ("province", "district", "area"))
            if kept:
                best = (score, kept)
    return best


def other_scripts(text: str, places: Gazetteer) -> list[Mention]:
    """Return the mentions in Burmese, Lao and Khmer script (a small list of places people flee from or to)."""
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
