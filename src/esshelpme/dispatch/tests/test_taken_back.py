"""Units taken back, incidents taken up again, places that come late: help is sought again, and people are told."""

from __future__ import annotations

import pytest

from esshelpme.dispatch.models import Alarm, Assignment, CallTask
from esshelpme.intake.tests.stage import HOME, Stage

pytestmark = pytest.mark.django_db
GIRL = "U-girl"


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def told(stage: Stage) -> list[str]:
    return [told.what for told in stage.told(GIRL)]


def test_when_the_only_unit_is_taken_back_the_reporter_hears_the_truth_again(stage: Stage) -> None:
    stage.unit("P0", "POLICE")
    stage.unit("P1", "POLICE", at=(HOME[0] + 0.01, HOME[1]))
    stage.press(GIRL, "a=kind&v=GATHERING")
    stage.pin(GIRL)
    offer = Assignment.objects.get(unit__code="P0")
    stage.press("U-P0-A", f"a=accept&o={offer.code}")
    stage.later(minutes=10)
    stage.told()
    stage.staff(stage.incident, "withdraw", unit="P0")
    stage.later(minutes=8)
    assert told(stage) == ["loud.waiting", "loud.waiting"]
    assert Alarm.objects.filter(reason="NOBODY_ACCEPTED", acknowledged_at__isnull=True).exists()


def test_a_place_that_comes_after_staff_asked_a_unit_begins_the_dispatch(stage: Stage) -> None:
    stage.unit("P0", "POLICE")
    stage.unit("P1", "POLICE", at=(HOME[0] + 0.01, HOME[1]))
    stage.press(GIRL, "a=kind&v=GATHERING")
    stage.staff(stage.incident, "assign", unit="P0")
    stage.later(seconds=70)
    stage.pin(GIRL)
    assert Assignment.objects.get(unit__code="P1").status == "OFFERED"
    stage.told()
    stage.later(seconds=125)
    assert "loud.waiting" in told(stage)


def test_without_a_place_the_centre_is_asked_again_and_again(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    incident = stage.incident
    for _ in range(3):
        stage.later(seconds=305)
        (alarm,) = Alarm.objects.filter(incident=incident, reason="NO_PLACE", acknowledged_at__isnull=True)
        (task,) = CallTask.objects.filter(incident=incident, reason="ASK_PLACE", status="OPEN")
        stage.staff(incident, "acknowledge", seq=alarm.seq)
        stage.staff(incident, "call_done", task=task.pk, outcome="ACCEPTED")


def test_reopened_without_a_place_the_centre_is_asked_for_it(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.staff(stage.incident, "close", disposition="UNREACHABLE")
    stage.staff(stage.incident, "reopen", note="เธอเขียนมาอีก")
    stage.later(seconds=65)
    assert Alarm.objects.filter(reason="NO_PLACE", acknowledged_at__isnull=True).exists()


def test_reopened_who_was_asked_before_is_asked_again_but_not_who_was_taken_off(stage: Stage) -> None:
    stage.unit("P0", "POLICE")
    stage.unit("P1", "POLICE", at=(HOME[0] + 0.01, HOME[1]))
    stage.press(GIRL, "a=kind&v=GATHERING")
    stage.pin(GIRL)
    offer = Assignment.objects.get(unit__code="P1")
    stage.press("U-P1-A", f"a=accept&o={offer.code}")
    stage.staff(stage.incident, "withdraw", unit="P1")  # the offender's own station, perhaps
    stage.staff(stage.incident, "close", disposition="HELPED")
    stage.later(minutes=1)
    stage.staff(stage.incident, "reopen", note="ยังไม่จบ")
    offered = Assignment.objects.filter(status="OFFERED").values_list("unit__code", flat=True)
    assert list(offered) == ["P0"]


def test_reopened_with_a_unit_still_on_it_the_status_follows_it(stage: Stage) -> None:
    stage.unit("P0", "POLICE")
    stage.press(GIRL, "a=kind&v=GATHERING")
    stage.pin(GIRL)
    offer = Assignment.objects.get(unit__code="P0")
    stage.press("U-P0-A", f"a=accept&o={offer.code}")
    stage.press("U-P0-A", f"a=enroute&o={offer.code}")
    stage.staff(stage.incident, "resolve")
    stage.staff(stage.incident, "reopen", note="ยังไม่จบ")
    assert stage.incident.status == "EN_ROUTE"


def test_a_place_corrected_from_abroad_is_dispatched_however_near(stage: Stage) -> None:
    stage.unit("P0", "POLICE", at=(17.87, 102.74))
    stage.press(GIRL, "a=kind&v=GATHERING")
    stage.pin(GIRL, 17.9757, 102.6331)
    assert stage.incident.place_flag == "ABROAD"
    assert not Assignment.objects.exists()
    stage.staff(stage.incident, "set_place", location={"lat": 17.8783, "lng": 102.7420})
    assert Assignment.objects.get().status == "OFFERED"


def test_a_pin_after_staff_asked_a_unit_by_telephone_asks_the_others(stage: Stage) -> None:
    stage.unit("P0", "POLICE", contact="PHONE")
    stage.unit("P1", "POLICE", at=(HOME[0] + 0.01, HOME[1]))
    stage.press(GIRL, "a=kind&v=GATHERING")
    stage.staff(stage.incident, "assign", unit="P0")
    stage.pin(GIRL)
    assert list(Assignment.objects.order_by("pk").values_list("unit__code", flat=True)) == ["P0", "P1"]


@pytest.mark.parametrize(
    ("taps", "alarmed"),
    [(["resolve"], True), (["enroute", "resolve"], True), (["onscene", "resolve"], False)],
)
def test_one_tap_that_ends_it_before_anybody_was_there_is_looked_at(
    stage: Stage, taps: list[str], alarmed: bool
) -> None:
    stage.unit("P0", "POLICE")
    stage.press(GIRL, "a=kind&v=GATHERING")
    stage.pin(GIRL)
    offer = Assignment.objects.get(unit__code="P0")
    for tap in ["accept", *taps]:
        stage.press("U-P0-A", f"a={tap}&o={offer.code}")
    assert stage.incident.status == "RESOLVED"
    assert Alarm.objects.filter(reason="RESOLVED_UNSEEN", acknowledged_at__isnull=True).exists() == alarmed


def test_a_helper_cannot_end_the_search_for_the_leading_service_unseen(stage: Stage) -> None:
    stage.unit("SOC", "SOCIAL")
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    offer = Assignment.objects.get(unit__code="SOC")
    for tap in ("accept", "onscene", "resolve"):
        stage.press("U-SOC-A", f"a={tap}&o={offer.code}")
    assert Alarm.objects.filter(reason="RESOLVED_UNSEEN").exists()
