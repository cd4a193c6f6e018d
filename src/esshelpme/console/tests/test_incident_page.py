"""The incident page: what it shows to whom, that looks are logged, and that acting on it keeps what was typed."""

from __future__ import annotations

import json

import pytest

from esshelpme.access.models import AccessLog
from esshelpme.access.officer import SYSTEM, Officer
from esshelpme.conftest import AT, CHIANG_MAI, Town
from esshelpme.console.tests.conftest import Open, SignIn
from esshelpme.dispatch.actions import ACTIONS, perform
from esshelpme.dispatch.models import CallTask
from esshelpme.incidents.messages import hear
from esshelpme.incidents.models import Incident, Message
from esshelpme.incidents.states import Status
from esshelpme.privacy.content import keep_file

pytestmark = pytest.mark.django_db


def url(incident: Incident, tail: str = "") -> str:
    return f"/console/incidents/{incident.ref}/{tail}"


def accept(incident: Incident, unit: str) -> None:
    """A unit accepts by telephone."""
    perform(SYSTEM, incident.ref, "accept_for", {"unit": unit}, at=AT)


class TestWhoSeesWhat:
    def test_the_centre_sees_words_and_the_exact_place(self, sign_in: SignIn, open_incident: Open) -> None:
        page = sign_in().get(url(open_incident())).content.decode()
        assert "เขาอยู่หน้าประตู" in page
        assert "13.76512" in page

    def test_every_look_is_logged(self, sign_in: SignIn, open_incident: Open) -> None:
        incident = open_incident()
        sign_in().get(url(incident))
        looks = AccessLog.objects.filter(ref=incident.ref).values_list("what", flat=True)
        assert set(looks) == {"INCIDENT", "CHAT"}

    def test_another_area_gets_404_not_403(self, sign_in: SignIn, open_incident: Open) -> None:
        incident = open_incident()
        client = sign_in(areas=["50"])
        for tail in ("", "parts", "dialog/close", "units"):
            assert client.get(url(incident, tail)).status_code == 404
        assert client.post(url(incident, "do/note"), {"text": "x"}).status_code == 404
        assert not AccessLog.objects.filter(ref=incident.ref).exists()

    def test_a_partner_sees_only_what_its_agency_has_accepted(
        self, sign_in: SignIn, open_incident: Open, town: Town
    ) -> None:
        incident = open_incident()
        asked = sign_in("RESPONDER", agency=town.police_agency)
        assert asked.get(url(incident)).status_code == 404  # offered: no place, no words before the accept
        accept(incident, town.police)
        assert asked.get(url(incident)).status_code == 200
        assert sign_in("RESPONDER", agency=town.far_agency).get(url(incident)).status_code == 404

    def test_an_analyst_is_refused(self, sign_in: SignIn, open_incident: Open) -> None:
        assert sign_in("ANALYST").get(url(open_incident())).status_code == 403

    def test_a_number_that_is_unsafe_to_call_is_no_link(self, sign_in: SignIn, open_incident: Open) -> None:
        assert "tel:" not in sign_in().get(url(open_incident())).content.decode()


class TestMedia:
    def _picture(self, incident: Incident, kind: str) -> Message:
        assert incident.contact is not None
        message = hear(
            incident=incident, contact=incident.contact, type="IMAGE", text=None, said_at=AT, at=AT
        )
        message.media = keep_file(
            subject_id=incident.contact.subject_id, data=b"picture", about={"type": kind}, at=AT
        )
        message.save()
        return message

    def test_shown_as_sent_sandboxed_and_logged(self, sign_in: SignIn, open_incident: Open) -> None:
        incident = open_incident()
        message = self._picture(incident, "image/jpeg")
        response = sign_in().get(f"/console/media/{message.pk}")
        assert response.content == b"picture"
        assert response["Content-Type"] == "image/jpeg"
        assert "sandbox" in response["Content-Security-Policy"]
        assert AccessLog.objects.filter(what="MEDIA", ref=f"{incident.ref}/{message.pk}").exists()

    def test_what_could_carry_a_script_is_only_downloaded(self, sign_in: SignIn, open_incident: Open) -> None:
        response = sign_in().get(f"/console/media/{self._picture(open_incident(), 'image/svg+xml').pk}")
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")

    def test_not_for_another_area(self, sign_in: SignIn, open_incident: Open) -> None:
        message = self._picture(open_incident(), "image/jpeg")
        assert sign_in(areas=["50"]).get(f"/console/media/{message.pk}").status_code == 404


