"""Transfers: who took it, under which reference of theirs; ended without a name, they are shown until completed."""

from __future__ import annotations

import pytest

from esshelpme.access.officer import SYSTEM, Officer
from esshelpme.conftest import AT
from esshelpme.console.tests.conftest import Open, SignIn
from esshelpme.dispatch.actions import perform
from esshelpme.incidents.models import Incident, TimelineEvent
from esshelpme.incidents.timeline import verify
from esshelpme.incidents.transfers import count_unwritten, transfers

pytestmark = pytest.mark.django_db
PAGE = "/console/transfers/"


def hand_over(incident: Incident, **fields: str) -> None:
    given = {"to": "191", "outcome": "ACCEPTED", "external_ref": "ส-17", **fields}
    perform(SYSTEM, incident.ref, "handover", given, at=AT)


def close(incident: Incident) -> None:
    perform(SYSTEM, incident.ref, "close", {"disposition": "REFERRED"}, at=AT)


def test_it_is_listed_with_name_and_reference(sign_in: SignIn, open_incident: Open, officer: Officer) -> None:
    incident = open_incident()
    hand_over(incident, answered_by="ร.ต.อ. สมมติ")
    close(incident)
    row = transfers(officer)[0][0]
    assert (row.other, row.external_ref, row.name, row.unwritten) == ("191", "ส-17", "ร.ต.อ. สมมติ", False)
    html = sign_in().get(PAGE).content.decode()
    assert "ร.ต.อ. สมมติ" in html
    assert "ส-17" in html


def test_ended_without_a_name_it_is_flagged_until_the_name_is_written(
    sign_in: SignIn, open_incident: Open, officer: Officer
) -> None:
    incident = open_incident()
    hand_over(incident, note="รับแล้ว")
    assert count_unwritten(officer) == 0  # still open: there is time
    close(incident)
    assert count_unwritten(officer) == 1
    event = TimelineEvent.objects.get(type="HANDED_OVER")
    client = sign_in()
    assert f"/console/transfers/{event.pk}/name" in client.get(f"{PAGE}?unwritten=1").content.decode()
    client.post(f"{PAGE}{event.pk}/name", {"name": " "})
    assert count_unwritten(officer) == 1
    for _ in range(2):  # twice is once
        client.post(f"{PAGE}{event.pk}/name", {"name": "ดาบสมมติ", "external_ref": "ก-9"})
    assert count_unwritten(officer) == 0
    assert TimelineEvent.objects.filter(type="TRANSFER_NAMED").count() == 1
    row = transfers(officer)[0][0]
    assert (row.name, row.external_ref, row.unwritten) == ("ดาบสมมติ", "ก-9", False)
    incident.refresh_from_db()
    assert verify(incident) is None


def test_nobody_answered_needs_no_name(open_incident: Open, officer: Officer) -> None:
    incident = open_incident()
    hand_over(incident, outcome="NO_ANSWER")
    close(incident)
    assert count_unwritten(officer) == 0


def test_one_that_came_in_is_written_down_once(
    sign_in: SignIn, open_incident: Open, officer: Officer
) -> None:
    incident = open_incident()
    client = sign_in()
    fields = {"ref": str(incident), "from": "1669", "name": "พยาบาลสมมติ", "external_ref": "E-1"}
    for _ in range(2):
        client.post(f"{PAGE}in", fields)
    [row] = transfers(officer)[0]
    assert (row.incoming, row.other, row.name) == (True, "1669", "พยาบาลสมมติ")
    page = client.get(f"/console/incidents/{incident}/").content.decode()
    assert "1669 E-1" in page
    incident.refresh_from_db()
    assert verify(incident) is None


def test_hostile_and_missing_fields_write_nothing(sign_in: SignIn, open_incident: Open) -> None:
    incident = open_incident()
    client = sign_in()
    for fields in (
        {"ref": "ZZZZ-ZZZZ", "from": "191", "name": "x"},
        {"ref": "'; DROP", "from": "191", "name": "x"},
        {"ref": incident.ref, "from": "", "name": "x"},
        {"ref": incident.ref, "from": "191", "name": "\x00"},
    ):
        assert client.post(f"{PAGE}in", fields).status_code == 302
    assert not TimelineEvent.objects.filter(type="TRANSFER_RECEIVED").exists()
    assert client.post(f"{PAGE}999999999/name", {"name": "x"}).status_code == 404
    client.post(f"{PAGE}in", {"ref": incident.ref, "from": "<b>x</b>", "name": "<i>y</i>"})
    html = client.get(f"{PAGE}?other=%3Cb%3E&before=9999999999999999999999").content.decode()
    assert "<b>x</b>" not in html


def test_another_area_sees_and_writes_nothing(sign_in: SignIn, open_incident: Open) -> None:
    incident = open_incident()
    hand_over(incident)
    close(incident)
    event = TimelineEvent.objects.get(type="HANDED_OVER")
    far = sign_in(areas=["50"])
    assert str(incident) not in far.get(PAGE).content.decode()
    assert far.post(f"{PAGE}{event.pk}/name", {"name": "x"}).status_code == 404
    far.post(f"{PAGE}in", {"ref": incident.ref, "from": "191", "name": "x"})
    assert not TimelineEvent.objects.filter(type__in=["TRANSFER_NAMED", "TRANSFER_RECEIVED"]).exists()
