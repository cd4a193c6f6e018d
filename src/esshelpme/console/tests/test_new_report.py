"""A report by telephone: opened and dispatched at once, once however often it is sent, duplicates proposed."""

from __future__ import annotations

import pytest
from django.test import Client

from esshelpme.conftest import Town
from esshelpme.console.tests.conftest import Open, SignIn
from esshelpme.incidents.models import Incident, Report
from esshelpme.incidents.place import place_of
from esshelpme.incidents.states import Status
from esshelpme.platform.clock import now

pytestmark = pytest.mark.django_db


def fields(**more: str) -> dict[str, str]:
    return {"nonce": "nonce-1", "kind": "ASSAULT", "place_key": "100101", "text": "ถือมีดอยู่หน้าบ้าน", **more}


def enter(client: Client, **more: str) -> Incident:
    response = client.post("/console/new/", fields(**more))
    assert response.status_code == 302, response.content.decode()
    return Incident.objects.get(ref=response["Location"].rstrip("/").rsplit("/", 1)[-1].replace("-", ""))


def test_it_opens_and_help_moves(sign_in: SignIn, town: Town) -> None:
    incident = enter(sign_in(), phone="081-000 0000", safe_to_call="1", witness="1")
    assert incident.status == Status.DISPATCHING
    assert incident.channel == "PHONE"
    assert incident.safe_to_call
    assert incident.witness
    assert "WEAPON" in incident.dangers  # from the words, without a tick
    assert incident.assignments.exists()


def test_a_place_that_was_typed_but_not_chosen_is_read_from_its_words(sign_in: SignIn, town: Town) -> None:
    incident = enter(sign_in(), place_key="", place="เขตดุสิต กรุงเทพ")
    assert incident.district == "1002"


def test_coordinates_are_kept_as_they_were_given(sign_in: SignIn, town: Town) -> None:
    incident = enter(sign_in(), place_key="", lat="13.765120", lng="100.498640")
    place = place_of(incident)
    assert place is not None
    assert (place.lat, place.lng) == (13.76512, 100.49864)


def test_the_same_form_sent_twice_is_one_report(sign_in: SignIn, town: Town) -> None:
    client = sign_in()
    assert enter(client).pk == enter(client).pk
    assert Report.objects.count() == 1


def test_without_a_number_it_is_never_safe_to_call(sign_in: SignIn, town: Town) -> None:
    assert not enter(sign_in(), safe_to_call="1").safe_to_call


def test_the_same_number_again_is_a_linked_incident_and_said_while_typing(
    sign_in: SignIn, town: Town
) -> None:
    client = sign_in()
    first = enter(client, phone="0810000000")
    hints = client.post("/console/new/hints", fields(phone="081 000 0000")).content.decode()
    assert first.ref in hints
    second = enter(client, nonce="nonce-2", phone="0810000000")
    assert second.linked_to_id == first.pk


def test_it_may_join_an_incident_that_is_open(sign_in: SignIn, open_incident: Open) -> None:
    standing = open_incident(at=now())
    client = sign_in()
    hints = client.post("/console/new/hints", fields()).content.decode()
    assert standing.ref in hints
    assert enter(client, join=standing.ref).pk == standing.pk
    assert standing.reports.count() == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": ""}, "เลือกประเภทเหตุ"),
        ({"phone": "<script>"}, "เบอร์โทรศัพท์"),
        ({"place_key": "", "place": "qqqqqqqq"}, "ไม่พบที่นี้"),
        ({"place_key": "", "lat": "400", "lng": "0"}, "ไม่พบที่นี้"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    sign_in: SignIn, town: Town, more: dict[str, str], words: str
) -> None:
    response = sign_in().post("/console/new/", fields(**more))
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert "ถือมีดอยู่หน้าบ้าน" in page
    assert not Incident.objects.exists()


@pytest.mark.parametrize("role", ["RESPONDER", "CASE_WORKER", "ANALYST"])
def test_others_may_not(sign_in: SignIn, town: Town, role: str) -> None:
    assert sign_in(role).get("/console/new/").status_code == 403


def test_places_are_found_by_their_beginning(sign_in: SignIn) -> None:
    listed = sign_in().post("/console/places", {"place": "เชียงใ"}).content.decode()
    assert 'data-key="50"' in listed
