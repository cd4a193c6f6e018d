"""Import and export of the directory file: whole or nothing, by code, deleting nothing it does not name.

An entry of the file takes its values, with the format's defaults for what is left out; only links to LINE
(`line_user_id`, `line_group_id`) stay when left out, since they are also made in the chat. Shifts are told
apart by unit, member and start.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.timezone import now

from esshelpme.directory.file_format import (
    AgencyEntry,
    DirectoryFile,
    Fault,
    ImportFailed,
    MemberEntry,
    UnitEntry,
    faults_between,
    read_file,
)
from esshelpme.directory.models import Agency, Member, Shift, Unit
from esshelpme.places import gazetteer
from esshelpme.platform.clock import stamp

__all__ = ["ImportFailed", "Summary", "export_directory", "import_directory", "import_entries"]

BATCH = 1000
# One import at a time: two files that name the same codes must not wait for each other crosswise.
LOCK = 0x45535301

AGENCY_FIELDS = ["type", "name_th", "name_en", "duty_phone"]
UNIT_FIELDS = [
    "agency",
    "agency_type",
    "name_th",
    "name_en",
    "subtype",
    "lat",
    "lng",
    "radius_km",
    "areas",
    "reach",
    "kinds",
    "capabilities",
    "contact",
    "duty_phone",
    "on_duty",
]
MEMBER_FIELDS = ["unit", "name", "phone", "role", "authority", "active"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did."""

    agencies: int
    units: int
    members: int
    shifts: int
    new_agencies: int
    new_units: int
    new_members: int
    new_shifts: int

    def __str__(self) -> str:
        parts = (
            f"{count} {noun} ({new} new)"
            for noun, count, new in (
                ("agencies", self.agencies, self.new_agencies),
                ("units", self.units, self.new_units),
                ("members", self.members, self.new_members),
                ("shifts", self.shifts, self.new_shifts),
            )
        )
        return "Imported " + ", ".join(parts) + "."


def import_directory(path: Path | str, *, at: datetime | None = None) -> Summary:
    """Import the file at `path`. Raises `ImportFailed` with every error, and then nothing was changed."""
    return import_entries(read_file(Path(path).read_bytes()), at=at or now())


