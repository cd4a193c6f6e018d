"""POST /reports."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.db import connection

from esshelpme.access.models import AccessLog
from esshelpme.api.schemas import STAMP
from esshelpme.api.tests.conftest import Caller, errors_of
from esshelpme.conftest import BANGKOK, Cast
from esshelpme.dispatch.models import Alarm, Assignment, CallTask
from esshelpme.incidents.models import Incident
from esshelpme.incidents.timeline import verify

pytestmark = pytest.mark.django_db
HERE = {"lat": BANGKOK[0], "lng": BANGKOK[1]}


def test_the_incident_as_promised(centre: Caller) -> None:
    made = centre.report(
        text="ได้ยินเสียงคนทะเลาะกัน",
        location={**HERE, "accuracy_m": 25, "address": "หน้าตลาด"},
        reporter={"name": "สมมติ", "phone": "+66 2 000 0009", "witness": True},
        topic="FAMILY_VIOLENCE",
    )
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{8}", made["ref"])
    assert (made["kind"], made["topic"], made["channel"]) == ("ASSAULT", "FAMILY_VIOLENCE", "phone")
    assert made["status"] == "DISPATCHING"
    assert made["disposition"] is None
    assert made["exercise"] is False
    assert made["needs"] == [
        {"need": "POLICE", "lead": True, "status": "OPEN"},
        {"need": "SOCIAL", "lead": False, "status": "OPEN"},
    ]
    assert made["location"] == {
        **HERE,
        "accuracy_m": 25,
        "address": "หน้าตลาด",
        "source": "STAFF",
        "area": made["location"]["area"],
        "flag": None,
    }
    assert made["location"]["area"].startswith("10")
    assert re.fullmatch(STAMP, made["created_at"])
    (report,) = made["reports"]
    assert (report["channel"], report["text"], report["phone"]) == (
        "phone",
        "ได้ยินเสียงคนทะเลาะกัน",
        "+66 2 000 0009",
    )
    assert report["witness"] is True
    assert {(a["unit"], a["need"], a["status"], a["via"]) for a in made["assignments"]} == {
        ("BKK-POL-01", "POLICE", "OFFERED", "LINE"),
        ("BKK-SOC-01", "SOCIAL", "OFFERED", "LINE"),
    }
    assert all(a["offered_at"] and a["accepted_at"] is None for a in made["assignments"])
    assert verify(Incident.objects.get(ref=made["ref"])) is None


def test_the_smallest_report(centre: Caller) -> None:
    response = centre.post("/reports", {"channel": "api", "kind": "UNKNOWN"})
    assert response.status_code == 201
    made = response.json()
    assert (made["status"], made["location"], made["needs"], made["assignments"]) == ("NEW", None, [], [])
    assert response["Location"] == f"/api/v1/incidents/{made['ref']}"


@pytest.mark.parametrize(
    ("told", "kept"), [({}, False), ({"safe_to_call": None}, False), ({"safe_to_call": True}, True)]
)
def test_safe_to_call_absent_means_no(centre: Caller, told: dict[str, Any], kept: bool) -> None:
    made = centre.report(reporter={"phone": "+66 2 000 0009", **told})
    assert made["safe_to_call"] is kept
    assert made["reports"][0]["safe_to_call"] is kept


@pytest.mark.parametrize(
    ("channel", "location", "source"),
    [
        ("phone", HERE, "STAFF"),
        ("web", {**HERE, "accuracy_m": 12.5}, "GPS"),
        ("partner", HERE, "PIN"),
    ],
)
def test_where_a_place_comes_from(
    centre: Caller, channel: str, location: dict[str, Any], source: str
) -> None:
    made = centre.report(channel=channel, location=location)
    assert made["channel"] == channel
    assert made["location"]["source"] == source
    assert made["location"]["accuracy_m"] == location.get("accuracy_m")


class TestText:
    def test_dangers_are_seen(self, centre: Caller) -> None:
        made = centre.report(text="เขาถือมีดอยู่ในบ้าน")
        assert "WEAPON" in made["dangers"]
        assert made["priority"] == 1

    def test_names_the_place_when_there_is_no_location(self, centre: Caller) -> None:
        made = centre.report(text="มีคนถูกทำร้าย ที่เขตพระนคร กรุงเทพ", location=None)
        assert made["location"]["source"] == "TEXT"
        assert made["location"]["area"].startswith("1001")
        assert made["status"] == "DISPATCHING"

    def test_never_replaces_a_location(self, centre: Caller) -> None:
        made = centre.report(text="บ้านเกิดอยู่เชียงใหม่")
        assert made["location"]["area"].startswith("10")

    def test_a_sign_of_hiding_makes_it_discreet(self, centre: Caller) -> None:
        assert centre.report(text="ช่วยด้วย หนูแอบอยู่ในห้องน้ำ อย่าโทรมา")["discreet"] is True
        assert centre.report()["discreet"] is False

    def test_tells_the_kind_while_it_is_unknown(self, centre: Caller) -> None:
        text = "สามีทำร้ายฉัน ช่วยด้วย"
        assert centre.report(kind="UNKNOWN", text=text)["kind"] == "ASSAULT"
        assert centre.report(kind="GATHERING", text=text)["kind"] == "GATHERING"

    def test_control_characters_and_bidi_tricks_go(self, centre: Caller) -> None:
        made = centre.report(text="ช่วย\x00\u202eด้วย\u2066 ")
        assert made["reports"][0]["text"] == "ช่วยด้วย"

    def test_a_wall_of_emoji_is_taken(self, centre: Caller) -> None:
        assert len(centre.report(text="😱" * 5000)["reports"][0]["text"]) == 5000


class TestPlaces:
    def test_abroad_nobody_is_sent_and_the_centre_is_called(self, centre: Caller) -> None:
        made = centre.report(location={"lat": 16.8, "lng": 96.15})
        assert made["location"]["flag"] == "ABROAD"
        assert Alarm.objects.filter(incident__ref=made["ref"], level="CENTRE").exists()
        assert CallTask.objects.filter(incident__ref=made["ref"], reason="ABROAD").exists()
        assert not Assignment.objects.filter(incident__ref=made["ref"]).exists()

    def test_at_sea_it_is_dispatched_and_flagged(self, centre: Caller) -> None:
        made = centre.report(location={"lat": 12.0, "lng": 100.4})
        assert made["location"]["flag"] == "SEA"
        assert Alarm.objects.filter(incident__ref=made["ref"], reason="PLACE_SEA").exists()
        assert made["assignments"]


class TestExternalId:
    def test_the_same_id_is_the_same_incident(self, centre: Caller) -> None:
        first = centre.report(external_id="191-2026-1")
        again = centre.post("/reports", {"channel": "phone", "kind": "OTHER", "external_id": "191-2026-1"})
        assert again.status_code == 200
        assert again.json() == first
        assert Incident.objects.count() == 1

    def test_another_token_has_ids_of_its_own(self, centre: Caller, cast: Cast) -> None:
        first = centre.report(external_id="7")
        assert centre.as_(cast.call_taker).report(external_id="7")["ref"] != first["ref"]

    def test_without_an_id_every_report_is_new(self, centre: Caller) -> None:
        reporter = {"name": "สมมติ", "phone": "+66 2 000 0009"}
        assert centre.report(reporter=reporter)["ref"] != centre.report(reporter=reporter)["ref"]


@pytest.mark.django_db(transaction=True)
def test_the_same_external_id_ten_times_at_once(centre: Caller) -> None:
    begin = threading.Barrier(10)
    answers: list[tuple[int, str]] = []

    def call() -> None:
        begin.wait()
        try:
            response = Caller(centre.secret).post(
                "/reports", {"channel": "partner", "kind": "ASSAULT", "location": HERE, "external_id": "same"}
            )
            answers.append((response.status_code, response.json().get("ref")))
        finally:
            connection.close()

    threads = [threading.Thread(target=call) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200] * 9 + [201]
    assert len({ref for _, ref in answers}) == 1
    assert Incident.objects.count() == 1


class TestRefused:
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"kind": "THEFT"}, "kind"),
            ({"kind": None}, "kind"),
            ({"channel": "line"}, "channel"),
            ({"topic": "WEATHER"}, "topic"),
            ({"location": {"lat": 91, "lng": 100}}, "location.lat"),
            ({"location": {"lat": "13", "lng": 100}}, "location.lat"),
            ({"location": {"lng": 100}}, "location.lat"),
            ({"location": {"lat": 13, "lng": 100, "accuracy_m": -1}}, "location.accuracy_m"),
            ({"reporter": {"safe_to_call": "yes"}}, "reporter.safe_to_call"),
            ({"reporter": "somebody"}, "reporter"),
            ({"external_id": ""}, "external_id"),
            ({"external_id": "a\x00b"}, "external_id"),
            ({"external_id": "x" * 201}, "external_id"),
            ({"text": "x" * 10_001}, "text"),
        ],
    )
    def test_wrong_fields_are_named(self, centre: Caller, fields: dict[str, Any], path: str) -> None:
        body = {"channel": "phone", "kind": "ASSAULT", **fields}
        assert list(errors_of(centre.post("/reports", body))) == [path]
        assert not Incident.objects.exists()

    def test_unknown_extra_fields_are_ignored(self, centre: Caller) -> None:
        centre.report(weather="rain", location={**HERE, "floor": 3})

    @pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"kind": NaN}', b"[" * 50_000])
    def test_what_is_not_json(self, centre: Caller, raw: bytes) -> None:
        response = centre.post("/reports", raw)
        assert response.status_code in (400, 422)
        assert response["Content-Type"] == "application/problem+json"

    def test_json_that_is_no_object(self, centre: Caller) -> None:
        assert centre.post("/reports", [1]).status_code == 422

    @pytest.mark.parametrize("size", [300_000, 3_000_000])
    def test_a_giant_body(self, centre: Caller, size: int) -> None:
        response = centre.post("/reports", {"channel": "phone", "kind": "OTHER", "text": "x" * size})
        assert response.status_code == 413
        assert response["Content-Type"] == "application/problem+json"

    def test_by_role(self, centre: Caller, cast: Cast) -> None:
        body = {"channel": "phone", "kind": "OTHER"}
        assert centre.as_(cast.call_taker).post("/reports", body).status_code == 201
        assert centre.as_(cast.responder).post("/reports", body).status_code == 403
        assert centre.as_(cast.analyst).post("/reports", body).status_code == 403
        assert centre.as_(cast.stranger).post("/reports", body).status_code == 401


def test_every_look_is_logged(centre: Caller) -> None:
    made = centre.report()
    assert list(AccessLog.objects.values_list("ref", "what", "via")) == [(made["ref"], "INCIDENT", "api")]
