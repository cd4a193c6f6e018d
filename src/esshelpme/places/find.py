"""From free text to a place: what the person wrote, turned into a point with an accuracy, or nothing.

    >>> reading = find_places("อยู่ ต.สุเทพ อ.เมือง จ.เชียงใหม่ ช่วยด้วย")
    >>> reading.best.code, reading.best.accuracy_m
    ('500108', 10000)

Names are gathered by `mentions` (Thai) and `latin`, then weighed together: a subdistrict gains from its
district or province in the same text, and loses to a province that contradicts it. Where several places of
one name remain, they are all returned, the likeliest first, and `ambiguous` is set: dispatch goes on for
the first while the reporter is asked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from esshelpme.places import coordinates
from esshelpme.places.fold import clean
from esshelpme.places.gazetteer import gazetteer
from esshelpme.places.latin import LatinReader
from esshelpme.places.likeness import closest_place
from esshelpme.places.mentions import BARE, FUZZY, Mention, other_scripts
from esshelpme.places.thai import ThaiReader
from esshelpme.places.units import Gazetteer, Level, Place

MAX_CHARS = 10_000  # a text is read up to here
MAX_CANDIDATES = 8
MOST_MENTIONS, MOST_WEAK = 40, 3  # names weighed against each other; repetitions of a weak one among them
ENOUGH = 0.3  # below this score a place is not believed
BELIEVED = 0.4  # weight of a mention from which it counts in the weighing of others
RIVAL = 0.8  # another place with this share of the best score makes the reading ambiguous
FULL_SCORE = 1.6  # a named subdistrict in its named district and province
SUPPORT = 0.35  # what a consistent province or district adds
CONTRADICTION = 0.45  # what a named but inconsistent one takes away
NEAR_SCALE_KM = 40.0
POSTCODE_SUPPORT = 0.19  # what a postal code of its own adds
TOGETHER = 0.2  # what a weak name gains that stands beside the place containing it
BESIDE = 3  # characters between a weak name and the place that contains it
_FILLER = re.compile(
    r"(?:ตอนนี้|อยู่ที่|อยู่|ที่|แถวๆ|แถว|ใกล้ๆ|ใกล้|บ้าน|ครับผม|ครับ|ค่ะ|คะ|คับ|จ้า|นะ|เมือง|จังหวัด|อำเภอ|ตำบล|ใน|ๆ|ฯ)"
)


@dataclass(frozen=True, slots=True)
class PlaceCandidate:
    """A place that the text may mean. `code` is "" abroad; `level` "point" for typed coordinates and map
    links.

    `accuracy_m`: how far from the point the person may be, in metres. `score`: 0..1.
    """

    code: str
    level: Level | str
    name_th: str
    name_en: str
    lat: float
    lng: float
    accuracy_m: int
    score: float
    reasons: tuple[str, ...]
    country: str = "TH"
    key: str = ""

    @property
    def name(self) -> str:
        """Return the Thai name."""
        return self.name_th


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """What a text says about where: candidates (likeliest first), and whether they contradict each other.

    `words` keeps what the person wrote, for responders: names, houses and landmarks that have no point.
    `links`: map links without coordinates, for staff to open. `seat_district`: "อ.เมือง" was said without a
    province.
    """

    candidates: tuple[PlaceCandidate, ...]
    ambiguous: bool
    words: str
    links: tuple[str, ...] = ()
    seat_district: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def best(self) -> PlaceCandidate | None:
        """Return the likeliest place, which dispatch goes on with."""
        return self.candidates[0] if self.candidates else None

    @property
    def province(self) -> str | None:
        """Return the code of the likeliest province; None abroad or without a place."""
        return self.candidates[0].code[:2] or None if self.candidates else None

    @property
    def exact(self) -> bool:
        """Say whether the point itself was given (coordinates, a map link, a plus code)."""
        return bool(self.candidates) and self.candidates[0].level == "point"

    def __bool__(self) -> bool:
        """Say whether any place was found."""
        return bool(self.candidates)


def find_places(text: str, *, near: tuple[float, float] | None = None) -> PlaceReading:
    """Return the places that a text names; never raises, whatever the text.

    `near` is a (lat, lng) known otherwise (an earlier pin, the position of a phone), which decides between
    namesakes.
    """
    places = gazetteer()
    cleaned = clean(text[:MAX_CHARS])
    links = coordinates.short_links(cleaned)
    points = [_from_point(point) for point in coordinates.read(cleaned)]
    words = re.sub(r"\s+", " ", text[:MAX_CHARS]).strip()
    if points:
        distinct = tuple({(round(p.lat, 4), round(p.lng, 4)): p for p in reversed(points)}.values())[::-1]
        return PlaceReading(
            distinct[:MAX_CANDIDATES], len(distinct) > 1, words, links, reasons=(points[0].reasons[0],)
        )
    readable = _without_links(cleaned)
    mentions = _mentions(readable, places)
    scored = _Weighing(mentions, places, near).candidates()
    if scored and (short := coordinates.short_plus_codes(cleaned)):
        scored = _with_plus_code(short[0].code, scored)
    seat = any("SEAT_DISTRICT" in m.reasons for m in mentions) and not scored
    rivals = [c for c in scored[1:] if c.score >= scored[0].score * RIVAL and not _same_lineage(c, scored[0])]
    reasons = ("SEVERAL_PLACES",) if rivals else ("SEAT_DISTRICT_WITHOUT_PROVINCE",) if seat else ()
    return PlaceReading(tuple(scored[:MAX_CANDIDATES]), bool(rivals) or seat, words, links, seat, reasons)


def _without_links(text: str) -> str:
    """Blank out web addresses and @names, whose letters would be read as names."""
    return re.sub(
        r"https?://\S+|www\.\S+|[\w-]+\.(?:com|net|org|info|co|go|or|ac|in|me|gl|link)\b\S*|@[\w.]+|#\w+",
        lambda m: " " * len(m.group()),
        text,
    )


def _mentions(text: str, places: Gazetteer) -> list[Mention]:
    found: list[Mention] = []
    if re.search("[ก-ฮ]", text):
        found += ThaiReader(text, places).mentions()
    if re.search("[a-z]", text):
        found += LatinReader(text, places).mentions()
    if not text.isascii():
        found += other_scripts(text, places)
    if not any(m.weight >= BELIEVED for m in found):
        found += _short_answer(text, places)
    for match in re.finditer(r"(?<!\d)(\d{5})(?!\d)", text):
        if keys := places.postcodes.get(match.group(1)):
            named = "รหัสไปรษณีย์" in text[max(0, match.start() - 16) : match.start()]
            found.append(Mention(match.start(), match.end(), keys, 0.5 if named else 0.2, ("POSTCODE",)))
    return found


def _short_answer(text: str, places: Gazetteer) -> list[Mention]:
    """Read a message of a few words ("เชยงใหม่", "อยู่หาดใหย่ค่ะ") by likeness to provinces and districts."""
    chunks = [m for m in re.finditer(r"[ก-๎]+", text) if len(m.group()) >= 3]
    if not 0 < len(chunks) <= 3 or len(text.strip()) > 45:
        return []
    found = []
    others = 0
    for chunk in chunks:
        stripped = _FILLER.sub("", chunk.group())
        best = closest_place(places, stripped) if 4 <= len(stripped) <= 22 else None
        if best is None:
            others += bool(stripped)
            continue
        weight = BARE["district"] * FUZZY * best[0] / 100
        found.append(Mention(chunk.start(), chunk.end(), best[1], weight, ("SPELLING", "SHORT_ANSWER")))
    # Words that are no place beside it make it a sentence, not an answer to "where are you?".
    return [] if others else found


def _from_point(point: coordinates.Coordinates) -> PlaceCandidate:
    label = f"{point.lat:.5f}, {point.lng:.5f}"
    return PlaceCandidate(
        "", "point", label, label, point.lat, point.lng, point.accuracy_m, 1.0, (point.reason,)
    )


def _with_plus_code(code: str, scored: list[PlaceCandidate]) -> list[PlaceCandidate]:
    best = scored[0]
    point = coordinates.complete_plus(code, best.lat, best.lng)
    if point is None:
        return scored
    label = f"{code} {best.name_th}"
    exact = PlaceCandidate(
        "", "point", label, f"{code} {best.name_en}", *point, 15, 1.0, ("PLUS_CODE", *best.reasons)
    )
    return [exact]


def _same_lineage(one: PlaceCandidate, other: PlaceCandidate) -> bool:
    """Say whether one place lies in the other (a province and its district do not contradict each other)."""
    return bool(one.code and other.code) and (
        one.code.startswith(other.code) or other.code.startswith(one.code)
    )


def _distinct(mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions to weigh, in order of the text: what is said again and again is weighed once, and
    no more than enough.

    Of a weak name a few are kept, since it counts only beside the place that contains it.
    """
    kept: list[Mention] = []
    times: dict[tuple[tuple[str, ...], bool], int] = {}
    for mention in sorted(mentions, key=lambda m: (-m.weight, m.start)):
        said = times.get((mention.keys, mention.homograph), 0)
        if said >= (MOST_WEAK if mention.homograph else 1) or len(kept) >= MOST_MENTIONS:
            continue
        times[mention.keys, mention.homograph] = said + 1
        kept.append(mention)
    return sorted(kept, key=lambda m: m.start)


