"""The report form as it was sent, read tolerantly: nothing a person typed can make it fail or be lost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from esshelpme.intake.answers import KINDS
from esshelpme.outbox.line_messages import clean
from esshelpme.web.limits import limit

SPEAKS = ("th", "en", "my", "lo", "km", "zh", "ms", "sign", "other")
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


@dataclass(frozen=True, slots=True)
class Point:
    """A position of the phone. Degrees (WGS 84); accuracy in metres, None when the phone does not say."""

    lat: float
    lng: float
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a form from being sent: the field, a text of the catalogue and its values."""

    about: str
    key: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a person filled in."""

    kind: str = ""
    text: str = ""
    place: str = ""
    pick: str = ""
    point: Point | None = None
    phone: str = ""
    safe_to_call: bool = False
    witness: bool = False
    speaks: str = ""
    key: str = ""
    # "Send now, say nothing yet" was pressed.
    anyway: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Filled:
        """Read the fields of a POST (or, for the first look, of the address)."""

        def one(name: str, most: int) -> str:
            return clean(str(data.get(name, "") or "").replace("\r\n", "\n")).strip()[:most]

        kind, speaks = one("kind", 20), one("speaks", 8)
        return cls(
            kind=kind if kind in KINDS else "",
            # Longer than allowed is kept here: the page gives it back with what is wrong.
            text=one("text", 10 * limit("TEXT_MAX")),
            place=one("place", limit("PLACE_MAX")),
            pick="".join(c for c in one("pick", 8) if c.isascii() and c.isdigit()),
            point=read_point(data),
            phone=one("phone", limit("PHONE_MAX")).translate(_THAI_DIGITS),
            safe_to_call=one("call", 5) == "yes",
            witness=one("witness", 5) == "yes",
            speaks=speaks if speaks in SPEAKS else "",
            key=one("key", 100),
            anyway=one("anyway", 5) == "yes",
        )

    @property
    def says_something(self) -> bool:
        """Whether there is anything beyond the wish to be heard."""
        return bool(self.kind or self.text or self.place or self.point)

    def problem(self) -> Problem | None:
        """What has to be mended before it can be sent; None when it can."""
        most = limit("TEXT_MAX")
        if len(self.text) > most:
            return Problem(
                "text", "r.too_long", {"n": len(self.text), "max": most, "over": len(self.text) - most}
            )
        if not self.says_something and not self.anyway:
            return Problem("kind", "r.nothing")
        return None

    def reporter(self) -> dict[str, Any]:
        """What is known of the person, for the sealed record."""
        known: dict[str, Any] = {}
        if self.phone:
            known["phone"] = self.phone
        if self.speaks:
            known["language"] = self.speaks
        return known


def read_point(data: Mapping[str, Any]) -> Point | None:
    """A position from `lat`, `lng` and `acc`; None when it is missing or cannot be one."""
    lat, lng = _number(data.get("lat")), _number(data.get("lng"))
    if lat is None or lng is None or not (-90 <= lat <= 90 and -180 <= lng <= 180):
        return None
    accuracy = _number(data.get("acc"))
    return Point(lat, lng, accuracy if accuracy is not None and 0 <= accuracy < 1e7 else None)


def _number(value: object) -> float | None:
    try:
        number = float(str(value).strip()[:40])
    except ValueError:
        return None
    return number if math.isfinite(number) else None
