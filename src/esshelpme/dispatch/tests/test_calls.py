"""Telephone hand-overs fill the need they were for; what has ended is not dispatched again by a late action."""

from __future__ import annotations

from typing import Any

import pytest

from esshelpme.dispatch.models import Alarm, Assignment, CallTask, Need
from esshelpme.incidents.states import NotAllowed
from esshelpme.intake.tests.stage import HOME, Stage

pytestmark = pytest.mark.django_db
GIRL = "U-girl"


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def report(stage: Stage, kind: str) -> None:
    stage.press(GIRL, f"a=kind&v={kind}")
    stage.pin(GIRL)
    stage.told()


def open_call(agency_type: str) -> CallTask:
    return CallTask.objects.get(need__agency_type=agency_type, status="OPEN")


def test_a_call_fills_the_need_it_was_for_and_leaves_the_leading_one_open(stage: Stage) -> None:
    report(stage, "ASSAULT")  # nobody is able: a call for POLICE, which leads, and one for SOCIAL
    stage.staff(stage.incident, "call_done", task=open_call("SOCIAL").pk, outcome="ACCEPTED")
    assert dict(Need.objects.values_list("agency_type", "status")) == {
        "POLICE": "OPEN",
        "SOCIAL": "HANDED_OVER",
    }
    assert stage.incident.status == "DISPATCHING"
    assert open_call("POLICE").phone == "191"


def test_after_a_units_own_phone_comes_the_first_number(stage: Stage) -> None:
    stage.unit("TEL", "POLICE", contact="PHONE", members=0, duty_phone="+6620000111")
    report(stage, "GATHERING")
    task = open_call("POLICE")
    assert task.phone == "+6620000111"
    stage.staff(stage.incident, "call_done", task=task.pk, outcome="NO_ANSWER")
    assert open_call("POLICE").phone == "191"


def test_units_by_telephone_are_called_one_after_the_other_the_nearest_first(stage: Stage) -> None:
    for number, distance in enumerate((0.02, 0.01, 0.03)):
        point = (HOME[0] + distance, HOME[1])
        stage.unit(
            f"T{number}", "POLICE", at=point, contact="PHONE", members=0, duty_phone=f"+662000000{number}"
        )
    report(stage, "GATHERING")
    called = []
    for outcome in ("NO_ANSWER", "REFUSED", "NO_ANSWER"):
        task = open_call("POLICE")
        called.append(task.phone)
        stage.staff(stage.incident, "call_done", task=task.pk, outcome=outcome)
    assert called == ["+6620000001", "+6620000000", "+6620000002"]
    assert open_call("POLICE").phone == "191"
    assert dict(Assignment.objects.values_list("unit__code", "status")) == {
        "T1": "EXPIRED",
        "T0": "DECLINED",
        "T2": "EXPIRED",
    }


def test_a_hand_over_that_fills_no_need_leaves_the_other_calls(stage: Stage) -> None:
    stage.unit("POL", "POLICE")
    stage.say(GIRL, "กลุ่มวัยรุ่นยกพวกตีกัน เขตบางรัก กรุงเทพ ช่วยด้วย")
    assert CallTask.objects.filter(reason="ASK_PLACE", status="OPEN").exists()
    stage.staff(stage.incident, "handover", to="1669", outcome="NO_ANSWER")
    assert CallTask.objects.filter(reason="ASK_PLACE", status="OPEN").count() == 1
    assert not CallTask.objects.filter(reason__startswith="AFTER_").exists()


@pytest.mark.parametrize("tap", ["enroute", "onscene", "resolve"])
def test_a_unit_that_taps_after_staff_resolved_it_is_told_so(stage: Stage, tap: str) -> None:
    stage.unit("POL", "POLICE")
    report(stage, "GATHERING")
    offer = Assignment.objects.get()
    stage.press("U-POL-A", f"a=accept&o={offer.code}")
    stage.staff(stage.incident, "resolve")
    stage.told()
    stage.press("U-POL-A", f"a={tap}&o={offer.code}")
    assert stage.heard_by() == {"U-POL-A": ["offer.late_over"]}
    assert stage.incident.status == "RESOLVED"


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("backup", {"need": "POLICE"}),
        ("set_kind", {"kind": "ASSAULT"}),
        ("set_priority", {"priority": 1, "note": "x"}),
        ("call", {}),
    ],
)
def test_what_has_ended_is_not_dispatched_again(stage: Stage, action: str, fields: dict[str, Any]) -> None:
    stage.unit("POL", "POLICE")
    report(stage, "GATHERING")
    stage.staff(stage.incident, "close", disposition="PRANK")
    length = stage.incident.timeline_length
    stage.told()
    with pytest.raises(NotAllowed) as refused:
        stage.staff(stage.incident, action, **fields)
    assert refused.value.code == "ENDED"
    assert stage.incident.timeline_length == length
    assert stage.told() == []
    assert not CallTask.objects.filter(status="OPEN").exists()
    assert not Alarm.objects.filter(acknowledged_at__isnull=True).exists()


def test_when_the_holder_is_withdrawn_the_call_and_the_honest_word_come_anew(stage: Stage) -> None:
    stage.unit("POL", "POLICE")
    report(stage, "GATHERING")
    stage.press("U-POL-A", f"a=accept&o={Assignment.objects.get().code}")
    stage.later(minutes=10)
    for number in range(9):
        stage.unit(f"P{number}", "POLICE")
    stage.staff(stage.incident, "withdraw", unit="POL")
    stage.told()
    stage.later(seconds=65)
    assert CallTask.objects.filter(need__agency_type="POLICE", reason="NOT_ACCEPTED", status="OPEN").exists()
    stage.later(seconds=60)
    assert stage.heard_by()[GIRL] == ["loud.waiting"]


def test_a_unit_that_nobody_can_reach_does_not_hide_one_farther_away(stage: Stage) -> None:
    near = stage.unit("NEAR", "POLICE", members=0)
    near.agency.duty_phone = ""
    near.agency.save()
    stage.unit("FAR", "POLICE", at=(14.9, 100.5), radius_km=5)
    report(stage, "GATHERING")
    assert list(Assignment.objects.values_list("unit__code", flat=True)) == ["FAR"]


def test_an_exercise_says_so_on_officers_phones() -> None:
    stage = Stage()
    stage.unit("POL", "POLICE")
    stage.press(GIRL, "a=kind&v=GATHERING")
    incident = stage.incident
    incident.exercise = True
    incident.save()
    stage.pin(GIRL)
    (offer,) = stage.told("U-POL-A")
    assert "การฝึกซ้อม" in offer.text
    stage.press("U-POL-A", offer.data("accept"))
    assert "การฝึกซ้อม" in stage.told("U-POL-A")[-2].text
