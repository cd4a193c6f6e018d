"""POST /incidents/REF/actions: the console's actions, by the same rules."""

from __future__ import annotations

from typing import Any

import pytest

from esshelpme.api.tests.conftest import Caller, errors_of
from esshelpme.conftest import Cast, Town
from esshelpme.incidents.models import Incident
from esshelpme.incidents.timeline import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def ref(centre: Caller) -> str:
    return str(centre.report()["ref"])


def done(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.content
    return dict(response.json())


def test_the_whole_way(centre: Caller, ref: str, town: Town) -> None:
    accepted = done(centre.act(ref, "accept_for", unit=town.police, external_ref="ศ.1/69"))
    assert accepted["status"] == "ACCEPTED"
    ours = next(a for a in accepted["assignments"] if a["unit"] == town.police)
    assert (ours["status"], ours["via"], ours["external_ref"]) == ("ACCEPTED", "PHONE", "ศ.1/69")
    assert done(centre.act(ref, "status_for", unit=town.police, status="EN_ROUTE"))["status"] == "EN_ROUTE"
    assert done(centre.act(ref, "status_for", unit=town.police, status="ON_SCENE"))["status"] == "ON_SCENE"
    assert done(centre.act(ref, "resolve", note="สงบแล้ว"))["status"] == "RESOLVED"
    closed = done(centre.act(ref, "close", disposition="HELPED", safe_to_contact=True))
    assert (closed["status"], closed["disposition"]) == ("CLOSED", "HELPED")
    assert not [a for a in closed["assignments"] if a["status"] == "OFFERED"]
    assert done(centre.act(ref, "reopen", note="กลับมาอีก"))["status"] in ("DISPATCHING", "ACCEPTED")
    assert verify(Incident.objects.get(ref=ref)) is None


@pytest.mark.parametrize(
    ("action", "fields", "check"),
    [
        ("set_kind", {"kind": "GATHERING"}, {"kind": "GATHERING"}),
        ("set_priority", {"priority": 5, "note": "ซ้อมความเข้าใจ"}, {"priority": 5}),
        ("quiet", {"on": True}, {"discreet": True}),
        ("cancel", {"note": "แจ้งผิด"}, {"status": "CANCELLED"}),
        ("note", {"text": "x", "colour": "blue"}, {"status": "DISPATCHING"}),
        (
            "handover",
            {"to": "191", "via": "PHONE", "outcome": "ACCEPTED", "external_ref": "7"},
            {"status": "ACCEPTED"},
        ),
    ],
)
def test_each_changes_what_it_says(
    centre: Caller, ref: str, action: str, fields: dict[str, Any], check: dict[str, Any]
) -> None:
    after = done(centre.act(ref, action, **fields))
    assert {name: after[name] for name in check} == check
    assert verify(Incident.objects.get(ref=ref)) is None


def test_a_place_set_by_staff(centre: Caller, ref: str) -> None:
    after = done(centre.act(ref, "set_place", location={"lat": 13.7, "lng": 100.6, "accuracy_m": 30}))
    assert (after["location"]["source"], after["location"]["lat"]) == ("STAFF", 13.7)


def test_assign_and_withdraw(centre: Caller, ref: str, town: Town) -> None:
    after = done(centre.act(ref, "assign", unit=town.far_police))
    assert next(a for a in after["assignments"] if a["unit"] == town.far_police)["status"] == "OFFERED"
    assert centre.act(ref, "assign", unit=town.far_police).status_code == 409
    after = done(centre.act(ref, "withdraw", unit=town.far_police))
    assert next(a for a in after["assignments"] if a["unit"] == town.far_police)["status"] == "WITHDRAWN"


def test_merge_moves_the_reports(centre: Caller, ref: str) -> None:
    other = centre.report(text="เห็นเหตุเดียวกัน")["ref"]
    merged = done(centre.act(other, "merge", into=ref))
    assert (merged["status"], merged["disposition"], merged["merged_into"]) == ("CLOSED", "DUPLICATE", ref)
    assert len(centre.get(f"/incidents/{ref}").json()["reports"]) == 2


@pytest.mark.parametrize(
    ("action", "fields", "path"),
    [
        ("explode", {}, "action"),
        ("close", {}, "disposition"),
        ("close", {"disposition": "GONE"}, "disposition"),
        ("reopen", {"note": " "}, "note"),
        ("assign", {"unit": "NO-SUCH"}, "unit"),
        ("accept_for", {"unit": "NO-SUCH"}, "unit"),
        ("status_for", {"unit": "BKK-POL-01", "status": "ACCEPTED"}, "status"),
        ("handover", {"to": "191", "outcome": "PERHAPS"}, "outcome"),
        ("set_kind", {"kind": "THEFT"}, "kind"),
        ("set_place", {"location": {"lat": 95, "lng": 0}}, "location.lat"),
        ("set_priority", {"priority": 0, "note": "x"}, "priority"),
        ("quiet", {}, "on"),
        ("note", {"text": ""}, "text"),
        ("merge", {"into": "ZZZZZZZZ"}, "into"),
        ("acknowledge", {"seq": 0}, "seq"),
    ],
)
def test_unknown_actions_and_wrong_fields_are_422(
    centre: Caller, ref: str, action: str, fields: dict[str, Any], path: str
) -> None:
    assert list(errors_of(centre.act(ref, action, **fields))) == [path]


def test_a_body_without_an_action_is_422(centre: Caller, ref: str) -> None:
    assert list(errors_of(centre.post(f"/incidents/{ref}/actions", {}))) == ["action"]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("reopen", {"note": "x"}),
        ("confirm_cancel", {}),
        ("refuse_cancel", {}),
        ("quiet", {"on": False}),
        ("set_kind", {"kind": "ASSAULT"}),
        ("status_for", {"unit": "CNX-POL-01", "status": "EN_ROUTE"}),
        ("withdraw", {"unit": "CNX-POL-01"}),
        ("acknowledge", {"seq": 1}),
    ],
)
def test_not_in_this_state_is_409(centre: Caller, ref: str, action: str, fields: dict[str, Any]) -> None:
    response = centre.act(ref, action, **fields)
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("close", {"disposition": "HELPED"}),
        ("cancel", {}),
        ("resolve", {}),
        ("assign", {"unit": "BKK-POL-01"}),
    ],
)
def test_done_already_is_409(centre: Caller, ref: str, action: str, fields: dict[str, Any]) -> None:
    done(centre.act(ref, "close", disposition="PRANK"))
    assert centre.act(ref, action, **fields).status_code == 409


def test_who_may(centre: Caller, cast: Cast, ref: str) -> None:
    def note(secret: str | None) -> int:
        return int(centre.as_(secret).act(ref, "note", text="x").status_code)

    assert note(cast.call_taker) == 200
    assert note(cast.far_call_taker) == 404
    assert note(cast.responder) == 403
    assert note(cast.analyst) == 403
    assert note(cast.stranger) == 401
    assert note(None) == 401
