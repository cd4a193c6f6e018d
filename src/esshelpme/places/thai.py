"""Find Thai spellings of place names in running text: after a level word, or bare."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from esshelpme.places.building import aliases
from esshelpme.places.fold import MARKS, fold_thai
from esshelpme.places.likeness import closest_beginning
from esshelpme.places.mentions import (
    AFTER_PLACE_WORD,
    BARE,
    FOLDED,
    FUZZY,
    GOING,
    HOMOGRAPH,
    NAMED,
    OF_PLACE,
    ON_BANGKOK_ROAD,
    ON_ROAD,
    Mention,
)
from esshelpme.places.units import DATA, HEAD, LEADING_VOWELS, Gazetteer, Index, Level, of_levels

LONGEST_RUN = 26  # characters after a level word that are compared with names
SHORTEST_BARE, SHORTEST_FOLDED, SHORTEST_OTHER_LEVEL = 3, 6, 4
SEAT = "เมือง"
ALL_BUT_VILLAGES: tuple[Level, ...] = ("province", "district", "area", "abroad")
ALL_LEVELS: tuple[Level, ...] = (*ALL_BUT_VILLAGES, "subdistrict")
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
# A single letter counts only when it stands alone; a dotted one only when it does not end another
# abbreviation (น.ต.).
_LEVEL = re.compile(
    "(?:"
    + "|".join(re.escape(w) for w in sorted(LEVEL_WORDS, key=len, reverse=True) if len(w) > 2)
    + r"|(?<![ก-๛.])[จอต]\.|(?<=[ )\n])[จอต]\.|(?<=[ก-๛])[จอต]\.(?=\s?[ก-ฮเแโใไ])"
    + r"|(?<![ก-๛.])[จอต](?=\s)|เขต|จว\.)\s*"
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
class _Doubtful:
    """Names that are also something else."""

    never: frozenset[str]  # everyday words: never believed bare
    after_place_word: frozenset[
        str
    ]  # believed right after "แถว" and the like, where the name ends the phrase
    villages: frozenset[str]  # words and given names that are subdistricts too
    covering: frozenset[str]  # ordinary words that hold a place name


@cache
def _doubtful() -> _Doubtful:
    lines = (DATA / "ordinary.txt").read_text("utf-8").split()
    weak = aliases()["weak"]
    return _Doubtful(
        never=frozenset(weak["never_bare"]),
        after_place_word=frozenset(weak["after_place_word"]),
        villages=frozenset(line[1:] for line in lines if line.startswith("="))
        | frozenset(weak["given_names"]),
        covering=frozenset(line for line in lines if not line.startswith("=")),
    )


def _covered(text: str, start: int, end: int) -> bool:
    """Say whether a longer ordinary word holds the stretch: "น่าน" in "น่านฟ้า"."""
    words = _doubtful().covering
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
        """Read the name that begins at `start`, after a level word.

        Exact, folded, of another level, or only alike.
        """
        text, places = self.text, self.places
        wanted = (*levels, "area")
        exact = _longest(places, places.thai, text, start, wanted)
        seat_only = text.startswith(SEAT, start) and not (exact and exact[0] > len(SEAT))
        if seat_only and "district" in levels and _cluster_ends(text, start, start + len(SEAT)):
            # "อ.เมือง" alone: the seat district of a province that must be told elsewhere.
            return Mention(start, start + len(SEAT), places.seat_districts, NAMED, ("SEAT_DISTRICT",))
        at = bisect_left(self.origin, start)
        alike = _longest(places, places.thai_folded, self.folded, at, wanted)
        end = self._end_of(at, alike[0]) if alike is not None else 0
        # "วังทองหราง" is วังทองหลาง misspelt, not วังทอง and a rest.
        if exact is not None and end <= start + exact[0] + 1:
            return Mention(start, start + exact[0], exact[1], NAMED, ("NAMED",))
        if alike is not None:
            return Mention(start, end, alike[1], NAMED * FOLDED, ("NAMED", "SPELLING"))
        if at == len(self.origin):
            return None
        other = _longest(places, places.thai, text, start, ALL_LEVELS)
        if other is not None and other[0] >= SHORTEST_OTHER_LEVEL:
            return Mention(start, start + other[0], other[1], NAMED * FOLDED, ("NAMED", "OTHER_LEVEL"))
        return self._fuzzy(start, at, wanted)

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
        best = closest_beginning(self.places, run.group(), levels)
        if best is None:
            return None
        score, length, keys = best
        return Mention(
            start, self._end_of(at, length), keys, NAMED * FUZZY * score / 100, ("NAMED", "SPELLING")
        )

    def _bare(self, index: Index, text: str, *, folded: bool) -> Iterator[Mention]:
        """Yield names that stand without a level word; `folded` ones only when long and of higher levels."""
        position = 0
        while position < len(text) - 1:
            sizes = index.lengths.get(text[position : position + HEAD])
            stretch = self._stretch(index, text, position, sizes, folded=folded) if sizes else None
            mention = self._judged(*stretch, folded=folded) if stretch else None
            if mention is None:
                position += 1
                continue
            self._take(mention.start, mention.end)
            yield mention
            # What was taken is looked at no more, in either text.
            position = bisect_left(self.origin, mention.end) if folded else mention.end

    def _stretch(
        self, index: Index, text: str, position: int, sizes: tuple[int, ...], *, folded: bool
    ) -> tuple[int, int, tuple[str, ...]] | None:
        """Return (start, end, keys) of the longest name here that is free and ends where a syllable may."""
        shortest = SHORTEST_FOLDED if folded else SHORTEST_BARE
        for size in sizes:
            keys = index.keys.get(text[position : position + size])
            if keys is None or size < shortest or position + size > len(text):
                continue
            start = self.origin[position] if folded else position
            end = self._end_of(position, size) if folded else position + size
            if any(self.taken[start:end]) or not _cluster_ends(self.text, start, end):
                continue
            if not folded and self._longer_alike(start, end):
                return None  # left to the folded reading: "หนองบัวลำพู" is not หนองบัว
            return start, end, of_levels(self.places, keys, ALL_BUT_VILLAGES) if folded else keys
        return None

    def _longer_alike(self, start: int, end: int) -> bool:
        """Say whether a longer name of a province or district begins here when spelling is forgiven."""
        at = bisect_left(self.origin, start)
        alike = _longest(self.places, self.places.thai_folded, self.folded, at, ALL_BUT_VILLAGES)
        return alike is not None and alike[0] >= SHORTEST_FOLDED and self._end_of(at, alike[0]) > end + 1

    def _judged(self, start: int, end: int, keys: tuple[str, ...], *, folded: bool) -> Mention | None:
        """Weigh a bare name by its level, by what stands before it and by what else it may mean."""
        if not keys or _covered(self.text, start, end):
            return None
        levels = {self.places.places[key].level for key in keys}
        factor, reasons = self._before(start, keys)
        weight = min(1.0, max(BARE[level] for level in levels) * factor)
        if "AFTER_PLACE_WORD" in reasons:
            weight = min(1.0, weight + AFTER_PLACE_WORD)
        if folded:
            weight, reasons = weight * FOLDED, (*reasons, "SPELLING")
        homograph = self._is_homograph(start, end, levels, after_place_word="AFTER_PLACE_WORD" in reasons)
        if homograph:
            weight, reasons = min(weight, HOMOGRAPH), (*reasons, "ORDINARY_WORD")
        return Mention(start, end, keys, weight, reasons, homograph=homograph)

    def _before(self, start: int, keys: tuple[str, ...]) -> tuple[float, tuple[str, ...]]:
        """Return by which factor what stands before a bare name changes its weight, and why."""
        before = self.text[max(0, start - _WORD_BEFORE) : start]
        if _PLACE_WORD.search(before):
            return 1.0, ("AFTER_PLACE_WORD",)
        if _GOING.search(before):
            return GOING, ("GOING",)
        if _OF.search(before):
            return OF_PLACE, ("OF_A_PLACE",)
        if _ROAD.search(before):
            # Bangkok's great roads bear the names of the quarters they lead through.
            in_bangkok = any(self.places.places[key].code.startswith("10") for key in keys)
            return ON_BANGKOK_ROAD if in_bangkok else ON_ROAD, ("NAME_OF_SOMETHING",)
        return 1.0, ()

    def _is_homograph(self, start: int, end: int, levels: set[Level], *, after_place_word: bool) -> bool:
        """Say whether a bare name is more likely the everyday word or given name that is spelt like it."""
        written, doubtful = self.text[start:end], _doubtful()
        whole = self.text.strip(" .,!?") == written
        if whole and written != SEAT and levels & {"province", "district", "area"}:
            return False  # the whole message is the name
        if written in doubtful.after_place_word:
            return not (after_place_word and _ENDS.match(self.text, end))
        return written in doubtful.never or (written in doubtful.villages and levels == {"subdistrict"})
