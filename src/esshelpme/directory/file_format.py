"""The directory file: agencies, units, members and duty rosters as JSON, for the import and the export.

Required: codes, an agency's `type` and `name_th`, a unit's `agency`, `name_th`, `lat`, `lng` and `kinds`, a
member's `name`. The rest has defaults, also when it is null. Fields this format does not know are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

MANY_ERRORS = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of a file: where in it, and what to mend."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ImportFailed(ValueError):  # what happened, in the caller's words
    """The file cannot be taken, and nothing of it was. `errors`: every (path, message)."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        self.errors = errors
        lines = [str(Fault(path, message)) for path, message in errors[:MANY_ERRORS]]
        if len(errors) > MANY_ERRORS:
            lines.append(f"… and {len(errors) - MANY_ERRORS} more errors")
        super().__init__("\n".join(lines))


def _printable(text: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise ValueError("control characters are not allowed")
    return text


PRINTABLE = AfterValidator(_printable)

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), PRINTABLE]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), PRINTABLE]
OptionalName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), PRINTABLE]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30), PRINTABLE]
OptionalWord = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30), PRINTABLE]
Phone = OptionalWord
LineId = Code  # as LINE gives it: U…, for groups C… or R…
Moment = Annotated[datetime, Field(strict=False)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^(\d{2}|\d{4}|\d{6})$")]


# Null says something only of these: no longer linked.
LINKS = ("line_user_id", "line_group_id")


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: inner for name, inner in value.items() if inner is not None or name in LINKS}


class AgencyEntry(_Entry):
    """An organisation."""

    code: Code
    type: Literal["SOCIAL", "POLICE", "HEALTH", "EDUCATION", "LOCAL", "NGO", "VOLUNTEER"]
    name_th: Name
    name_en: OptionalName = ""
    duty_phone: Phone = ""


class MemberEntry(_Entry):
    """A person of a unit.

    A `line_user_id` counts as linked and verified; null unlinks; left out, a link made in the chat stays.
    """

    code: Code
    name: Name
    phone: Phone = ""
    line_user_id: LineId | None = None
    role: Literal["RESPONDER", "SUPERVISOR"] = "RESPONDER"
    authority: list[Word] = []
    active: bool = True


class ShiftEntry(_Entry):
    """A duty. Without `member` the whole unit is on duty. Times with their zone (RFC 3339)."""

    starts_at: Moment
    ends_at: Moment
    member: Code | None = None


class UnitEntry(_Entry):
    """People who go out together. Degrees WGS 84, kilometres, TIS-1099 area codes."""

    code: Code
    agency: Code
    name_th: Name
    name_en: OptionalName = ""
    subtype: OptionalWord = ""
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    lng: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    radius_km: Annotated[float, Field(ge=0, le=20_040, allow_inf_nan=False)] = 30.0
    areas: list[AreaCode] = []
    reach: Literal["ROAD", "BOAT", "AIR"] = "ROAD"
    kinds: list[Literal["ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER", "UNKNOWN"]]
    capabilities: list[Word] = []
    contact: Literal["LINE", "PHONE"] = "LINE"
    duty_phone: Phone = ""
    line_group_id: LineId | None = None
    on_duty: bool = True
    members: list[MemberEntry] = []
    shifts: list[ShiftEntry] = []


class DirectoryFile(_Entry):
    """The whole file."""

    agencies: list[AgencyEntry] = []
    units: list[UnitEntry] = []


def read_file(raw: bytes) -> DirectoryFile:
    """Parse and check each field by itself. Raises `ImportFailed` with every error."""
    try:
        file = DirectoryFile.model_validate_json(raw.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as failure:
        raise ImportFailed(
            [(path_of(error["loc"]), error["msg"]) for error in failure.errors(include_url=False)]
        ) from None
    if not file.model_fields_set:
        raise ImportFailed([("", "the file names neither agencies nor units")])
    return file


def path_of(location: tuple[int | str, ...]) -> str:
    """`("units", 3, "lat")` as `units[3].lat`."""
    text = ""
    for step in location:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def faults_between(file: DirectoryFile) -> Iterator[Fault]:
    """Errors that only show when entries are looked at together: codes used twice, shifts of strangers."""
    yield from _twice((f"agencies[{i}].code", agency.code) for i, agency in enumerate(file.agencies))
    yield from _twice((f"units[{i}].code", unit.code) for i, unit in enumerate(file.units))
    yield from _twice(
        (f"units[{i}].members[{j}].code", member.code)
        for i, unit in enumerate(file.units)
        for j, member in enumerate(unit.members)
    )
    for i, unit in enumerate(file.units):
        yield from _bad_shifts(f"units[{i}].shifts", unit)


def _twice(codes: Iterator[tuple[str, str]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for path, code in codes:
        if code in first:
            yield Fault(path, f"{code} is used twice; first at {first[code]}")
        else:
            first[code] = path


def _bad_shifts(path: str, unit: UnitEntry) -> Iterator[Fault]:
    own = {member.code for member in unit.members}
    seen: set[tuple[str | None, datetime]] = set()
    for k, shift in enumerate(unit.shifts):
        here = f"{path}[{k}]"
        if not (_has_zone(shift.starts_at) and _has_zone(shift.ends_at)):
            yield Fault(here, "times need their zone, for example 2026-01-31T08:00:00+07:00")
            continue
        if shift.ends_at <= shift.starts_at:
            yield Fault(f"{here}.ends_at", "a shift ends after it starts")
        if shift.member is not None and shift.member not in own:
            yield Fault(f"{here}.member", f"the unit has no member {shift.member} in this file")
        if (shift.member, shift.starts_at) in seen:
            yield Fault(f"{here}.starts_at", "the same shift is there twice")
        seen.add((shift.member, shift.starts_at))


def _has_zone(moment: datetime) -> bool:
    return moment.utcoffset() is not None
