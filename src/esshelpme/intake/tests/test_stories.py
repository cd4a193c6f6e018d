"""Stories of the main job, from a person's phone to the close, told in the steps of docs/conversation.md."""

from __future__ import annotations

import pytest

from esshelpme.dispatch.models import Alarm, Assignment, CallTask
from esshelpme.incidents import timeline
from esshelpme.incidents.models import Incident, Message
from esshelpme.intake.tests.stage import HOME, Stage
from esshelpme.privacy.content import reveal

pytestmark = pytest.mark.django_db
GIRL = "U-girl"
POLICE, SOCIAL = "U-POL-A", "U-SOC-A"


@pytest.fixture
def stage(db: None) -> Stage:
    stage = Stage()
    stage.unit("POL", "POLICE", members=2)
    stage.unit("SOC", "SOCIAL")
    return stage


def test_from_the_button_to_the_close(stage: Stage) -> None:
    stage.event(GIRL, "follow")
    (start,) = stage.told()
    assert start.has("report")
    assert not start.asks_location

    stage.press(GIRL, "a=report")
    (kinds,) = stage.told()
    for kind in ("ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER"):
        assert kinds.data("kind", v=kind)

    stage.press(GIRL, "a=kind&v=ASSAULT")
    (place,) = stage.told()
    assert place.asks_location
    assert stage.incident.status == "NEW"

    stage.pin(GIRL)
    incident = stage.incident
    confirmation = stage.told(GIRL)
    assert len(confirmation) == 1
    assert confirmation[0].by_reply
    for action in ("loud", "cancel", "safe"):
        assert confirmation[0].data(action, i=incident.ref)
    assert incident.status == "DISPATCHING"
    assert incident.discreet
    assert stage.heard_by() == {
        GIRL: ["quiet.received"],
        POLICE: ["offer"],
        "U-POL-B": ["offer"],
        SOCIAL: ["offer"],
    }

    offer = Assignment.objects.get(unit__code="POL")
    stage.press(POLICE, f"a=accept&o={offer.code}")
    assert stage.heard_by() == {
        POLICE: ["offer.task"],
        "U-POL-B": ["offer.taken_own"],
        GIRL: ["quiet.accepted"],
    }
    incident.refresh_from_db()
    assert incident.status == "ACCEPTED"

    stage.press(POLICE, f"a=enroute&o={offer.code}")
    stage.press(POLICE, f"a=onscene&o={offer.code}")
    incident.refresh_from_db()
    assert incident.status == "ON_SCENE"
    stage.say(POLICE, "ประตูล็อก กำลังเคาะ")
    assert "NOTE_ADDED" in stage.types()
    stage.press(POLICE, f"a=resolve&o={offer.code}")
    incident.refresh_from_db()
    assert incident.status == "RESOLVED"
    told = stage.heard_by()
    assert told[GIRL] == ["quiet.en_route", "quiet.on_scene", "quiet.resolved"]
    assert told[SOCIAL] == ["offer.withdrawn"]

    stage.staff(incident, "close", disposition="HELPED")
    incident.refresh_from_db()
    assert (incident.status, incident.disposition) == ("CLOSED", "HELPED")
    assert stage.heard_by() == {GIRL: ["quiet.closed_plain"]}
    assert timeline.verify(incident) is None


def test_before_an_accept_an_offer_tells_no_exact_place_no_name_no_words(stage: Stage) -> None:
    stage.say(GIRL, "พ่อเลี้ยงจะเข้ามาในห้อง ช่วยหนูด้วย ห้อง 502")
    stage.pin(GIRL)
    offers = [told for told in stage.told() if told.what == "offer"]
    assert offers
    for offer in offers:
        assert "502" not in offer.text
        assert str(HOME[0])[:6] not in offer.text
        assert offer.data("accept")
        assert offer.data("decline")
    assignment = Assignment.objects.get(unit__code="POL")
    stage.press(POLICE, f"a=accept&o={assignment.code}")
    task = "\n".join(told.text for told in stage.told(POLICE))
    assert "502" in task
    assert "13.72900" in task


def test_a_location_alone_opens_an_unknown_incident_and_a_later_kind_tells_it(stage: Stage) -> None:
    stage.pin(GIRL)
    assert (stage.incident.kind, stage.incident.status) == ("UNKNOWN", "DISPATCHING")
    stage.press(GIRL, "a=kind&v=DISTURBED", earlier=30)
    assert stage.incident.kind == "DISTURBED"
    assert "KIND_CHANGED" in stage.types()
    assert Incident.objects.count() == 1
    assert set(stage.incident.needs.values_list("agency_type", flat=True)) >= {"POLICE", "HEALTH"}