class TestActing:
    @pytest.mark.parametrize("action", sorted(ACTIONS))
    def test_every_action_has_a_dialog(self, sign_in: SignIn, open_incident: Open, action: str) -> None:
        response = sign_in("SUPERVISOR").get(url(open_incident(), f"dialog/{action}"))
        assert response.status_code == 200
        assert 'id="dialog-title"' in response.content.decode()

    def test_done_says_so_and_the_page_fetches_its_parts(self, sign_in: SignIn, open_incident: Open) -> None:
        incident = open_incident()
        response = sign_in().post(url(incident, "do/note"), {"text": "โทรหาป้าข้างบ้านแล้ว"})
        assert response.status_code == 204
        assert json.loads(response["HX-Trigger"])["ess:done"]["action"] == "note"
        assert "โทรหาป้าข้างบ้านแล้ว" in sign_in().get(url(incident, "parts")).content.decode()

    def test_a_stale_page_is_told_what_changed_and_keeps_what_was_typed(
        self, sign_in: SignIn, open_incident: Open, officer: Officer
    ) -> None:
        incident = open_incident()
        seen = incident.timeline_length
        perform(officer, incident.ref, "close", {"disposition": "HELPED"}, at=AT)
        response = sign_in().post(
            url(incident, "do/close"), {"disposition": "PRANK", "note": "ถ้อยคำที่พิมพ์ไว้", "seen": seen}
        )
        assert response.status_code == 409
        page = response.content.decode()
        assert "เรื่องนี้จบไปแล้ว" in page
        assert "ถ้อยคำที่พิมพ์ไว้" in page
        assert "ปิดเหตุ" in page  # the step that came in between
        incident.refresh_from_db()
        assert incident.disposition == "HELPED"

    def test_a_bad_field_is_named_and_nothing_is_lost(self, sign_in: SignIn, open_incident: Open) -> None:
        response = sign_in().post(
            url(open_incident(), "do/set_place"), {"lat": "99", "lng": "100", "address": "ข้างวัด"}
        )
        assert response.status_code == 422
        page = response.content.decode()
        assert "ละติจูด" in page or "ตำแหน่ง" in page
        assert "ข้างวัด" in page

    def test_a_role_without_the_right_is_refused(
        self, sign_in: SignIn, open_incident: Open, town: Town
    ) -> None:
        incident = open_incident()
        accept(incident, town.police)
        client = sign_in("RESPONDER", agency=town.police_agency)
        assert client.post(url(incident, "do/close"), {"disposition": "PRANK"}).status_code == 403
        incident.refresh_from_db()
        assert incident.is_open

    def test_the_call_is_recorded_with_who_answered(self, sign_in: SignIn, open_incident: Open) -> None:
        incident = open_incident(point=CHIANG_MAI)
        task = CallTask.objects.get(incident=incident, need__agency_type="POLICE", status="OPEN")
        client = sign_in()
        dialog = client.get(url(incident, f"dialog/call_done?task={task.pk}")).content.decode()
        for words in ("ข่มขู่หรือทำร้าย", "18.79038, 98.98468", "ห้ามโทรหาผู้แจ้ง"):
            assert words in dialog
        fields = {
            "task": task.pk,
            "outcome": "ACCEPTED",
            "answered_by": "ร.ต.อ. สมมติ",
            "external_ref": "1/67",
        }
        assert client.post(url(incident, "do/call_done"), fields).status_code == 204
        incident.refresh_from_db()
        assert incident.status == Status.ACCEPTED

    def test_duplicates_near_in_place_and_time_are_proposed(
        self, sign_in: SignIn, open_incident: Open
    ) -> None:
        one, same, far = open_incident(), open_incident(), open_incident(point=CHIANG_MAI)
        dialog = sign_in().get(url(one, "dialog/merge")).content.decode()
        assert same.ref in dialog
        assert far.ref not in dialog

    def test_units_are_listed_nearest_first(self, sign_in: SignIn, open_incident: Open, town: Town) -> None:
        listed = sign_in().get(url(open_incident(), "units")).content.decode()
        assert listed.index(town.police) < listed.index(town.far_police)


class TestTogether:
    def test_two_people_on_one_page_see_each_other(self, sign_in: SignIn, open_incident: Open) -> None:
        incident = open_incident()
        one, other = sign_in(), sign_in("SUPERVISOR")
        assert one.post(url(incident, "here")).content.decode().strip() == ""
        assert "call_taker" in other.post(url(incident, "here"), {"writing": "1"}).content.decode()
        assert "กำลังพิมพ์" in one.post(url(incident, "here")).content.decode()
        other.post(url(incident, "here"), {"gone": "1"})
        assert one.post(url(incident, "here")).content.decode().strip() == ""

    def test_the_language_follows_the_person(self, sign_in: SignIn, open_incident: Open) -> None:
        incident, client = open_incident(), sign_in()
        client.post("/console/language", {"language": "en", "next": "https://elsewhere.example/"})
        page = client.get(url(incident)).content.decode()
        assert '<html lang="en"' in page
        assert "Who is coming" in page
