"""Read coordinates out of a text: typed numbers, degrees and minutes, map links, geo: addresses and plus
codes.

All of it offline. Short links (maps.app.goo.gl and the like) hold no coordinates; they are reported so that
staff can open them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

# Whole texts are read in one pass; nothing longer than this is looked at for links.
_SHORT_LINK = re.compile(
    r"https?://(?:maps\.app\.goo\.gl|goo\.gl/maps|g\.co/kgs|maps\.apple/p|shorturl\.\w+|bit\.ly|w3w\.co)/[^\s]+",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?://|geo:|maps\.google\.|www\.google\.|maps\.apple\.)[^\s<>\"']+", re.IGNORECASE)
_NUMBER = r"[-+]?\d{1,3}(?:\.\d+)?"
# In order of trust: the pin of a Google place, a named parameter, the path, then where the map was centred.
_IN_URL = (
    re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})"),
    re.compile(
        rf"[?&](?:q|query|ll|sll|coordinate|destination|daddr|center|location|pin|cp|mlat)=(?:loc:)?({_NUMBER})\s*(?:,|&mlon=)\s*\+?({_NUMBER})",
        re.IGNORECASE,
    ),
    re.compile(rf"/(?:place|search|dir)/(?:[^/]*/)?({_NUMBER}),\+?({_NUMBER})"),
    re.compile(rf"^geo:({_NUMBER}),({_NUMBER})", re.IGNORECASE),
    re.compile(rf"@({_NUMBER}),({_NUMBER})"),
    re.compile(rf"#map=\d+/({_NUMBER})/({_NUMBER})"),
)
_DEGREE = r"([-+]?\d{1,3}\.\d{2,15})\s*°?\s*"
_DECIMAL = re.compile(
    rf"(?<![\d.]){_DEGREE}([ns])?\s*[,;/ ]\s*{_DEGREE}([ew])?(?![\d.]*\d)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:lat|latitude|ละติจูด|ละติจุด)\D{0,6}([-+]?\d{1,3}\.\d+).{0,12}?(?:lng|lon|long|longitude|ลองจิจูด|ลองติจูด)\D{0,6}([-+]?\d{1,3}\.\d+)",
    re.IGNORECASE | re.DOTALL,
)
_DMS = r"(\d{1,3})\s*[°º]\s*(\d{1,2}(?:\.\d+)?)\s*['′’]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”]|''))?\s*"
_DEGREES = re.compile(_DMS + r"([ns])[\s,;]*" + _DMS + r"([ew])", re.IGNORECASE)
_PLUS = re.compile(
    r"(?<![0-9a-z])([23456789cfghjmpqrvwx]{4,8}\+[23456789cfghjmpqrvwx]{2,3})(?![0-9a-z])", re.IGNORECASE
)
_PLUS_DIGITS = "23456789CFGHJMPQRVWX"
EXACT_M = 20  # metres that four decimals and more are good for
_SHORT_PLUS = 4  # digits before the "+" of a plus code that needs a town beside it
# Thailand with a wide margin: two bare numbers count as coordinates with few decimals only when they lie
# here.
_AROUND = (4.5, 21.5, 96.5, 106.5)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A point read from a text: WGS 84 degrees, accuracy in metres, where it stood."""

    lat: float
    lng: float
    accuracy_m: int
    reason: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShortPlusCode:
    """A plus code without its area ("QG4W+8X"), to be completed from a place nearby."""

    code: str
    start: int
    end: int


def check(lat: float, lng: float) -> None:
    """Raise ValueError, saying the remedy, for a point that cannot be one."""
    for name, value, limit in (("lat", lat, 90.0), ("lng", lng, 180.0)):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{name}: {value!r} is not a number; give decimal degrees such as 13.7563")
        if abs(value) > limit:
            raise ValueError(
                f"{name}: {value} is outside -{limit:g}..{limit:g}; give decimal degrees, latitude first"
            )
    if lat == 0 and lng == 0:
        raise ValueError(
            "lat, lng: 0, 0 is what a device without a fix says; share the position again or name the place"
        )


def _point(lat: str | float, lng: str | float) -> tuple[float, float] | None:
    """Return (lat, lng), turned round when they stand the wrong way for this part of the world.

    None when impossible.
    """
    a, b = float(lat), float(lng)
    if _near_thailand(b, a) and not _near_thailand(a, b):
        a, b = b, a
    try:
        check(a, b)
    except ValueError:
        return None
    return a, b


def _near_thailand(lat: float, lng: float) -> bool:
    south, north, west, east = _AROUND
    return south <= lat <= north and west <= lng <= east


def _accuracy(*numbers: str) -> int:
    """Return how exact numbers with so many decimals can be, in metres."""
    decimals = min(len(n.partition(".")[2]) for n in numbers)
    return {0: 100_000, 1: 11_000, 2: 1_100, 3: 110}.get(decimals, EXACT_M)


