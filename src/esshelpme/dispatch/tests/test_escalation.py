"""Time passes and nobody answers, or somebody does: stories that move the clock."""

from __future__ import annotations

import pytest

from esshelpme.directory.models import Unit
from esshelpme.dispatch.acts import BadField
from esshelpme.dispatch.models import Alarm, Assignment, CallTask, Need
from esshelpme.incidents.states import NotAllowed
from esshelpme.intake.tests.stage import HOME, Stage

pytestmark = pytest.mark.django_db
GIRL = "U-girl"


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def near(number: int) -> tuple[float, float]:
    """A base some kilometres away, farther with the number."""
    return (HOME[0] + 0.01 * number, HOME[1])


def report(stage: Stage, kind: str = "GATHERING") -> None:
    stage.press(GIRL, f"a=kind&v={kind}")
    stage.pin(GIRL)


def offered(stage: Stage) -> list[str]:
    return list(
        Assignment.objects.filter(status="OFFERED")
        .order_by("distance_km")
        .values_list("unit__code", flat=True)
    )


def test_three_at_once_then_the_next_three_after_a_minute(stage: Stage) -> None:
    for number in range(7):
        stage.unit(f"P{number}", "POLICE", at=near(number))
    report(stage)
    assert offered(stage) == ["P0", "P1", "P2"]
    stage.later(seconds=59)
    assert offered(stage) == ["P0", "P1", "P2"]
    stage.later(seconds=5)
    assert offered(stage) == ["P3", "P4", "P5"]
    assert stage.types().count("OFFER_EXPIRED") == 3
    assert CallTask.objects.filter(reason="NOT_ACCEPTED", status="OPEN").count() == 1
    stage.later(seconds=61)
    assert offered(stage) == ["P6"]


def test_a_ring_of_which_all_decline_is_followed_at_once(stage: Stage) -> None:
    for number in range(4):
        stage.unit(f"P{number}", "POLICE", at=near(number), members=2 if number == 0 else 1)
    report(stage)
    codes = {a.unit.code: a.code for a in Assignment.objects.all()}
    stage.press("U-P0-A", f"a=decline&o={codes['P0']}")
    assert Assignment.objects.get(unit__code="P0").status == "OFFERED"  # B of the unit has not answered
    for member, unit in (("P0-B", "P0"), ("P1-A", "P1"), ("P2-A", "P2")):
        stage.press(f"U-{member}", f"a=decline&o={codes[unit]}")
    assert offered(stage) == ["P3"]


def test_after_two_minutes_and_then_every_five_the_reporter_hears_the_truth(stage: Stage) -> None:
    stage.unit("P", "POLICE")
    report(stage)
    stage.told()
    stage.later(seconds=115)
    assert not [t for t in stage.told(GIRL) if t.what.endswith("waiting")]
    stage.later(seconds=10)
    assert len([t for t in stage.told(GIRL) if t.what.endswith("waiting")]) == 1
    assert Alarm.objects.filter(reason="NOBODY_ACCEPTED", acknowledged_at__isnull=True).exists()
    stage.later(minutes=5)
    assert len([t for t in stage.told(GIRL) if t.what.endswith("waiting")]) == 2


def test_once_accepted_nothing_more_is_told_or_alarmed(stage: Stage) -> None:
    stage.unit("P", "POLICE")
    report(stage)
    stage.press("U-P-A", f"a=accept&o={Assignment.objects.get().code}")
    stage.told()
    stage.later(minutes=20)
    assert stage.told() == []
    assert not Alarm.objects.exists()
    assert not CallTask.objects.filter(status="OPEN").exists()


def test_a_step_that_finds_nobody_is_skipped_at_once(stage: Stage) -> None:
    report(stage)
    assert Alarm.objects.filter(reason="NOBODY_POLICE", level="CENTRE").count() == 1
    task = CallTask.objects.get(reason="NOBODY_ABLE")
    assert (task.phone, task.status) == ("191", "OPEN")


