"""Somebody else holds the phone, or knows an old button: help goes on, and nothing tells on the person."""

from __future__ import annotations

import pytest

from esshelpme.directory.models import Member
from esshelpme.dispatch.models import Alarm, Assignment, CallTask
from esshelpme.incidents.models import Incident, Report
from esshelpme.intake.tests.stage import HOME, Stage

pytestmark = pytest.mark.django_db
GIRL, NEIGHBOUR = "U-girl", "U-neighbour"
VIENTIANE = (17.9757, 102.6331)


@pytest.fixture
def stage(db: None) -> Stage:
    stage = Stage()
    for number in range(5):
        stage.unit(f"POL{number}", "POLICE", at=(HOME[0] + 0.01 * number, HOME[1]))
    stage.unit("SOC", "SOCIAL")
    return stage


def offer_of(unit: str) -> Assignment:
    return Assignment.objects.filter(unit__code=unit).order_by("-pk")[0]


@pytest.mark.parametrize("kind", ["GATHERING", "OTHER"])
def test_another_kind_first_and_then_cancel_does_not_end_it(stage: Stage, kind: str) -> None:
    stage.pin(GIRL)  # nothing but where she is: UNKNOWN, discreet
    stage.press(GIRL, f"a=kind&v={kind}")
    stage.press(GIRL, f"a=cancel&i={stage.incident.ref}")
    assert (stage.incident.kind, stage.incident.status) == (kind, "DISPATCHING")
    assert Alarm.objects.filter(reason="CANCEL_REQUESTED").count() == 1


def test_before_there_is_a_place_another_kind_does_not_open_the_way_to_cancel(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=CONFINEMENT")
    stage.press(GIRL, "a=kind&v=GATHERING")
    stage.press(GIRL, f"a=cancel&i={stage.incident.ref}")
    assert stage.incident.status == "NEW"


def test_what_staff_called_a_gathering_may_be_cancelled(stage: Stage) -> None:
    stage.pin(GIRL)
    stage.staff(stage.incident, "set_kind", kind="GATHERING")
    stage.press(GIRL, f"a=cancel&i={stage.incident.ref}")
    assert stage.incident.status == "CANCELLED"


def test_one_of_two_reporters_neither_cancels_nor_makes_it_loud_for_the_other(stage: Stage) -> None:
    stage.press(NEIGHBOUR, "a=kind&v=GATHERING")
    stage.pin(NEIGHBOUR)
    hers = stage.incident
    stage.pin(GIRL)
    girl = stage.incident
    stage.staff(girl, "merge", into=hers.ref)
    hers.refresh_from_db()
    assert hers.discreet
    stage.press(NEIGHBOUR, f"a=loud&i={hers.ref}")
    stage.press(NEIGHBOUR, f"a=cancel&i={hers.ref}")
    hers.refresh_from_db()
    assert hers.discreet
    assert hers.status == "DISPATCHING"
    assert "CANCEL_REQUESTED" in stage.types(hers)


def test_a_pin_put_abroad_does_not_stop_offers(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    stage.press("U-SOC-A", f"a=accept&o={offer_of('SOC').code}")
    stage.told()
    stage.pin(GIRL, *VIENTIANE)
    incident = stage.incident
    assert incident.place_flag == ""
    assert Alarm.objects.filter(incident=incident, reason="PLACE_ABROAD").count() == 1
    assert CallTask.objects.filter(incident=incident, reason="ABROAD", status="OPEN").count() == 1
    assert "17.97570,102.63310" in stage.told("U-SOC-A")[0].text  # who is on the way hears of it
    stage.later(seconds=65)
    assert offer_of("POL3").status == "OFFERED"
    # What the centre says counts.
    stage.staff(incident, "set_place", location={"lat": VIENTIANE[0], "lng": VIENTIANE[1]})
    assert stage.incident.place_flag == "ABROAD"


def test_an_old_answer_to_which_place_does_not_undo_a_pin(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    before = stage.incident.place_id
    stage.press(GIRL, f"a=place&i={stage.incident.ref}&c=1003")
    assert stage.incident.place_id == before


def test_stars_count_only_once_they_were_asked_for(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    stage.press(GIRL, f"a=rate&i={stage.incident.ref}&v=5")
    assert stage.incident.rating is None
    stage.staff(stage.incident, "close", disposition="HELPED")
    stage.press(GIRL, f"a=rate&i={stage.incident.ref}&v=5")
    assert stage.incident.rating is None  # discreet, and nobody said that it is safe to contact


@pytest.mark.parametrize(
    "change", [{"active": False}, {"line_user_id": None}, {"line_user_id": "U-new-phone"}]
)
def test_old_offers_on_a_lost_phone_tell_nothing(stage: Stage, change: dict[str, object]) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    Member.objects.filter(code="POL0-A").update(**change)
    stage.told()
    stage.press("U-POL0-A", f"a=accept&o={offer_of('POL0').code}")
    assert stage.heard_by() == {"U-POL0-A": ["offer.not_yours"]}
    assert offer_of("POL0").status == "OFFERED"


def test_merging_never_stands_down_who_is_on_the_way_for_nobody(stage: Stage) -> None:
    from esshelpme.incidents.states import NotAllowed

    stage.pin(NEIGHBOUR)
    other = stage.incident
    stage.pin(GIRL)
    girl = stage.incident
    offer = Assignment.objects.get(incident=girl, unit__code="POL0")
    stage.press("U-POL0-A", f"a=accept&o={offer.code}")
    with pytest.raises(NotAllowed):
        stage.staff(girl, "merge", into=other.ref)
    stage.staff(other, "merge", into=girl.ref)
    assert Incident.objects.get(pk=other.pk).status == "CLOSED"
    assert Report.objects.filter(incident=girl).count() == 2


def test_merged_into_one_without_a_place_the_place_goes_along(stage: Stage) -> None:
    stage.press(NEIGHBOUR, "a=kind&v=ASSAULT")
    other = stage.incident
    stage.pin(GIRL)
    stage.staff(stage.incident, "merge", into=other.ref)
    other.refresh_from_db()
    assert other.status == "DISPATCHING"
    assert Assignment.objects.filter(incident=other, status="OFFERED").exists()


def test_a_strangers_button_during_a_discreet_incident_is_answered_in_words_that_tell_nothing(
    stage: Stage,
) -> None:
    stage.pin(GIRL)
    stage.told()
    stage.press(GIRL, "a=safe&i=ABCD1234")
    (answer,) = stage.told(GIRL)
    assert (answer.what, answer.silent) == ("quiet.stale", True)


def test_an_old_button_of_a_discreet_incident_that_has_ended_makes_no_sound(stage: Stage) -> None:
    stage.pin(GIRL)
    ref = stage.incident.ref
    stage.staff(stage.incident, "close", disposition="HELPED")
    stage.told()
    stage.press(GIRL, f"a=safe&i={ref}")
    (answer,) = stage.told(GIRL)
    assert answer.silent