def read(text: str) -> list[Coordinates]:
    """Return the points that stand in a cleaned text (`fold.clean`), the most trustworthy first."""
    links = list(_from_urls(text))
    text = _URL.sub(lambda match: " " * len(match.group()), text)
    return [*links, *_from_degrees(text), *_from_labels(text), *_from_decimals(text), *_from_plus_codes(text)]


def _from_degrees(text: str) -> Iterator[Coordinates]:
    for match in _DEGREES.finditer(text):
        lat = _degrees(*match.group(1, 2, 3)) * (-1 if match.group(4) in "sS" else 1)
        lng = _degrees(*match.group(5, 6, 7)) * (-1 if match.group(8) in "wW" else 1)
        if (point := _point(lat, lng)) is not None:
            yield Coordinates(*point, 40, "DEGREES", match.start(), match.end())


def _from_labels(text: str) -> Iterator[Coordinates]:
    for match in _LABELLED.finditer(text):
        if (point := _point(*match.groups())) is not None:
            yield Coordinates(*point, _accuracy(*match.groups()), "COORDINATES", match.start(), match.end())


def _from_decimals(text: str) -> Iterator[Coordinates]:
    for match in _DECIMAL.finditer(text):
        lat, south, lng, west = match.groups()
        point = _point(
            f"-{lat}" if south in {"s", "S"} else lat,
            f"-{lng}" if west in {"w", "W"} else lng,
        )
        accuracy = _accuracy(lat, lng)
        # Two prices look like two coordinates: few decimals count only around Thailand.
        if point is not None and (_near_thailand(*point) or accuracy <= EXACT_M):
            yield Coordinates(*point, accuracy, "COORDINATES", match.start(), match.end())


def _from_plus_codes(text: str) -> Iterator[Coordinates]:
    for match in _PLUS.finditer(text):
        if (point := decode_plus(match.group(1))) is not None:
            yield Coordinates(*point, 15, "PLUS_CODE", match.start(), match.end())


def _from_urls(text: str) -> Iterator[Coordinates]:
    for url in _URL.finditer(text):
        address = unquote(unquote(url.group())).replace("+", " ") if "%" in url.group() else url.group()
        for pattern in _IN_URL:
            match = pattern.search(address)
            if match is not None and (point := _point(*match.groups())) is not None:
                accuracy = max(EXACT_M, _accuracy(*match.groups()))
                yield Coordinates(*point, accuracy, "MAP_LINK", url.start(), url.end())
                break


def _degrees(degrees: str, minutes: str, seconds: str | None) -> float:
    return float(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600


def short_links(text: str) -> tuple[str, ...]:
    """Return links to a map that hold no coordinates themselves."""
    return tuple(match.group() for match in _SHORT_LINK.finditer(text))


def short_plus_codes(text: str) -> list[ShortPlusCode]:
    """Return plus codes that need a place beside them."""
    return [
        ShortPlusCode(m.group(1).upper(), m.start(), m.end())
        for m in _PLUS.finditer(text)
        if m.group(1).index("+") == _SHORT_PLUS and re.search(r"\d", m.group(1))
    ]


def decode_plus(code: str) -> tuple[float, float] | None:
    """Return the middle of a full plus code ("7P52QG4W+8X"); None for a short one.

    Source: the Open Location Code specification.
    """
    digits = code.upper().replace("+", "")
    if code.find("+") != 8:
        return None
    lat, lng, step = -90.0, -180.0, 20.0
    for index in range(0, 10, 2):
        lat += _PLUS_DIGITS.index(digits[index]) * step
        lng += _PLUS_DIGITS.index(digits[index + 1]) * step
        if index < 8:
            step /= 20
    if len(digits) > 10:
        row, column = divmod(_PLUS_DIGITS.index(digits[10]), 4)
        lat_step, lng_step = step / 5, step / 4
        return lat + (row + 0.5) * lat_step, lng + (column + 0.5) * lng_step
    return lat + step / 2, lng + step / 2


def complete_plus(code: str, lat: float, lng: float) -> tuple[float, float] | None:
    """Return the point of a short plus code nearest to (lat, lng)."""
    best: tuple[float, float] | None = None
    for north in (-1, 0, 1):
        for east in (-1, 0, 1):
            head = _plus_area(lat + north, lng + east)
            point = decode_plus(head + code)
            if point is not None and (
                best is None or math.dist(point, (lat, lng)) < math.dist(best, (lat, lng))
            ):
                best = point
    return best


def _plus_area(lat: float, lng: float) -> str:
    """Return the first four digits of the plus codes around a point (an area of one degree)."""
    lat, lng = min(max(lat, -90.0), 89.999) + 90, (lng + 180) % 360
    first = _PLUS_DIGITS[int(lat // 20)] + _PLUS_DIGITS[int(lng // 20)]
    return first + _PLUS_DIGITS[int(lat % 20)] + _PLUS_DIGITS[int(lng % 20)]
