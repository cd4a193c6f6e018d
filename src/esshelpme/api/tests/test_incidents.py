"""GET /incidents, /incidents/REF, /incidents/REF/timeline."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from esshelpme.access.models import AccessLog
from esshelpme.api.schemas import STAMP
from esshelpme.api.tests.conftest import Caller, errors_of
from esshelpme.conftest import CHIANG_MAI, Cast, Town, line_id
from esshelpme.contacts.people import contact_for
from esshelpme.dispatch.models import Assignment
from esshelpme.dispatch.offers import accept_by_line
from esshelpme.incidents import messages
from esshelpme.incidents.changes import lock
from esshelpme.incidents.models import Incident
from esshelpme.incidents.timeline import verify
from esshelpme.privacy.content import erase_subject

pytestmark = pytest.mark.django_db


def refs(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [item["ref"] for item in response.json()["items"]]


class TestList:
    def test_newest_first_without_reports_and_assignments(self, centre: Caller) -> None:
        made = [centre.report() for _ in range(3)]
        response = centre.get("/incidents")
        assert refs(response) == [incident["ref"] for incident in reversed(made)]
        item = response.json()["items"][0]
        whole = centre.get(f"/incidents/{item['ref']}").json()
        assert set(whole) - set(item) == {"reports", "assignments", "linked_to", "merged_into"}
        assert item == {name: whole[name] for name in item}
        assert response.json()["next_cursor"] is None

    def test_filters(self, centre: Caller) -> None:
        first = centre.report(kind="ASSAULT")
        second = centre.report(kind="GATHERING", location=None)
        assert refs(centre.get("/incidents", {"kind": "GATHERING"})) == [second["ref"]]
        assert refs(centre.get("/incidents", {"status": "DISPATCHING"})) == [first["ref"]]
        assert refs(centre.get("/incidents", {"status": "NEW", "kind": "ASSAULT"})) == []
        assert refs(centre.get("/incidents", {"since": second["created_at"]})) == [second["ref"]]
        assert refs(centre.get("/incidents", {"since": "2100-01-01T00:00:00Z"})) == []

    def test_empty_values_count_as_absent(self, centre: Caller) -> None:
        made = centre.report()
        query = dict.fromkeys(("status", "kind", "since", "cursor", "limit", "exercise"), "")
        assert refs(centre.get("/incidents", query)) == [made["ref"]]

    def test_exercises_only_when_asked_for(self, centre: Caller) -> None:
        real, drill = centre.report(), centre.report(exercise=True)
        assert drill["exercise"] is True
        assert refs(centre.get("/incidents")) == [real["ref"]]
        assert refs(centre.get("/incidents", {"exercise": "false"})) == [real["ref"]]
        assert refs(centre.get("/incidents", {"exercise": "true"})) == [drill["ref"], real["ref"]]
        assert centre.get(f"/incidents/{drill['ref']}").status_code == 200

    def test_pages_cover_everything_once_also_when_opened_at_one_instant(self, centre: Caller) -> None:
        made = [centre.report(location=None)["ref"] for _ in range(7)]
        Incident.objects.update(created_at=Incident.objects.first().created_at)  # type: ignore[union-attr]
        seen: list[str] = []
        cursor = ""
        while True:
            page = centre.get("/incidents", {"limit": 2, "cursor": cursor}).json()
            seen += [item["ref"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == list(reversed(made))

    def test_a_page_is_not_moved_by_newcomers(self, centre: Caller) -> None:
        old = [centre.report(location=None)["ref"] for _ in range(3)]
        first = centre.get("/incidents", {"limit": 2}).json()
        centre.report(location=None)
        assert refs(centre.get("/incidents", {"limit": 2, "cursor": first["next_cursor"]})) == [old[0]]

    @pytest.mark.parametrize(
        ("query", "path"),
        [
            ({"limit": 0}, "limit"),
            ({"limit": 501}, "limit"),
            ({"limit": "many"}, "limit"),
            ({"cursor": "%%%"}, "cursor"),
            ({"cursor": "QUJD"}, "cursor"),
            ({"status": "OPEN"}, "status"),
            ({"kind": "THEFT"}, "kind"),
            ({"since": "yesterday"}, "since"),
            ({"since": "2026-01-01T00:00:00"}, "since"),
            ({"exercise": "perhaps"}, "exercise"),
        ],
    )
    def test_wrong_queries_are_named(self, centre: Caller, query: dict[str, Any], path: str) -> None:
        assert list(errors_of(centre.get("/incidents", query))) == [path]

    def test_an_unescaped_zone_is_understood(self, centre: Caller) -> None:
        assert centre.get("/incidents", {"since": "2026-01-01T00:00:00 07:00"}).status_code == 200

    def test_fifty_incidents_take_a_handful_of_queries(self, centre: Caller) -> None:
        for _ in range(50):
            centre.report()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(refs(centre.get("/incidents"))) == 50
        # The token, the incidents with their places, their needs, the log of looks (and, once, the keys).
        assert len(queries) <= 5, [q["sql"][:80] for q in queries]


class TestWhoSees:
    def test_by_area_outside_is_404(self, centre: Caller, cast: Cast) -> None:
        here = centre.report()["ref"]
        there = centre.report(location={"lat": CHIANG_MAI[0], "lng": CHIANG_MAI[1]})["ref"]
        near, far = centre.as_(cast.call_taker), centre.as_(cast.far_call_taker)
        for path in ("", "/timeline"):
            assert near.get(f"/incidents/{here}{path}").status_code == 200
            assert far.get(f"/incidents/{here}{path}").status_code == 404
            assert far.get(f"/incidents/{there}{path}").status_code == 200
            assert near.get(f"/incidents/{there}{path}").status_code == 404
        assert refs(near.get("/incidents")) == [here]
        assert refs(far.get("/incidents")) == [there]

    def test_an_incident_without_a_place_is_everybodys(self, centre: Caller, cast: Cast) -> None:
        ref = centre.report(location=None)["ref"]
        assert centre.as_(cast.call_taker).get(f"/incidents/{ref}").status_code == 200
        assert centre.as_(cast.far_call_taker).get(f"/incidents/{ref}").status_code == 200

    def test_by_agency_words_and_exact_place_only_after_accepting(
        self, centre: Caller, cast: Cast, town: Town, at: datetime
    ) -> None:
        ref = centre.report(text="ห้อง 5", reporter={"name": "สมมติ"})["ref"]
        ours, others = centre.as_(cast.responder), centre.as_(cast.far_responder)
        assert others.get(f"/incidents/{ref}").status_code == 404
        before = ours.get(f"/incidents/{ref}").json()
        assert (before["location"]["lat"], before["location"]["address"]) == (None, None)
        assert before["location"]["area"]
        assert (before["reports"][0]["text"], before["reports"][0]["name"]) == (None, None)
        assert "ห้อง 5" not in ours.get(f"/incidents/{ref}/timeline").content.decode()

        offer = Assignment.objects.get(incident__ref=ref, unit__code=town.police)
        accept_by_line(code=offer.code, line_user_id=line_id(town.police_member), at=at)
        after = ours.get(f"/incidents/{ref}").json()
        assert after["location"]["lat"] is not None
        assert (after["reports"][0]["text"], after["reports"][0]["name"]) == ("ห้อง 5", "สมมติ")
        assert after["status"] == "ACCEPTED"
        accepted = next(a for a in after["assignments"] if a["unit"] == town.police)
        assert (accepted["status"], accepted["accepted_by"]) == ("ACCEPTED", town.police_member)
        assert re.fullmatch(STAMP, accepted["accepted_at"])

    def test_by_agency_nothing_more_once_the_unit_was_taken_off(
        self, centre: Caller, cast: Cast, town: Town, at: datetime
    ) -> None:
        """The offender may serve at that station: what comes afterwards is not for its eyes."""
        ref = centre.report(text="ห้อง 5")["ref"]
        ours = centre.as_(cast.responder)
        centre.act(ref, "accept_for", unit=town.police)
        assert ours.get(f"/incidents/{ref}").json()["location"]["lat"] is not None
        centre.act(ref, "withdraw", unit=town.police)
        after = ours.get(f"/incidents/{ref}").json()
        assert (after["location"]["lat"], after["reports"][0]["text"]) == (None, None)
        assert "ห้อง 5" not in ours.get(f"/incidents/{ref}/timeline").content.decode()

    def test_by_role(self, centre: Caller, cast: Cast) -> None:
        ref = centre.report()["ref"]
        for path in ("/incidents", f"/incidents/{ref}", f"/incidents/{ref}/timeline"):
            assert centre.as_(cast.analyst).get(path).status_code == 403
            assert centre.as_(cast.stranger).get(path).status_code == 401
            assert centre.as_(None).get(path).status_code == 401

    def test_every_look_is_logged(self, centre: Caller, cast: Cast) -> None:
        ref = centre.report()["ref"]
        AccessLog.objects.all().delete()
        caller = centre.as_(cast.call_taker)
        caller.get("/incidents")
        caller.get(f"/incidents/{ref}")
        caller.get(f"/incidents/{ref}/timeline")
        centre.as_(cast.far_call_taker).get(f"/incidents/{ref}")
        assert list(AccessLog.objects.order_by("pk").values_list("what", "ref", "role")) == [
            ("INCIDENT_LIST", ref, "CALL_TAKER"),
            ("INCIDENT", ref, "CALL_TAKER"),
            ("TIMELINE", ref, "CALL_TAKER"),
        ]


class TestReference:
    def test_as_people_write_it(self, centre: Caller) -> None:
        ref = centre.report()["ref"]
        for written in (ref.lower(), f"{ref[:4]}-{ref[4:]}"):
            assert centre.get(f"/incidents/{written}").json()["ref"] == ref

    @pytest.mark.parametrize("ref", ["ZZZZZZZZ", "x", "%00", "..", "UUUUUUUU", "ก"])
    def test_none_like_it(self, centre: Caller, ref: str) -> None:
        response = centre.get(f"/incidents/{ref}")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


class TestTimeline:
    def test_gap_free_and_in_order_with_words_joined_in(self, centre: Caller) -> None:
        ref = centre.report(text="ช่วยที่ตลาด")["ref"]
        centre.act(ref, "note", text="โทรกลับแล้ว")
        centre.act(ref, "message", text="เรารับเรื่องแล้ว")
        items = centre.get(f"/incidents/{ref}/timeline").json()["items"]
        assert [item["seq"] for item in items] == list(range(1, len(items) + 1))
        assert all(set(item) == {"seq", "at", "type", "actor", "data"} for item in items)
        assert all(re.fullmatch(STAMP, item["at"]) for item in items)
        assert items[0]["type"] == "INCIDENT_OPENED"
        words = {item["type"]: item["data"]["text"] for item in items if "text" in item["data"]}
        assert words == {
            "REPORT_RECEIVED": "ช่วยที่ตลาด",
            "NOTE_ADDED": "โทรกลับแล้ว",
            "MESSAGE_OUT": "เรารับเรื่องแล้ว",
        }
        place = next(item for item in items if item["type"] == "PLACE_SET")
        assert place["data"]["location"]["lat"] == pytest.approx(13.76512)

    def test_a_report_without_words_has_a_null_text(self, centre: Caller) -> None:
        ref = centre.report()["ref"]
        items = centre.get(f"/incidents/{ref}/timeline").json()["items"]
        report = next(item for item in items if item["type"] == "REPORT_RECEIVED")
        assert report["data"]["text"] is None
        assert "removed_at" not in report["data"]

    def test_what_was_unsent_is_gone_and_the_chain_holds(self, centre: Caller, at: datetime) -> None:
        ref = centre.report()["ref"]
        incident = lock(Incident.objects.get(ref=ref).pk)
        contact = contact_for(channel="LINE", address=line_id("reporter"), at=at)
        messages.hear(
            incident=incident,
            contact=contact,
            type="TEXT",
            text="ลับ",
            said_at=at,
            at=at,
            channel_message_id="m1",
        )
        messages.unsend(contact=contact, channel_message_id="m1", at=at + timedelta(minutes=1))
        items = centre.get(f"/incidents/{ref}/timeline").json()["items"]
        said = next(item for item in items if item["type"] == "MESSAGE_IN")
        assert said["data"]["text"] is None
        assert said["data"]["removed_at"] == "2026-03-01T15:31:00.000000Z"
        assert verify(Incident.objects.get(ref=ref)) is None

    def test_after_erasure_nothing_is_left_but_the_facts(self, centre: Caller, at: datetime) -> None:
        ref = centre.report(text="ลับ", reporter={"name": "สมมติ"})["ref"]
        incident = Incident.objects.get(ref=ref)
        assert incident.contact is not None
        erase_subject(incident.contact.subject_id, because="ASKED", at=at)
        whole = centre.get(f"/incidents/{ref}").json()
        assert whole["location"]["lat"] is None
        assert (whole["reports"][0]["text"], whole["reports"][0]["name"]) == (None, None)
        assert re.fullmatch(STAMP, whole["reports"][0]["removed_at"])
        items = centre.get(f"/incidents/{ref}/timeline").json()["items"]
        assert next(i for i in items if i["type"] == "REPORT_RECEIVED")["data"]["text"] is None
        assert verify(Incident.objects.get(ref=ref)) is None