def test_nobody_answers_the_telephone_then_the_next_number(stage: Stage) -> None:
    report(stage)
    task = CallTask.objects.get(need__isnull=False)
    stage.staff(stage.incident, "call_done", task=task.pk, outcome="NO_ANSWER")
    task = CallTask.objects.get(status="OPEN", need__isnull=False)
    assert task.step == 1
    stage.staff(
        stage.incident,
        "call_done",
        task=task.pk,
        outcome="ACCEPTED",
        answered_by="ร.ต.อ. สมมติ",
        external_ref="191-77",
    )
    assert Need.objects.get(agency_type="POLICE").status == "HANDED_OVER"
    assert stage.incident.status == "ACCEPTED"
    assert "HANDED_OVER" in stage.types()


def test_a_unit_by_telephone_gets_a_call_task_instead_of_a_push(stage: Stage) -> None:
    stage.unit("TEL", "POLICE", contact="PHONE", members=0, duty_phone="+6620000111")
    report(stage)
    task = CallTask.objects.get(need__isnull=False)
    assert (task.phone, task.unit.code if task.unit else "") == ("+6620000111", "TEL")
    stage.staff(stage.incident, "accept_for", unit="TEL", external_ref="ปจว. 12/3")
    assignment = Assignment.objects.get(unit__code="TEL")
    assert (assignment.status, assignment.via, assignment.external_ref) == ("ACCEPTED", "PHONE", "ปจว. 12/3")
    stage.staff(stage.incident, "status_for", unit="TEL", status="EN_ROUTE")
    stage.staff(stage.incident, "status_for", unit="TEL", status="ON_SCENE")
    stage.staff(stage.incident, "status_for", unit="TEL", status="DONE")
    assert stage.incident.status == "RESOLVED"


def test_an_accept_after_the_deadline_is_honoured_while_the_need_is_free(stage: Stage) -> None:
    for number in range(4):
        stage.unit(f"P{number}", "POLICE", at=near(number))
    report(stage)
    late = Assignment.objects.get(unit__code="P0")
    stage.later(seconds=70)
    stage.press("U-P0-A", f"a=accept&o={late.code}")
    assert Assignment.objects.get(unit__code="P0").status == "ACCEPTED"
    stage.told()
    stage.press("U-P1-A", f"a=accept&o={Assignment.objects.get(unit__code='P1').code}")
    assert stage.heard_by() == {"U-P1-A": ["offer.late_taken"]}


def test_each_need_has_its_own_winner(stage: Stage) -> None:
    stage.unit("P", "POLICE")
    stage.unit("S", "SOCIAL")
    report(stage, "ASSAULT")
    stage.press("U-S-A", f"a=accept&o={Assignment.objects.get(unit__code='S').code}")
    assert stage.incident.status == "DISPATCHING"  # the leading need is still open
    stage.press("U-P-A", f"a=accept&o={Assignment.objects.get(unit__code='P').code}")
    assert stage.incident.status == "ACCEPTED"
    assert [t.what for t in stage.told(GIRL)][-2:] == ["quiet.accepted", "quiet.accepted_again"]


def test_backup_asks_once_and_never_who_is_there(stage: Stage) -> None:
    for number in range(3):
        stage.unit(f"P{number}", "POLICE", at=near(number))
    report(stage)
    first = Assignment.objects.get(unit__code="P0")
    stage.press("U-P0-A", f"a=accept&o={first.code}")
    stage.press("U-P0-A", f"a=backup&o={first.code}")
    stage.press("U-P0-A", f"a=backup&o={first.code}")
    assert Need.objects.filter(agency_type="POLICE").count() == 2
    assert set(offered(stage)) == {"P1", "P2"}


