"""The board: who sees which rows, in which order, and what filters and refetches bring."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from esshelpme.access.officer import Officer
from esshelpme.conftest import AT, BANGKOK, CHIANG_MAI, Town
from esshelpme.console import board_query
from esshelpme.console.filters import Filters
from esshelpme.console.tests.conftest import Open, SignIn
from esshelpme.dispatch.actions import perform
from esshelpme.dispatch.alarms import raise_system_alarm
from esshelpme.dispatch.models import Alarm
from esshelpme.platform.ids import show_ref

pytestmark = pytest.mark.django_db


def shown(client: Client, path: str = "/console/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


class TestWhoMay:
    def test_nobody_without_signing_in(self, client: Client) -> None:
        response = client.get("/console/")
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=/console/")

    def test_a_call_taker_sees_incidents_of_the_area(self, sign_in: SignIn, open_incident: Open) -> None:
        near, far = open_incident(point=BANGKOK), open_incident(point=CHIANG_MAI)
        page = shown(sign_in(areas=["10"]))
        assert near.ref in page
        assert far.ref not in page

    def test_an_incident_without_a_place_is_everybodys(self, sign_in: SignIn, open_incident: Open) -> None:
        incident = open_incident(point=None)
        assert incident.ref in shown(sign_in(areas=["50"]))

    def test_a_partner_is_led_to_the_incidents_of_its_agency(
        self, sign_in: SignIn, open_incident: Open, town: Town
    ) -> None:
        here, far = open_incident(point=BANGKOK), open_incident(point=CHIANG_MAI)
        client = sign_in("RESPONDER", agency=town.police_agency)
        assert client.get("/console/")["Location"] == "/console/mine/"
        page = shown(client, "/console/mine/")
        assert show_ref(here.ref) in page
        assert show_ref(far.ref) not in page
        assert client.get("/console/rows").status_code == 403

    @pytest.mark.parametrize("role", ["ANALYST", "OUTREACH_OFFICER"])
    def test_roles_without_the_right_are_refused_in_words(self, sign_in: SignIn, role: str) -> None:
        response = sign_in(role).get("/console/")
        assert response.status_code == 403
        assert "ไม่มีสิทธิ" in response.content.decode()

    def test_rows_of_another_area_cannot_be_fetched_by_reference(
        self, sign_in: SignIn, open_incident: Open
    ) -> None:
        far = open_incident(point=CHIANG_MAI)
        answer = sign_in(areas=["10"]).get("/console/rows", {"refs": far.ref}).json()
        assert answer["rows"] == {far.ref: None}


class TestOrder:
    def test_unanswered_before_answered_then_by_time_over_target(
        self, officer: Officer, open_incident: Open, town: Town
    ) -> None:
        answered = open_incident(at=AT - timedelta(hours=2))
        perform(officer, answered.ref, "accept_for", {"unit": town.police}, at=AT - timedelta(hours=1))
        fresh = open_incident(at=AT - timedelta(seconds=10))
        late = open_incident(at=AT - timedelta(minutes=20))
        # Far below its target although older: what burns is the time over target, not the age.
        calm = open_incident(kind="OTHER", at=AT - timedelta(minutes=1))
        rows = board_query.page(officer, Filters(), at=AT).rows
        assert [row.facts["ref"] for row in rows] == [late.ref, fresh.ref, calm.ref, answered.ref]

    def test_pages_follow_each_other_without_gap_or_overlap(
        self, officer: Officer, open_incident: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(board_query, "PAGE", 2)
        made = {open_incident(at=AT - timedelta(minutes=n)).ref for n in range(5)}
        seen: list[str] = []
        after = ""
        for _ in range(3):
            found = board_query.page(officer, Filters(), at=AT, after=after)
            seen += [row.facts["ref"] for row in found.rows]
            after = found.after
        assert after == ""
        assert len(seen) == 5
        assert set(seen) == made

    @pytest.mark.parametrize("cursor", ["x", "1.2", "9.9.9.9", "1.99999999999999999.1", "-1.2.3"])
    def test_a_cursor_that_is_none_shows_the_first_page(self, officer: Officer, cursor: str) -> None:
        assert board_query.page(officer, Filters(), at=AT, after=cursor).rows == []


class TestWhatRowsShow:
    def test_kind_place_danger_discretion_and_who(self, sign_in: SignIn, open_incident: Open) -> None:
        open_incident(dangers=["WEAPON"])
        page = shown(sign_in())
        for words in ("ข่มขู่หรือทำร้าย", "เขตพระนคร", "มีอาวุธ", "โหมดเงียบ ห้ามโทร", "ตำรวจ", "พม."):
            assert words in page

    def test_never_the_words_or_the_exact_place(self, sign_in: SignIn, open_incident: Open) -> None:
        open_incident(text="ถ้อยคำลับของผู้แจ้ง")
        page = shown(sign_in())
        assert "ถ้อยคำลับ" not in page
        assert "13.76512" not in page

    def test_unread_messages_and_their_being_read_change_the_row(
        self, sign_in: SignIn, open_incident: Open
    ) -> None:
        from esshelpme.incidents.messages import hear

        incident = open_incident()
        assert incident.contact is not None
        hear(incident=incident, contact=incident.contact, type="TEXT", text="ยังอยู่", said_at=AT, at=AT)
        client = sign_in()
        assert "ยังไม่อ่าน 1" in shown(client)
        client.post(f"/console/incidents/{incident.ref}/here", {"seen": "1"})
        from esshelpme.console import board

        board._pages.clear()
        assert "ยังไม่อ่าน" not in shown(client)


class TestFilters:
    def test_they_live_in_the_address(self) -> None:
        given = {"show": "late", "kind": "ASSAULT", "area": "10", "q": "ดุสิต", "exercise": "1"}
        filters = Filters.of(given)
        assert Filters.of(dict(pair.split("=") for pair in filters.query(q="").split("&"))).show == "late"
        assert filters.search == "ดุสิต"

    def test_nonsense_shows_everything(self) -> None:
        assert Filters.of({"show": "x", "kind": "y", "area": "1'--"}) == Filters()

    def test_exercises_stay_out_until_asked_for(self, sign_in: SignIn, open_incident: Open) -> None:
        drill = open_incident(exercise=True)
        client = sign_in()
        assert drill.ref not in shown(client)
        assert drill.ref in shown(client, "/console/?exercise=1")

    def test_by_kind_by_phase_by_reference_and_by_place_name(
        self, sign_in: SignIn, open_incident: Open
    ) -> None:
        one, other = open_incident(kind="ASSAULT"), open_incident(kind="DISTURBED", point=CHIANG_MAI)
        client = sign_in()
        for query, there, gone in (
            ("kind=ASSAULT", one, other),
            ("q=" + show_ref(other.ref), other, one),
            ("q=เชียงใหม่", other, one),
            ("area=10", one, other),
        ):
            page = shown(client, f"/console/?{query}")
            assert there.ref in page, query
            assert gone.ref not in page, query
        assert one.ref not in shown(client, "/console/?show=coming")

    def test_a_typed_reference_leads_to_its_page(self, sign_in: SignIn, open_incident: Open) -> None:
        incident = open_incident()
        response = sign_in().get("/console/find", {"q": show_ref(incident.ref).lower()})
        assert response["Location"] == f"/console/incidents/{show_ref(incident.ref)}/"


class TestToDo:
    def test_calls_and_alarms_stand_there_until_done(self, sign_in: SignIn, open_incident: Open) -> None:
        open_incident(point=CHIANG_MAI)  # the unit there takes work by telephone
        alarm = raise_system_alarm("LINE_QUOTA", detail="300/300", at=AT)
        client = sign_in()
        page = shown(client)
        assert "เปิดบทพูด" in page
        assert "โควตาข้อความ LINE หมด" in page
        assert client.post(f"/console/alarms/{alarm.pk}").status_code == 204
        assert "โควตาข้อความ LINE หมด" not in shown(client)
        assert Alarm.objects.get(pk=alarm.pk).acknowledged_by.startswith("staff:")

    def test_few_queries_however_many_rows(
        self, sign_in: SignIn, open_incident: Open, django_assert_max_num_queries: object
    ) -> None:
        for n in range(12):
            open_incident(at=AT - timedelta(seconds=n))
        client = sign_in()
        with django_assert_max_num_queries(18):  # type: ignore[operator]
            shown(client)
