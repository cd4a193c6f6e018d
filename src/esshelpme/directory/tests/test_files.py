"""The directory file: taken whole or not at all, updated by code, exported as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from esshelpme.directory.files import BATCH, ImportFailed, export_directory, import_directory
from esshelpme.directory.models import Agency, Member, Shift, Unit

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
Importer = Callable[[Any], str]


def member(code: str = "BKK-SOC-01-A", **fields: Any) -> dict[str, Any]:
    return {"code": code, "name": "สมมติ ใจดี", **fields}


def unit(code: str = "BKK-SOC-01", **fields: Any) -> dict[str, Any]:
    return {
        "code": code,
        "agency": "MSDHS-BKK",
        "name_th": "หน่วยสมมติ",
        "lat": 13.7563,
        "lng": 100.5018,
        "kinds": ["ASSAULT", "SEXUAL"],
        **fields,
    }


def agency(code: str = "MSDHS-BKK", **fields: Any) -> dict[str, Any]:
    return {"code": code, "type": "SOCIAL", "name_th": "พม. สมมติ", **fields}


def whole(*units: dict[str, Any], agencies: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"agencies": [agency()] if agencies is None else agencies, "units": list(units)}


@pytest.fixture
def take(tmp_path: Path) -> Importer:
    """Import a value (or raw bytes) through a real file."""

    def take(value: Any) -> str:
        path = tmp_path / "directory.json"
        path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
        return str(import_directory(path, at=AT))

    return take


def errors_of(take: Importer, value: Any) -> list[tuple[str, str]]:
    with pytest.raises(ImportFailed) as failure:
        take(value)
    return failure.value.errors


def paths_of(take: Importer, value: Any) -> list[str]:
    return [path for path, _ in errors_of(take, value)]


class TestDefaults:
    def test_only_required_fields(self, take: Importer) -> None:
        take(whole(unit(members=[member()])))
        made = Unit.objects.get()
        assert (made.contact, made.radius_km, made.reach, made.on_duty) == ("LINE", 30, "ROAD", True)
        assert (made.areas, made.capabilities, made.line_group_id) == ([], [], None)
        assert made.agency_type == "SOCIAL"
        person = Member.objects.get()
        assert (person.role, person.line_user_id, person.line_verified_at) == ("RESPONDER", None, None)

    def test_null_is_the_default(self, take: Importer) -> None:
        take(whole(unit(radius_km=None, contact=None, duty_phone=None, subtype=None, name_en=None)))
        made = Unit.objects.get()
        assert (made.radius_km, made.contact, made.duty_phone, made.name_en) == (30, "LINE", "", "")

    def test_unknown_fields_are_ignored(self, take: Importer) -> None:
        take({**whole(unit(colour="blue")), "comment": "made by hand"})
        assert Unit.objects.count() == 1

    def test_a_line_user_id_counts_as_linked_and_verified(self, take: Importer) -> None:
        take(whole(unit(members=[member(line_user_id="U" + "1" * 32)])))
        assert Member.objects.get().line_verified_at == AT


class TestUpdating:
    def test_by_code(self, take: Importer) -> None:
        take(whole(unit(on_duty=False, areas=["1001"]), unit("BKK-SOC-02")))
        summary = take(whole(unit(name_th="ชื่อใหม่", lat=14.5)))
        made = Unit.objects.get(code="BKK-SOC-01")
        assert (made.name_th, made.lat, made.on_duty, made.areas) == ("ชื่อใหม่", 14.5, True, [])
        assert "1 units (0 new)" in summary

    def test_nothing_unnamed_is_deleted(self, take: Importer) -> None:
        take(whole(unit(members=[member(), member("BKK-SOC-01-B")]), unit("BKK-SOC-02")))
        take(whole(unit(members=[member()])))
        assert Unit.objects.count() == 2
        assert Member.objects.count() == 2

    def test_twice_is_once(self, take: Importer) -> None:
        file = whole(unit(members=[member(line_user_id="Uabc")], areas=["10", "1001", "100203"]))
        take(file)
        before = export_directory()
        summary = take(file)
        assert export_directory() == before
        assert "(0 new), 1 units (0 new), 1 members (0 new)" in summary

    def test_a_link_made_in_the_chat_stays_unless_the_file_says_null(self, take: Importer) -> None:
        take(whole(unit(members=[member()])))
        Member.objects.update(line_user_id="Uchat", line_verified_at=AT)
        take(whole(unit(members=[member(phone="+66 2 000 0001")])))
        assert Member.objects.get().line_user_id == "Uchat"
        take(whole(unit(members=[member(line_user_id=None)])))
        assert (Member.objects.get().line_user_id, Member.objects.get().line_verified_at) == (None, None)

    def test_an_agency_outside_the_file_may_be_named(self, take: Importer) -> None:
        take(whole())
        take(whole(unit(), agencies=[]))
        assert Unit.objects.get().agency.code == "MSDHS-BKK"

    def test_units_follow_a_changed_type_of_their_agency(self, take: Importer) -> None:
        take(whole(unit()))
        take({"agencies": [agency(type="POLICE")]})
        assert Unit.objects.get().agency_type == "POLICE"

    def test_a_member_moves_to_another_unit(self, take: Importer) -> None:
        take(whole(unit(members=[member()])))
        take(whole(unit("BKK-SOC-02", members=[member()])))
        assert Member.objects.get().unit.code == "BKK-SOC-02"

    def test_shifts_are_told_apart_by_unit_member_and_start(self, take: Importer) -> None:
        def file(ends: str) -> dict[str, Any]:
            shift = {"starts_at": "2026-03-01T08:00:00+07:00", "ends_at": ends, "member": "BKK-SOC-01-A"}
            return whole(unit(members=[member()], shifts=[shift]))

        take(file("2026-03-01T16:00:00+07:00"))
        take(file("2026-03-01T20:00:00+07:00"))
        assert [s.ends_at for s in Shift.objects.all()] == [datetime(2026, 3, 1, 13, 0, tzinfo=UTC)]


class TestWholeOrNothing:
    def test_one_bad_unit_refuses_the_file(self, take: Importer) -> None:
        assert paths_of(take, whole(unit(), unit("BKK-SOC-02", lat=95))) == ["units[1].lat"]
        assert not Agency.objects.exists()
        assert not Unit.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"lat": "13.7"}, "units[0].lat"),
            ({"lat": True}, "units[0].lat"),
            ({"lng": 181}, "units[0].lng"),
            ({"lat": None}, "units[0].lat"),
            ({"radius_km": -1}, "units[0].radius_km"),
            ({"areas": ["10", "9901"]}, "units[0].areas[1]"),
            ({"areas": ["101"]}, "units[0].areas[0]"),
            ({"areas": "1001"}, "units[0].areas"),
            ({"kinds": ["ASSAULT", "THEFT"]}, "units[0].kinds[1]"),
            ({"kinds": None}, "units[0].kinds"),
            ({"reach": "SEA"}, "units[0].reach"),
            ({"contact": "FAX"}, "units[0].contact"),
            ({"code": ""}, "units[0].code"),
            ({"code": "x" * 41}, "units[0].code"),
            ({"name_th": "\x00"}, "units[0].name_th"),
            ({"agency": "NOBODY"}, "units[0].agency"),
            ({"on_duty": "yes"}, "units[0].on_duty"),
            ({"members": [{"code": "A"}]}, "units[0].members[0].name"),
            ({"members": [{"code": "A", "name": "x", "role": "BOSS"}]}, "units[0].members[0].role"),
            (
                {"shifts": [{"starts_at": "2026-03-01T08:00:00", "ends_at": "2026-03-01T09:00:00"}]},
                "units[0].shifts[0]",
            ),
            (
                {"shifts": [{"starts_at": "2026-03-01T08:00:00Z", "ends_at": "2026-03-01T08:00:00Z"}]},
                "units[0].shifts[0].ends_at",
            ),
        ],
    )
    def test_each_error_names_its_path(self, take: Importer, fields: dict[str, Any], path: str) -> None:
        assert paths_of(take, whole(unit(**fields))) == [path]

    def test_codes_used_twice(self, take: Importer) -> None:
        file = whole(
            unit(members=[member()]),
            unit(members=[member()]),
            agencies=[agency(), agency()],
        )
        assert paths_of(take, file) == ["agencies[1].code", "units[1].code", "units[1].members[0].code"]

    def test_every_error_is_told_at_once(self, take: Importer) -> None:
        assert paths_of(take, whole(unit(lat=91, lng=181, kinds=[1]))) == [
            "units[0].lat",
            "units[0].lng",
            "units[0].kinds[0]",
        ]

    @pytest.mark.parametrize(
        "raw", [b"", b"{", b"[]", b"null", b"{}", b'{"x": 1}', b"\xff\xfe", b"[" * 100_000]
    )
    def test_what_is_no_directory_file(self, take: Importer, raw: bytes) -> None:
        errors_of(take, raw)

    def test_a_byte_order_mark_is_no_error(self, take: Importer) -> None:
        take(b"\xef\xbb\xbf" + json.dumps(whole(unit())).encode())
        assert Unit.objects.count() == 1


def test_what_is_exported_imports_to_the_same(take: Importer, tmp_path: Path) -> None:
    shift = {"starts_at": "2026-03-01T01:00:00.000000Z", "ends_at": "2026-03-01T13:00:00.000000Z"}
    take(
        whole(
            unit(
                members=[member(line_user_id="Uabc", phone="+66 2 000 0001", authority=["CPA_OFFICIAL"])],
                shifts=[{**shift, "member": "BKK-SOC-01-A"}, shift],
                capabilities=["FEMALE_OFFICER"],
                subtype="SHELTER",
                line_group_id="Cabc",
                areas=["10"],
                duty_phone="1300",
            ),
            unit("BKK-SOC-02", contact="PHONE", on_duty=False, reach="BOAT", radius_km=12.5),
        )
    )
    before = export_directory()
    Unit.objects.all().delete()
    Agency.objects.all().delete()
    take(before)
    assert export_directory() == before


def test_a_country_of_units_is_a_handful_of_statements(take: Importer) -> None:
    units = [
        unit(
            f"U-{n}",
            lat=6 + n % 1400 / 100,
            areas=["1001"],
            members=[member(f"U-{n}-A", line_user_id=f"U{n:032x}")],
        )
        for n in range(BATCH + 1)
    ]
    with CaptureQueriesContext(connection) as queries:
        take(whole(*units))
    assert len(queries) < 40, "batches, never one statement a unit"
    assert Unit.objects.count() == Member.objects.count() == BATCH + 1