def test_a_withdrawn_winner_is_followed_by_the_next(stage: Stage) -> None:
    stage.unit("P0", "POLICE")
    stage.unit("P1", "POLICE", at=near(40))
    report(stage)
    stage.press("U-P0-A", f"a=accept&o={Assignment.objects.get(unit__code='P0').code}")
    stage.staff(stage.incident, "withdraw", unit="P0")
    assert stage.incident.status == "DISPATCHING"
    assert offered(stage) == ["P1"]


def test_a_child_adds_social_and_a_new_kind_its_agencies(stage: Stage) -> None:
    for code, type in (("P", "POLICE"), ("S", "SOCIAL"), ("H", "HEALTH")):
        stage.unit(code, type)
    report(stage, "GATHERING")
    assert set(stage.incident.needs.values_list("agency_type", flat=True)) == {"POLICE"}
    stage.say(GIRL, "มีเด็กอายุ 8 ขวบอยู่ด้วย ช่วยด้วย")
    assert set(stage.incident.needs.values_list("agency_type", flat=True)) == {"POLICE", "SOCIAL"}
    stage.staff(stage.incident, "set_kind", kind="DISTURBED")
    assert set(stage.incident.needs.values_list("agency_type", flat=True)) == {"POLICE", "SOCIAL", "HEALTH"}


def test_off_duty_hears_nothing(stage: Stage) -> None:
    off = stage.unit("OFF", "POLICE")
    Unit.objects.filter(pk=off.pk).update(on_duty=False)
    on = stage.unit("ON", "POLICE", at=near(5))
    on.shifts.create(starts_at=stage.at.replace(hour=0), ends_at=stage.at.replace(hour=1))
    report(stage)
    assert not Assignment.objects.exists()
    assert set(stage.heard_by()) == {GIRL}


def test_stale_and_wrong_actions_say_so_and_change_nothing(stage: Stage) -> None:
    stage.unit("P", "POLICE")
    report(stage)
    incident = stage.incident
    with pytest.raises(BadField):
        stage.staff(incident, "assign", unit="NO-SUCH")
    with pytest.raises(NotAllowed):
        stage.staff(incident, "assign", unit="P")  # has an offer already
    stage.staff(incident, "close", disposition="HELPED")
    for action, fields in (("close", {"disposition": "HELPED"}), ("cancel", {}), ("assign", {"unit": "P"})):
        with pytest.raises(NotAllowed):
            stage.staff(incident, action, **fields)
    stage.told()
    stage.press("U-P-A", f"a=accept&o={Assignment.objects.get(unit__code='P').code}")
    assert stage.heard_by() == {"U-P-A": ["offer.late_over"]}


def test_reopened_within_a_day_it_is_dispatched_again(stage: Stage) -> None:
    stage.unit("P", "POLICE")
    report(stage)
    stage.staff(stage.incident, "close", disposition="FALSE_ALARM")
    stage.later(hours=1)
    stage.staff(stage.incident, "reopen", note="ยังไม่จบ")
    assert stage.incident.status == "DISPATCHING"
    stage.staff(stage.incident, "close", disposition="HELPED")
    stage.at = stage.at.replace(day=27)
    with pytest.raises(NotAllowed):
        stage.staff(stage.incident, "reopen", note="ช้าไป")


def test_two_reporters_of_the_same_thing_are_merged_and_both_told(stage: Stage) -> None:
    stage.unit("P", "POLICE")
    report(stage)
    first = stage.incident
    stage.press("U-neighbour", "a=kind&v=GATHERING")
    stage.pin("U-neighbour")
    second = stage.incident
    stage.staff(second, "merge", into=first.ref)
    second.refresh_from_db()
    assert (second.status, second.disposition) == ("CLOSED", "DUPLICATE")
    stage.told()
    stage.press("U-P-A", f"a=accept&o={Assignment.objects.get(incident=first).code}")
    assert {"U-girl", "U-neighbour"} <= set(stage.heard_by())
    stage.say("U-neighbour", "เห็นสามคน")
    assert first.messages.filter(type="TEXT", direction="IN").count() == 1