def import_entries(file: DirectoryFile, *, at: datetime) -> Summary:
    """Import what was parsed. Raises `ImportFailed`."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        faults = [*faults_between(file), *_unknown_areas(file), *_unknown_agencies(file)]
        if faults:
            raise ImportFailed([(fault.path, fault.message) for fault in faults])
        before = (Agency.objects.count(), Unit.objects.count(), Member.objects.count(), Shift.objects.count())
        agencies = _put_agencies(file.agencies, wanted={unit.agency for unit in file.units})
        units = _put_units(file.units, agencies)
        members = _put_members(file.units, units, at=at)
        _put_shifts(file.units, units, members)
        after = (Agency.objects.count(), Unit.objects.count(), Member.objects.count(), Shift.objects.count())
    return Summary(
        len(file.agencies),
        len(file.units),
        sum(len(unit.members) for unit in file.units),
        sum(len(unit.shifts) for unit in file.units),
        *(there - was for was, there in zip(before, after, strict=True)),
    )


def export_directory() -> dict[str, Any]:
    """The whole directory as its file; importing it again changes nothing."""
    agencies = [
        {"code": a.code, **{field: getattr(a, field) for field in AGENCY_FIELDS}}
        for a in Agency.objects.order_by("code")
    ]
    shifts: dict[int, list[dict[str, Any]]] = {}
    for shift in Shift.objects.select_related("member").order_by("unit_id", "starts_at", "member__code"):
        entry: dict[str, Any] = {"starts_at": stamp(shift.starts_at), "ends_at": stamp(shift.ends_at)}
        if shift.member is not None:
            entry["member"] = shift.member.code
        shifts.setdefault(shift.unit_id, []).append(entry)
    members: dict[int, list[dict[str, Any]]] = {}
    for member in Member.objects.order_by("code"):
        members.setdefault(member.unit_id, []).append(_member_out(member))
    units = [
        {
            "code": u.code,
            "agency": u.agency.code,
            **{field: getattr(u, field) for field in UNIT_FIELDS if field not in ("agency", "agency_type")},
            "line_group_id": u.line_group_id,
            "members": members.get(u.pk, []),
            "shifts": shifts.get(u.pk, []),
        }
        for u in Unit.objects.select_related("agency").order_by("code")
    ]
    return {"agencies": agencies, "units": units}


def _member_out(member: Member) -> dict[str, Any]:
    return {
        "code": member.code,
        "name": member.name,
        "phone": member.phone,
        "line_user_id": member.line_user_id,
        "role": member.role,
        "authority": member.authority,
        "active": member.active,
    }


def _unknown_areas(file: DirectoryFile) -> Iterator[Fault]:
    known = gazetteer().places
    for i, unit in enumerate(file.units):
        for k, code in enumerate(unit.areas):
            if code not in known:
                yield Fault(
                    f"units[{i}].areas[{k}]",
                    f"no province, district or subdistrict has the code {code} (TIS-1099: 2, 4 or 6 digits)",
                )


def _unknown_agencies(file: DirectoryFile) -> Iterator[Fault]:
    in_file = {agency.code for agency in file.agencies}
    outside = {unit.agency for unit in file.units} - in_file
    known = in_file | set(Agency.objects.filter(code__in=outside).values_list("code", flat=True))
    for i, unit in enumerate(file.units):
        if unit.agency not in known:
            yield Fault(
                f"units[{i}].agency", f"no agency has the code {unit.agency}, in the file or the directory"
            )


def _put_agencies(entries: list[AgencyEntry], *, wanted: set[str]) -> dict[str, Agency]:
    Agency.objects.bulk_create(
        [
            Agency(
                code=entry.code,
                type=entry.type,
                name_th=entry.name_th,
                name_en=entry.name_en,
                duty_phone=entry.duty_phone,
            )
            for entry in entries
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=AGENCY_FIELDS,
        batch_size=BATCH,
    )
    # A unit repeats its agency's type; units that the file does not name follow a changed one.
    codes = [entry.code for entry in entries]
    for unit in (
        Unit.objects.filter(agency__code__in=codes)
        .exclude(agency_type=F("agency__type"))
        .select_related("agency")
    ):
        Unit.objects.filter(pk=unit.pk).update(agency_type=unit.agency.type)
    return {agency.code: agency for agency in Agency.objects.filter(code__in=wanted)}


def _put_units(entries: list[UnitEntry], agencies: dict[str, Agency]) -> dict[str, int]:
    rows: dict[bool, list[Unit]] = {True: [], False: []}
    for entry in entries:
        agency = agencies[entry.agency]
        row = Unit(
            code=entry.code,
            agency=agency,
            agency_type=agency.type,
            name_th=entry.name_th,
            name_en=entry.name_en,
            subtype=entry.subtype,
            lat=entry.lat,
            lng=entry.lng,
            radius_km=entry.radius_km,
            areas=entry.areas,
            reach=entry.reach,
            kinds=list(dict.fromkeys(entry.kinds)),
            capabilities=entry.capabilities,
            contact=entry.contact,
            duty_phone=entry.duty_phone,
            line_group_id=entry.line_group_id,
            on_duty=entry.on_duty,
        )
        rows["line_group_id" in entry.model_fields_set].append(row)
    for with_group, some in rows.items():
        Unit.objects.bulk_create(
            some,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=[*UNIT_FIELDS, *(["line_group_id"] if with_group else [])],
            batch_size=BATCH,
        )
    return dict(Unit.objects.filter(code__in=[entry.code for entry in entries]).values_list("code", "pk"))


def _put_members(entries: list[UnitEntry], units: dict[str, int], *, at: datetime) -> dict[str, int]:
    codes = [member.code for unit in entries for member in unit.members]
    verified = {
        code: (line, since)
        for code, line, since in Member.objects.filter(code__in=codes).values_list(
            "code", "line_user_id", "line_verified_at"
        )
    }
    rows: dict[bool, list[Member]] = {True: [], False: []}
    for unit in entries:
        for entry in unit.members:
            rows["line_user_id" in entry.model_fields_set].append(
                _member(entry, units[unit.code], verified.get(entry.code), at=at)
            )
    for with_line, some in rows.items():
        Member.objects.bulk_create(
            some,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=[*MEMBER_FIELDS, *(["line_user_id", "line_verified_at"] if with_line else [])],
            batch_size=BATCH,
        )
    return dict(Member.objects.filter(code__in=codes).values_list("code", "pk"))


def _member(
    entry: MemberEntry, unit_id: int, before: tuple[str | None, datetime | None] | None, *, at: datetime
) -> Member:
    line = entry.line_user_id
    since = before[1] if before is not None and before[0] == line and before[1] is not None else at
    return Member(
        code=entry.code,
        unit_id=unit_id,
        name=entry.name,
        phone=entry.phone,
        line_user_id=line,
        line_verified_at=since if line is not None else None,
        role=entry.role,
        authority=entry.authority,
        active=entry.active,
    )


def _put_shifts(entries: list[UnitEntry], units: dict[str, int], members: dict[str, int]) -> None:
    wanted: dict[tuple[int, int | None, datetime], datetime] = {
        (units[unit.code], members[shift.member] if shift.member else None, shift.starts_at): shift.ends_at
        for unit in entries
        for shift in unit.shifts
    }
    if not wanted:
        return
    changed = []
    for row in Shift.objects.filter(unit_id__in={key[0] for key in wanted}):
        ends_at = wanted.pop((row.unit_id, row.member_id, row.starts_at), None)
        if ends_at is not None and ends_at != row.ends_at:
            row.ends_at = ends_at
            changed.append(row)
    Shift.objects.bulk_update(changed, ["ends_at"], batch_size=BATCH)
    Shift.objects.bulk_create(
        [
            Shift(unit_id=unit_id, member_id=member_id, starts_at=starts_at, ends_at=ends_at)
            for (unit_id, member_id, starts_at), ends_at in wanted.items()
        ],
        batch_size=BATCH,
    )
