"""What is wrong with an official file, row by row, so that whoever made it can mend it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from esshelpme.places.units import LEVEL_OF_LENGTH

CODE = re.compile(r"^\d{2}(?:\d{2}){0,2}$", re.ASCII)
NAME_LENGTH = 120
# Official files are of Thailand; a point outside this box is a mistake (south, north, west, east in degrees).
BOX = (5.0, 21.0, 96.5, 106.5)
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where ("row 12", "feature 3"), which field, what and what to do."""

    where: str
    field: str
    problem: str

    def __str__(self) -> str:
        """Return the line that is shown."""
        return f"{self.where}, {self.field}: {self.problem}"


class ImportRefused(ValueError):
    """The file was not taken; nothing of it was. `faults` says why, one line each."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep every fault; show the first ones."""
        self.faults = tuple(faults)
        lines = [str(fault) for fault in self.faults[:MOST_SHOWN]]
        if len(self.faults) > MOST_SHOWN:
            lines.append(f"and {len(self.faults) - MOST_SHOWN} more")
        super().__init__("\n".join(lines))


def code_faults(
    where: str, code: str, level: str | None, parent: str, known: frozenset[str]
) -> Iterator[Fault]:
    """Check code, level and parent. `known`: every code of the file and of the gazetteer."""
    if not CODE.match(code):
        yield Fault(
            where, "code", f"{code!r} is not a TIS-1099 code; write 2, 4 or 6 digits (keep leading zeros)"
        )
        return
    expected = LEVEL_OF_LENGTH[len(code)]
    if level is not None and level != expected:
        yield Fault(where, "level", f"{level!r} does not fit code {code}; write {expected}")
    above = code[:-2]
    if parent and parent != above:
        yield Fault(
            where, "parent_code", f"{parent!r} is not the unit above {code}; write {above or 'nothing'}"
        )
    if above and above not in known:
        yield Fault(where, "parent_code", f"{above} is neither in the file nor known; add its row")


def name_faults(where: str, name_th: str, name_en: str) -> Iterator[Fault]:
    """Check the names' presence and length."""
    if not name_th:
        yield Fault(where, "name_th", "is empty; write the Thai name")
    for field, name in (("name_th", name_th), ("name_en", name_en)):
        if len(name) > NAME_LENGTH:
            yield Fault(where, field, f"has {len(name)} characters; at most {NAME_LENGTH}")
        if any(ord(c) < 32 for c in name):
            yield Fault(where, field, "holds a control character; write plain text")


def point_of(where: str, lat: str, lng: str) -> tuple[float | None, float | None, list[Fault]]:
    """Return (lat, lng, faults) of two cells; both empty means no point."""
    if not lat and not lng:
        return None, None, []
    faults: list[Fault] = []
    values: list[float] = []
    for field, cell in (("lat", lat), ("lng", lng)):
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            faults.append(
                Fault(where, field, f"{cell!r} is not a number; write decimal degrees such as 13.7563")
            )
        values.append(value)
    if faults:
        return None, None, faults
    south, north, west, east = BOX
    if south <= values[1] <= north and west <= values[0] <= east:
        return None, None, [Fault(where, "lat", f"{lat}, {lng} look exchanged; latitude first")]
    if not (south <= values[0] <= north):
        faults.append(
            Fault(where, "lat", f"{lat} is outside Thailand ({south:g} to {north:g}); WGS 84 decimal degrees")
        )
    if not (west <= values[1] <= east):
        faults.append(
            Fault(where, "lng", f"{lng} is outside Thailand ({west:g} to {east:g}); WGS 84 decimal degrees")
        )
    return values[0], values[1], faults