def test_the_confirmation_is_sent_once(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    stage.pin(GIRL, 13.73, 100.53)
    stage.say(GIRL, "อยู่ชั้นสอง")
    received = [told for told in stage.told(GIRL) if told.what.endswith(".received")]
    assert len(received) == 1


def test_nothing_the_phone_does_stops_help(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=SEXUAL")
    number = stage.pin(GIRL)
    ref = stage.incident.ref
    before = list(Assignment.objects.values_list("code", "status"))
    for data in (f"a=cancel&i={ref}", f"a=cancel&i={ref}", f"a=safe&i={ref}"):
        stage.press(GIRL, data)
    stage.event(GIRL, "unsend", unsend={"messageId": number})
    stage.event(GIRL, "unfollow")
    incident = stage.incident
    assert incident.status == "DISPATCHING"
    assert list(Assignment.objects.values_list("code", "status")) == before
    assert stage.types().count("CANCEL_REQUESTED") == 1
    assert Alarm.objects.filter(reason="CANCEL_REQUESTED", level="CENTRE").count() == 1
    assert {"SAID_SAFE", "MESSAGE_UNSENT", "REPORTER_BLOCKED"} <= set(stage.types())
    stage.staff(incident, "confirm_cancel")
    assert stage.incident.status == "CANCELLED"


def test_a_gathering_is_cancelled_at_once(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=GATHERING")
    stage.pin(GIRL)
    stage.press(GIRL, f"a=cancel&i={stage.incident.ref}")
    assert stage.incident.status == "CANCELLED"
    assert not Assignment.objects.filter(status="OFFERED").exists()
    assert stage.told(POLICE)[-1].what == "offer.withdrawn"


def test_what_was_unsent_is_gone_from_view_and_storage_even_when_it_comes_late(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    number = stage.say(GIRL, "บ้านเลขที่ 99/9")
    message = Message.objects.select_related("content").get(channel_message_id=number)
    assert reveal(message.content) == "บ้านเลขที่ 99/9"
    stage.event(GIRL, "unsend", unsend={"messageId": number})
    message = Message.objects.select_related("content").get(channel_message_id=number)
    assert reveal(message.content) is None
    # The other way round: taken back before it was heard.
    stage.event(GIRL, "unsend", unsend={"messageId": "777"})
    stage._event(GIRL, {"type": "message", "message": {"id": "777", "type": "text", "text": "ลับ"}})
    assert not Message.objects.filter(channel_message_id="777", content__isnull=False).exists()
    assert timeline.verify(stage.incident) is None


def test_somebody_else_in_danger_gets_a_second_linked_incident(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    first = stage.incident
    stage.told()
    stage.press(GIRL, "a=report")
    (choice,) = stage.told()
    assert choice.data("more", i=first.ref)
    stage.press(GIRL, choice.data("report", new="1"))
    stage.press(GIRL, "a=kind&v=CONFINEMENT")
    second = stage.incident
    assert second.pk != first.pk
    assert second.linked_to_id == first.pk
    stage.pin(GIRL, 13.75, 100.55)
    assert second.place_id != first.place_id
    assert Incident.objects.get(pk=second.pk).status == "DISPATCHING"


def test_a_sticker_alone_gets_the_start_buttons_and_is_kept_for_staff(stage: Stage) -> None:
    stage.send(GIRL, "sticker", packageId="446", stickerId="1988", stickerResourceType="STATIC")
    (start,) = stage.told()
    assert start.has("report")
    assert Message.objects.filter(incident__isnull=True, type="STICKER").count() == 1
    stage.press(GIRL, "a=kind&v=ASSAULT")
    assert Message.objects.filter(incident=stage.incident, type="STICKER").count() == 1


def test_a_place_in_words_is_dispatched_and_a_call_taker_asks(stage: Stage) -> None:
    stage.say(GIRL, "โดนแฟนตีอยู่ที่เขตบางรัก กรุงเทพ ช่วยด้วย")
    incident = stage.incident
    assert (incident.kind, incident.place_source, incident.status) == ("ASSAULT", "TEXT", "DISPATCHING")
    assert incident.place_accuracy_m is not None
    assert incident.place_accuracy_m > 500
    assert CallTask.objects.filter(incident=incident, reason="ASK_PLACE", status="OPEN").exists()
    stage.told()
    stage.press(POLICE, f"a=accept&o={Assignment.objects.get(unit__code='POL').code}")
    task = stage.told(POLICE)
    assert "maps" not in "".join(told.text for told in task)
    stage.pin(GIRL)
    assert stage.told(POLICE)[-1].raw["type"] == "location"
    assert not CallTask.objects.filter(reason="ASK_PLACE", status="OPEN").exists()


def test_a_pin_that_comes_late_does_not_undo_a_newer_one(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL, 13.74, 100.53)
    newer = stage.incident.place_id
    stage.pin(GIRL, 13.70, 100.50, earlier=120)
    assert stage.incident.place_id == newer


def test_abroad_nobody_is_sent_over_the_border_and_the_centre_is_called(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=CONFINEMENT")
    stage.pin(GIRL, 11.60, 104.90)  # Phnom Penh
    incident = stage.incident
    assert incident.place_flag == "ABROAD"
    assert not Assignment.objects.exists()
    assert Alarm.objects.filter(incident=incident, reason="PLACE_ABROAD", level="CENTRE").exists()
    assert CallTask.objects.filter(incident=incident, reason="ABROAD").exists()


def test_at_sea_it_is_dispatched_and_alarmed(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=CONFINEMENT")
    stage.pin(GIRL, 11.0, 100.9)
    assert stage.incident.place_flag == "SEA"
    assert Assignment.objects.exists()
    assert Alarm.objects.filter(reason="PLACE_SEA").exists()


def test_a_responder_who_is_in_danger_is_a_reporter(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    stage.press(POLICE, f"a=accept&o={Assignment.objects.get(unit__code='POL').code}")
    stage.press(POLICE, "a=report")
    stage.press(POLICE, "a=kind&v=ASSAULT")
    own = stage.incident
    assert own.contact is not None
    assert own.contact.address == POLICE
    stage.say(POLICE, "เขามีปืน")
    assert Message.objects.filter(incident=own, type="TEXT").exists()
    assert "WEAPON" in stage.incident.dangers


def test_a_stranger_cannot_use_anothers_buttons(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    incident = stage.incident
    length = incident.timeline_length
    stage.press("U-stranger", f"a=loud&i={incident.ref}")
    stage.press("U-stranger", f"a=accept&o={Assignment.objects.get(unit__code='POL').code}")
    incident.refresh_from_db()
    assert incident.timeline_length == length
    assert not Assignment.objects.filter(status="ACCEPTED").exists()


def test_a_landmark_that_no_gazetteer_knows_is_read_by_a_call_taker_at_once(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.told()
    stage.say(GIRL, "หน้าร้านป้าแดง ข้างเสาไฟ")
    (again,) = stage.told(GIRL)
    assert again.asks_location
    assert CallTask.objects.filter(incident=stage.incident, reason="ASK_PLACE", status="OPEN").count() == 1
    stage.say(GIRL, "ประตูสีเขียว")
    assert CallTask.objects.filter(reason="ASK_PLACE").count() == 1


def test_without_any_place_the_centre_is_alarmed_after_a_minute(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.later(seconds=65)
    assert Alarm.objects.filter(incident=stage.incident, reason="NO_PLACE").count() == 1


def test_an_ambiguous_place_is_dispatched_for_the_likeliest_and_asked_with_buttons(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.told()
    stage.say(GIRL, "อำเภอเฉลิมพระเกียรติ")
    assert stage.incident.status == "DISPATCHING"
    told = stage.told(GIRL)
    which = told[-1]
    choices = [label for label, data in which.buttons.items() if "a=place" in data]
    assert len(choices) > 1
    other = next(data for label, data in which.buttons.items() if label == choices[1])
    before = stage.incident.province
    stage.press(GIRL, other)
    assert stage.incident.province != before


def test_the_language_follows_the_person(stage: Stage) -> None:
    stage.say(GIRL, "please help me my husband has a knife")
    assert "Where" in stage.told(GIRL)[-1].text
    stage.press(GIRL, "a=language&v=th")
    stage.told()
    stage.pin(GIRL)
    assert "ได้รับแล้ว" in stage.told(GIRL)[-1].text


def test_words_after_a_discreet_end_reach_the_centre_and_are_answered_neutrally(stage: Stage) -> None:
    stage.press(GIRL, "a=kind&v=ASSAULT")
    stage.pin(GIRL)
    stage.staff(stage.incident, "close", disposition="HELPED")
    stage.told()
    stage.say(GIRL, "ขอบคุณนะ")
    (answer,) = stage.told(GIRL)
    assert answer.silent
    assert answer.has("report")
    for word in ("ช่วย", "อันตราย", "ฉุกเฉิน"):
        assert word not in answer.text
    assert Alarm.objects.filter(incident=stage.incident, reason="SAID_AFTER_END").exists()
    assert Message.objects.filter(incident=stage.incident, type="TEXT", direction="IN").count() == 1
    assert timeline.verify(stage.incident) is None


def test_a_pin_just_over_the_border_is_dispatched_and_alarmed(stage: Stage) -> None:
    stage.unit("MAESAI", "POLICE", at=(20.4335, 99.8762))
    stage.press(GIRL, "a=kind&v=CONFINEMENT")
    stage.pin(GIRL, 20.4520, 99.8800)  # Tachileik
    assert stage.incident.place_flag == "BORDER"
    assert Assignment.objects.filter(unit__code="MAESAI").exists()
    assert Alarm.objects.filter(reason="PLACE_BORDER", level="CENTRE").exists()
