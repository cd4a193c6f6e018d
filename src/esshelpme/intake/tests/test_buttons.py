"""Buttons that come at a strange moment: late, forged, or pressed by somebody who reads along."""

from __future__ import annotations

import pytest

from esshelpme.intake.tests.stage import Stage
from esshelpme.words import say

pytestmark = pytest.mark.django_db
GIRL = "U-girl"


@pytest.fixture
def stage(db: None) -> Stage:
    stage = Stage()
    stage.unit("POL", "POLICE")
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    stage.told()
    return stage


@pytest.mark.parametrize("data", ["a=info", "a=nonsense", "nothing", "a=kind&v=THEFT"])
def test_in_discreet_mode_no_button_brings_a_telling_answer(stage: Stage, data: str) -> None:
    stage.press(GIRL, data)
    (answer,) = stage.told(GIRL)
    assert answer.text in {say("quiet.joined"), say("quiet.stale")}
    assert answer.silent
    assert answer.buttons == {}


def test_a_rating_counts_only_after_the_close_and_where_it_was_asked_for(stage: Stage) -> None:
    incident = stage.incident
    stage.press(GIRL, f"a=rate&i={incident.ref}&v=1")
    assert stage.incident.rating is None
    stage.staff(incident, "close", disposition="HELPED")
    stage.press(GIRL, f"a=rate&i={incident.ref}&v=1")
    assert stage.incident.rating is None
    stage.staff(incident, "reopen", note="x")
    stage.staff(incident, "close", disposition="HELPED", safe_to_contact=True)
    stage.press(GIRL, f"a=rate&i={incident.ref}&v=4")
    assert stage.incident.rating == 4
