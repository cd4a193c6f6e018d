"""The directory on the console: found by name, type and area; changed only by whoever manages it, in their area."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from esshelpme.access.models import AccessLog
from esshelpme.conftest import Town, line_id
from esshelpme.console.directory import link_address
from esshelpme.console.tests.conftest import SignIn
from esshelpme.directory.linking import typed_code, use_code
from esshelpme.directory.models import LinkCode, Member, Unit
from esshelpme.platform.config import load

pytestmark = pytest.mark.django_db
UNIT = "/console/directory/units/BKK-POL-01/"
MEMBER = "/console/directory/members/BKK-POL-01-A/"


class TestFinding:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", {"BKK-POL-01", "BKK-SOC-01", "CNX-POL-01"}),
            ("q=soc-01", {"BKK-SOC-01"}),
            ("type=POLICE", {"BKK-POL-01", "CNX-POL-01"}),
            ("area=10", {"BKK-POL-01", "BKK-SOC-01"}),
            ("area=500101", {"CNX-POL-01"}),  # a subdistrict of what the unit answers for
            ("type=POLICE&area=50&duty=on", {"CNX-POL-01"}),
            ("duty=off", set()),
            ("type=NO_SUCH&area=99", {"BKK-POL-01", "BKK-SOC-01", "CNX-POL-01"}),
            ("q=%00%27%3B--<script>", set()),
        ],
    )
    def test_units(self, query: str, found: set[str], sign_in: SignIn, town: Town) -> None:
        html = sign_in().get(f"/console/directory/?{query}").content.decode()
        assert {code for code in ("BKK-POL-01", "BKK-SOC-01", "CNX-POL-01") if f"/{code}/" in html} == found
        assert "<script>" not in html.split("</head>")[1].split("<script defer")[0]

    def test_a_look_at_members_is_logged(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in()
        client.get("/console/directory/?show=members")
        client.get(MEMBER)
        assert AccessLog.objects.filter(what="MEMBER", ref="BKK-POL-01-A").count() == 2

    def test_codes_that_nobody_has_and_codes_with_slashes(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in()
        assert client.get("/console/directory/units/NO-SUCH/").status_code == 404
        Unit.objects.filter(code=town.police).update(code="A/B 1?#")
        assert "A/B%201%3F%23" in client.get("/console/directory/").content.decode()
        assert client.get("/console/directory/units/A/B%201%3F%23/").status_code == 200


class TestDuty:
    def test_a_unit_is_put_off_duty_and_on_again(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in("SUPERVISOR")
        for on in ("0", "1"):
            client.post(f"{UNIT}duty", {"on": on})
            assert Unit.objects.get(code=town.police).on_duty is (on == "1")
        assert set(AccessLog.objects.filter(ref=town.police).values_list("what", flat=True)) >= {
            "UNIT_OFF_DUTY",
            "UNIT_ON_DUTY",
        }

    def test_pressed_twice_it_says_so_and_changes_nothing(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in("SUPERVISOR")
        for _ in range(2):
            client.post(f"{UNIT}duty", {"on": "0"})
        assert AccessLog.objects.filter(what="UNIT_OFF_DUTY").count() == 1
        client.post(f"{UNIT}duty", {"on": "maybe"})
        assert not Unit.objects.get(code=town.police).on_duty

    def test_only_by_whoever_manages_it_in_their_area(self, sign_in: SignIn, town: Town) -> None:
        assert sign_in("CALL_TAKER").post(f"{UNIT}duty", {"on": "0"}).status_code == 403
        assert sign_in("SUPERVISOR", areas=["50"]).post(f"{UNIT}duty", {"on": "0"}).status_code == 404
        assert sign_in("SUPERVISOR", areas=["10"]).post(f"{UNIT}duty", {"on": "0"}).status_code == 302
        assert not Unit.objects.get(code=town.police).on_duty


class TestLinking:
    def test_the_code_is_shown_once_and_links(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in("SUPERVISOR")
        response = client.post(f"{MEMBER}link")
        assert response["Cache-Control"] == "no-store"
        html = response.content.decode()
        assert "<svg" in html
        typed = html.split('data-copy="LINK ')[1].split('"')[0]
        assert f"LINK {typed}" not in client.get(MEMBER).content.decode()
        code = typed_code(f"LINK {typed}")
        assert code
        in_time = LinkCode.objects.get().expires_at - timedelta(seconds=1)
        assert use_code(code, line_user_id=line_id("new"), at=in_time) is not None

    def test_a_new_code_ends_the_one_before(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in("SUPERVISOR")
        for _ in range(2):
            client.post(f"{MEMBER}link")
        assert LinkCode.objects.count() == 1

    def test_with_a_basic_id_the_picture_opens_the_chat(self) -> None:
        assert link_address("LINK ABCD1234") is None
        config = load({"ESS_LINE_BASIC_ID": "@ess-help"})
        with override_settings(CONFIG=config):
            assert link_address("LINK ABCD1234") == "https://line.me/R/oaMessage/%40ess-help/?LINK%20ABCD1234"

    def test_unlinking_from_an_old_page_does_not_cut_a_newer_link(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in("SUPERVISOR")
        stamp = client.get(MEMBER).content.decode().split('name="linked_at" value="')[1].split('"')[0]
        Member.objects.filter(code=town.police_member).update(line_verified_at="2026-11-24T01:00:00Z")
        client.post(f"{MEMBER}unlink", {"linked_at": stamp.replace("&quot;", '"')})
        assert Member.objects.get(code=town.police_member).line_user_id
        stamp = client.get(MEMBER).content.decode().split('name="linked_at" value="')[1].split('"')[0]
        client.post(f"{MEMBER}unlink", {"linked_at": stamp})
        assert Member.objects.get(code=town.police_member).line_user_id is None
        client.post(f"{MEMBER}unlink", {"linked_at": stamp})  # twice is once

    def test_refused_to_call_takers_and_to_other_areas(self, sign_in: SignIn, town: Town) -> None:
        for client, status in ((sign_in("CALL_TAKER"), 403), (sign_in("SUPERVISOR", areas=["50"]), 404)):
            for what in ("link", "unlink"):
                assert client.post(f"{MEMBER}{what}").status_code == status
        assert not LinkCode.objects.exists()


def file(value: object) -> SimpleUploadedFile:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return SimpleUploadedFile("x.json", raw, content_type="application/json")


class TestFile:
    def test_what_is_exported_can_be_imported_again(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in("SUPERVISOR")
        given = client.get("/console/directory/export")
        assert given["Content-Disposition"].startswith("attachment;")
        Unit.objects.filter(code=town.police).update(name_th="เปลี่ยน")
        response = client.post("/console/directory/import", {"file": file(given.content)})
        assert response.status_code == 302, response.content.decode()
        assert Unit.objects.get(code=town.police).name_th != "เปลี่ยน"
        assert AccessLog.objects.filter(what__in=["DIRECTORY_EXPORTED", "DIRECTORY_IMPORTED"]).count() == 2

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (b"not json", ""),
            (b"", ""),
            (b"\xff\xfe\x00", ""),
            ({"units": [{"code": "X", "agency": "NO", "lat": 91, "lng": 0, "kinds": []}]}, "units[0].lat"),
            ({"units": [{"code": "<b>X</b>", "agency": "NO"}]}, "units[0].name_th"),
        ],
    )
    def test_a_bad_file_changes_nothing_and_each_error_has_its_path(
        self, value: object, shown: str, sign_in: SignIn, town: Town
    ) -> None:
        before = Unit.objects.count()
        response = sign_in("SUPERVISOR").post("/console/directory/import", {"file": file(value)})
        assert response.status_code == 422
        assert shown in response.content.decode()
        assert "<b>X</b>" not in response.content.decode()
        assert Unit.objects.count() == before

    def test_no_file_and_no_right(self, sign_in: SignIn, town: Town) -> None:
        assert sign_in("SUPERVISOR").post("/console/directory/import").status_code == 422
        limited = sign_in("SUPERVISOR", areas=["10"])
        assert limited.get("/console/directory/import").status_code == 404
        assert limited.get("/console/directory/export").status_code == 404
        assert sign_in("CALL_TAKER").get("/console/directory/export").status_code == 403