class _Weighing:
    """Scores every place that the mentions may mean."""

    def __init__(
        self, mentions: Sequence[Mention], places: Gazetteer, near: tuple[float, float] | None
    ) -> None:
        self.mentions = _distinct(mentions)
        self.places = places
        self.near = near
        # For each mention, the codes of every unit it may mean, to ask quickly whether it supports a place
        # inside one.
        self.codes = [frozenset(places.places[key].code for key in m.keys) - {""} for m in self.mentions]

    def candidates(self) -> list[PlaceCandidate]:
        """Return the believable places, likeliest first, without those that only repeat another's lineage."""
        found: dict[str, PlaceCandidate] = {}
        for index, mention in enumerate(self.mentions):
            if "POSTCODE" in mention.reasons:
                continue
            for candidate in self._of(index, mention):
                old = found.get(candidate.key)
                if old is None or candidate.score > old.score:
                    found[candidate.key] = candidate
        ordered = sorted(found.values(), key=self._order)
        return self._without_ancestors([c for c in ordered if c.score >= ENOUGH])

    def _order(self, candidate: PlaceCandidate) -> tuple[float, float, str]:
        return (-round(candidate.score, 3), -self.places.places[candidate.key].population, candidate.key)

    def _of(self, index: int, mention: Mention) -> Iterable[PlaceCandidate]:
        highest = self._highest(mention)
        namesakes = {k for k in mention.keys if mention.named or self.places.places[k].level == highest}
        alone = len({self.places.places[key].code[:2] for key in namesakes}) == 1
        for key in mention.keys:
            place = self.places.places[key]
            if (
                not mention.named
                and place.level == "subdistrict"
                and any(place.code[:n] in namesakes for n in (2, 4))
            ):
                continue  # a bare "ลาดพร้าว" is the district, not the subdistrict of that name in it
            support, reasons = self._support(index, mention, place)
            if (
                not support
                and not mention.named
                and (mention.homograph or not self._plain(mention, place, alone=alone))
            ):
                continue
            if not support and "SEAT_DISTRICT" in mention.reasons and self.near is None:
                continue  # one of 76: nothing to go on
            base = mention.weight
            if mention.homograph and support:
                base = BARE.get(place.level, 0.3) + TOGETHER
            if not mention.named and place.level != highest:
                base *= 0.7  # a name shared by a province and a village means the province
            if mention.homograph and place.level == "subdistrict" and place.code[2:4] != "01":
                base *= 0.6  # "ในเมืองขอนแก่น": the town, not a village of that name
            if not alone and not support:
                base *= 0.75
            score = (
                base
                + support
                + self._contradiction(index, place)
                + self._nearness(place)
                + self._prominence(place)
            )
            yield candidate_of(place, min(1.0, max(0.0, score / FULL_SCORE)), (*mention.reasons, *reasons))

    def _plain(self, mention: Mention, place: Place, *, alone: bool) -> bool:
        """Say whether a bare name may be believed by itself.

        A subdistrict's when it is the only one and a place is spoken of.
        """
        if place.level != "subdistrict":
            return True
        if self._highest(mention) in {"province", "area", "abroad"}:
            return False
        return alone and "AFTER_PLACE_WORD" in mention.reasons and mention.end - mention.start >= 5

    def _highest(self, mention: Mention) -> Level:
        order: tuple[Level, ...] = ("province", "area", "abroad", "district", "subdistrict")
        levels = {self.places.places[key].level for key in mention.keys}
        return next(level for level in order if level in levels)

    def _support(self, index: int, mention: Mention, place: Place) -> tuple[float, tuple[str, ...]]:
        """Return what other mentions of the units above this place add, and why."""
        total, reasons = 0.0, []
        above = [place.code[:length] for length in (2, 4, 6) if length <= len(place.code)]
        for code in above:
            best = 0.0
            for other, codes in enumerate(self.codes):
                if other == index or code not in codes:
                    continue
                told = self.mentions[other]
                if (mention.homograph or told.homograph) and (
                    code == place.code or not self._beside(index, other)
                ):
                    continue
                weight = 0.6 if told.homograph else told.weight
                # The same unit said twice (in Thai and in English) supports itself only a little.
                best = max(best, weight * (0.1 if code == place.code and place.level != "area" else SUPPORT))
            if best:
                total += best
                reasons.append({2: "IN_PROVINCE", 4: "IN_DISTRICT", 6: "IN_SUBDISTRICT"}[len(code)])
        for other, codes in enumerate(self.codes):
            posted = "POSTCODE" in self.mentions[other].reasons and other != index and place.code
            if posted and any(code.startswith(place.code) for code in codes):
                total += POSTCODE_SUPPORT
                reasons.append("POSTCODE")
                break
        return total, tuple(reasons)

    def _beside(self, one: int, other: int) -> bool:
        a, b = sorted((self.mentions[one], self.mentions[other]), key=lambda m: m.start)
        return b.start - a.end <= BESIDE

    def _contradiction(self, index: int, place: Place) -> float:
        """Return what a named unit takes away that neither holds this place nor lies in it."""
        taken = 0.0
        for other, codes in enumerate(self.codes):
            mention = self.mentions[other]
            if other == index or not codes or not mention.named or mention.weight < BELIEVED:
                continue
            fits = any(
                place.code.startswith(code) or code.startswith(place.code) for code in codes if place.code
            )
            if not fits:
                taken -= CONTRADICTION * mention.weight
        return max(taken, -2 * CONTRADICTION)

    def _nearness(self, place: Place) -> float:
        if self.near is None:
            return 0.0
        north = (place.lat - self.near[0]) * 111.2
        east = (place.lng - self.near[1]) * 111.2 * math.cos(math.radians(place.lat))
        return 0.3 * math.exp(-math.hypot(north, east) / NEAR_SCALE_KM)

    def _prominence(self, place: Place) -> float:
        """Return a little weight for populous places, to order namesakes; a village shares in its town's."""
        people = float(place.population)
        for length, share in ((4, 10), (2, 100)):
            above = self.places.places.get(place.code[:length])
            if above is not None and len(place.code) > length:
                people = max(people, above.population / share)
        return min(0.08, math.log10(people + 1) / 80)

    def _without_ancestors(self, ordered: list[PlaceCandidate]) -> list[PlaceCandidate]:
        """Drop a unit when a place inside it was also named: "ต.สุเทพ จ.เชียงใหม่" is the subdistrict."""
        kept = []
        for candidate in ordered:
            inside = [
                c
                for c in ordered
                if c.key != candidate.key
                and candidate.code
                and c.code.startswith(candidate.code)
                and (len(c.code) > len(candidate.code) or c.level == "area")
                and ("IN_PROVINCE" in c.reasons or "IN_DISTRICT" in c.reasons)
                and c.score >= candidate.score * 0.6
            ]
            if not inside:
                kept.append(candidate)
        return kept


def candidate_of(place: Place, score: float, reasons: tuple[str, ...]) -> PlaceCandidate:
    """Return a place of the gazetteer as a candidate."""
    return PlaceCandidate(
        place.code,
        place.level,
        place.name_th,
        place.name_en,
        place.lat,
        place.lng,
        place.accuracy_m,
        round(score, 3),
        tuple(dict.fromkeys(reasons)),
        place.country,
        place.key,
    )
