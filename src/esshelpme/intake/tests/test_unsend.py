"""What a person takes back is gone wherever it was kept, and help goes on."""

from __future__ import annotations

import pytest

from esshelpme.dispatch.models import Assignment
from esshelpme.incidents import timeline
from esshelpme.incidents.models import Report
from esshelpme.incidents.place import place_of
from esshelpme.intake.tests.stage import HOME, Stage
from esshelpme.privacy.content import reveal
from esshelpme.privacy.models import Content

pytestmark = pytest.mark.django_db
GIRL = "U-girl"
WORDS = "โดนแฟนตีอยู่ที่เขตบางรัก กรุงเทพ ช่วยด้วย"


@pytest.fixture
def stage(db: None) -> Stage:
    stage = Stage()
    stage.unit("POL", "POLICE")
    return stage


def kept() -> list[str]:
    """Every word that can still be read, of anybody."""
    return [words for content in Content.objects.all() if (words := reveal(content))]


def test_the_words_that_opened_a_report_are_gone_from_the_report_and_from_beside_the_place(
    stage: Stage,
) -> None:
    number = stage.say(GIRL, WORDS)
    assert any(WORDS in words for words in kept())
    before = place_of(stage.incident)
    stage.event(GIRL, "unsend", unsend={"messageId": number})
    assert not any(WORDS in words for words in kept())
    after = place_of(stage.incident)
    assert before is not None
    assert after is not None
    assert (after.lat, after.lng, after.area, after.source) == (before.lat, before.lng, before.area, "TEXT")
    assert stage.incident.status == "DISPATCHING"
    assert Assignment.objects.filter(status="OFFERED").exists()
    assert timeline.verify(stage.incident) is None


def test_the_place_that_a_pin_told_stays_for_who_is_on_the_way(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    number = stage.pin(GIRL)
    stage.event(GIRL, "unsend", unsend={"messageId": number})
    place = place_of(stage.incident)
    assert place is not None
    assert (place.lat, place.lng) == HOME


def test_other_words_stay(stage: Stage) -> None:
    stage.say(GIRL, WORDS)
    number = stage.say(GIRL, "ชั้นสาม")
    stage.event(GIRL, "unsend", unsend={"messageId": number})
    report = Report.objects.select_related("text").get()
    assert reveal(report.text) == WORDS
    assert "ชั้นสาม" not in kept()
