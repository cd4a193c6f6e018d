"""The reporter's own page: what it says by state, what may be done on it, and what it hides in discreet mode."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Role
from esshelpme.conftest import AT, BANGKOK, CHIANG_MAI, Town, line_id
from esshelpme.dispatch.actions import perform
from esshelpme.dispatch.models import Alarm, Assignment
from esshelpme.dispatch.offers import accept_by_line, progress_by_line
from esshelpme.dispatch.states import AssignmentStatus
from esshelpme.incidents.changes import lock
from esshelpme.incidents.models import Incident, Message, TimelineEvent
from esshelpme.incidents.place import place_of
from esshelpme.incidents.tell import tell
from esshelpme.incidents.timeline import verify
from esshelpme.outbox.models import OutboundMessage
from esshelpme.privacy.content import remove, reveal
from esshelpme.web.limits import limit
from esshelpme.web.tests.conftest import Page, Person
from esshelpme.words import say
from esshelpme.words.tests.test_catalogue import TELLING

HERE = {"lat": str(BANGKOK[0]), "lng": str(BANGKOK[1]), "acc": "14"}
COMING = ("กำลังเดินทาง", "ไปหาคุณ", "กำลังไป", "on the way", "on their way", "coming to you")
Clock = Callable[[timedelta], datetime]


@pytest.fixture
def centre() -> Officer:
    """The administrator, who may do everything."""
    return Officer(actor="staff:centre", role=Role.ADMINISTRATOR)


def loud(person: Person, **fields: Any) -> str:
    return person.report(**{"kind": "DISTURBED", "text": "ลุงถือมีดอยู่หน้าบ้าน", **HERE, **fields})


def act(person: Person, address: str, action: str, **fields: Any) -> Any:
    response = person.post(address, {"a": action, **fields})
    assert response.status_code == 303, response.content.decode()
    return response


def accept(town: Town) -> Assignment:
    assignment = Assignment.objects.get(unit__code=town.police, incident=Incident.objects.latest("pk"))
    answer = accept_by_line(code=assignment.code, line_user_id=line_id(town.police_member), at=AT)
    assert answer.won
    return assignment


def progress(town: Town, assignment: Assignment, status: AssignmentStatus) -> None:
    progress_by_line(code=assignment.code, status=status, line_user_id=line_id(town.police_member), at=AT)


# What happens now.


@pytest.mark.parametrize("language", ["th", "en"])
def test_nobody_is_told_that_someone_is_coming_before_an_accept(
    person: Person, town: Town, language: str
) -> None:
    address = loud(person, lang=language)
    text = person.page(address).text
    assert say("t.state.DISPATCHING", language) in text
    assert not any(word in text for word in COMING)
    accept(town)
    assert say("t.state.ACCEPTED", language) in person.page(address).text


def test_the_page_follows_every_step_to_the_end(person: Person, town: Town, centre: Officer) -> None:
    address = loud(person)
    assignment = accept(town)
    for status, state in (("EN_ROUTE", "EN_ROUTE"), ("ON_SCENE", "ON_SCENE"), ("DONE", "RESOLVED")):
        progress(town, assignment, AssignmentStatus(status))
        assert say(f"t.state.{state}") in person.page(address).text
    ref = Incident.objects.get().ref
    perform(centre, ref, "close", {"disposition": "HELPED"}, at=AT)
    assert say("t.state.CLOSED") in person.page(address).text


def test_who_is_coming_is_a_role_never_a_name(person: Person, town: Town) -> None:
    address = loud(person)
    accept(town)
    text = person.page(address).text
    assert "ตำรวจ" in text
    assert town.police not in text
    assert "เจ้าหน้าที่ BKK" not in text
    assert "สน.สมมติ" not in text


def test_a_page_nobody_gave_out_does_not_exist(person: Person) -> None:
    for path in ("/t/x", "/t/" + "A" * 32, "/t/x/now", "/t/x/write"):
        response = person.get(path)
        assert response.status_code == 404
        assert "ช่วย" not in Page(response.content.decode()).text


def test_it_loads_itself_again_without_javascript_but_not_while_somebody_types(person: Person) -> None:
    address = loud(person)
    assert 'http-equiv="refresh"' in person.get(address).content.decode()
    assert 'http-equiv="refresh"' not in person.get(address + "/write").content.decode()


def test_polling_costs_nothing_while_nothing_changed(person: Person) -> None:
    address = loud(person)
    first = person.get(address + "/now")
    again = person.get(address + "/now", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    act(person, address, "message", text="อยู่ชั้นสอง")
    changed = person.get(address + "/now", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert "อยู่ชั้นสอง" in changed.content.decode()


# Discreet.


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("kind", ["ASSAULT", "CONFINEMENT", "SEXUAL", ""])
def test_whoever_holds_the_phone_learns_nothing(
    person: Person, town: Town, centre: Officer, kind: str, language: str
) -> None:
    address = person.report(kind=kind, lang=language, text="พ่อตีหนู ช่วยด้วย help me he hit me", **HERE)

    def look() -> None:
        for path in (address, address + "/now", address + "/write", address + "/write?about=place"):
            text = person.page(path).text.lower().replace("/t/", "")
            for word in TELLING[language]:
                assert word not in text, f"{path} tells {word!r}"
            assert "พ่อตีหนู" not in text
            assert "hit me" not in text

    incident = Incident.objects.get()
    if not incident.discreet:  # the words told a kind that is not discreet by itself
        act(person, address, "quiet")
    look()
    act(person, address, "message", text="he has a gun เขามีปืน")
    act(person, address, "cancel")
    act(person, address, "safe")
    look()
    assignment = accept(town)
    for status in ("EN_ROUTE", "ON_SCENE", "DONE"):
        progress(town, assignment, AssignmentStatus(status))
        look()
    perform(centre, incident.ref, "close", {"disposition": "HELPED", "safe_to_contact": True}, at=AT)
    look()


def test_a_person_without_a_place_is_asked_for_it_in_neutral_words(person: Person) -> None:
    address = person.report(kind="CONFINEMENT")
    text = person.page(address).text
    assert "อยู่แถวไหนนะ" in text
    assert not any(word in text for word in TELLING["th"])


def test_quiet_and_loud_change_the_words_at_once(person: Person) -> None:
    address = loud(person)
    assert "เลขอ้างอิง" in person.page(address).text
    act(person, address, "quiet")
    assert Incident.objects.get().discreet
    assert "เลขอ้างอิง" not in person.page(address).text
    act(person, address, "loud")
    assert "เลขอ้างอิง" in person.page(address).text


def test_a_tap_on_loud_does_not_show_what_was_written_while_nobody_could_talk(person: Person) -> None:
    """Whoever holds the phone can tap it."""
    address = person.report(kind="ASSAULT", text="เขาจะตีหนู ห้อง 502", **HERE, place="หลังตลาดนัดสีเขียว")
    act(person, address, "message", text="เขาอยู่หน้าประตู")
    act(person, address, "loud")
    text = person.page(address).text
    assert "เลขอ้างอิง" in text
    for words in ("502", "หน้าประตู", "หลังตลาดนัดสีเขียว"):
        assert words not in text
    act(person, address, "message", text="คุยได้แล้วค่ะ")
    assert "คุยได้แล้วค่ะ" in person.page(address).text


# Writing.


def test_both_sides_write(person: Person, town: Town, centre: Officer) -> None:
    address = loud(person)
    act(person, address, "message", text="อยู่ชั้นสอง\nประตูสีเขียว")
    perform(centre, Incident.objects.get().ref, "message", {"text": "อยู่ในห้องก่อนนะ"}, at=AT)
    text = person.page(address).text
    assert "อยู่ชั้นสอง" in text
    assert "ประตูสีเขียว" in text
    assert "อยู่ในห้องก่อนนะ" in text
    types = list(TimelineEvent.objects.order_by("seq").values_list("type", flat=True))
    assert "MESSAGE_IN" in types
    assert verify(Incident.objects.get()) is None


def test_what_is_written_reaches_who_is_on_the_way(person: Person, town: Town) -> None:
    address = loud(person)
    accept(town)
    act(person, address, "message", text="เขาถือปืน")
    assert OutboundMessage.objects.filter(recipient=line_id(town.police_member), what="offer.said").exists()
    assert "WEAPON" in Incident.objects.get().dangers


def test_a_message_sent_twice_by_one_form_is_one_message(person: Person) -> None:
    address = loud(person)
    once = person.form(address + "/write")["once"]
    for _ in range(2):
        act(person, address, "message", text="อยู่ชั้นสอง", once=once)
    assert Message.objects.filter(direction="IN").count() == 1


def test_a_flood_of_messages_gives_the_text_back(person: Person, clock: Clock, monkeypatch: Any) -> None:
    monkeypatch.setattr("esshelpme.web.limits.STATUS_POSTS", 2)
    address = loud(person)
    for n in range(2):
        act(person, address, "message", text=f"ข้อความ {n}")
    response = person.post(address, {"a": "message", "text": "ข้อความสำคัญ"})
    assert response.status_code == 429
    assert Page(response.content.decode()).fields["text"] == "ข้อความสำคัญ"
    clock(limit("STATUS_WINDOW"))
    act(person, address, "message", text="ข้อความสำคัญ")


def test_removed_words_are_not_shown(person: Person) -> None:
    address = loud(person)
    act(person, address, "message", text="ลบอันนี้")
    remove(Message.objects.get(direction="IN").content, because="UNSENT", at=AT)  # type: ignore[arg-type]
    text = person.page(address).text
    assert "ลบอันนี้" not in text
    assert "ลบแล้ว" in text


def test_another_person_of_the_same_incident_sees_only_their_own_words(person: Person) -> None:
    words = "เพื่อนบ้านตีลูกทุกคืน ได้ยินเสียงร้องดังมาก"
    first, second = (person.report(kind="DISTURBED", text=words) for _ in range(2))
    assert Incident.objects.count() == 1
    act(person, first, "message", text="ความลับของคนแรก")
    assert "ความลับของคนแรก" not in person.page(second).text


# Where.


def test_a_position_given_later_begins_the_dispatch(person: Person, town: Town) -> None:
    address = person.report(kind="ASSAULT")
    assert not Assignment.objects.exists()
    act(person, address, "place", **HERE)
    incident = Incident.objects.get()
    assert (incident.status, incident.place_source) == ("DISPATCHING", "GPS")


def test_words_for_a_place_that_nobody_knows_are_kept_and_said_so(person: Person) -> None:
    address = person.report(kind="ASSAULT")
    response = act(person, address, "place", text="บ้านยายมี")
    assert response["Location"].endswith("?n=place_bad")
    assert "หาไม่พบ" in person.page(response["Location"]).text
    assert reveal(Message.objects.get(direction="IN").content) == "บ้านยายมี"


def test_a_newer_position_goes_to_who_is_on_the_way(person: Person, town: Town, clock: Clock) -> None:
    address = loud(person)
    accept(town)
    clock(timedelta(minutes=2))
    act(person, address, "place", lat="13.7700", lng="100.5100", acc="9")
    assert OutboundMessage.objects.filter(what="offer.place_changed").count() == 1
    place = place_of(Incident.objects.get())
    assert place is not None
    assert (place.lat, place.accuracy_m) == (13.77, 9)


def test_a_live_position_that_tells_nothing_new_disturbs_nobody(
    person: Person, town: Town, clock: Clock
) -> None:
    address = loud(person)
    accept(town)
    for _ in range(5):
        clock(timedelta(seconds=5))
        act(person, address, "place", **HERE)
    assert not OutboundMessage.objects.filter(what="offer.place_changed").exists()


def test_an_ambiguous_place_offers_the_others(person: Person, town: Town) -> None:
    address = person.report(kind="GATHERING", place="อำเภอเฉลิมพระเกียรติ")
    incident = Incident.objects.get()
    assert incident.place_ambiguous
    html = person.get(address).content.decode()
    assert say("t.place_which") in html
    code = Page(html).buttons["c"][-1]
    act(person, address, "which", c=code)
    assert Incident.objects.get().district == code
    assert code != "3032"


@pytest.mark.parametrize(
    "fields", [{"lat": "999", "lng": "1"}, {"lat": "x", "lng": "y"}, {}, {"text": "   "}]
)
def test_an_impossible_place_changes_nothing(person: Person, fields: dict[str, str]) -> None:
    address = loud(person)
    before = Incident.objects.get().timeline_length
    act(person, address, "place", **fields)
    assert Incident.objects.get().timeline_length == before


# Wishes: nothing the phone does can stop help.


@pytest.mark.parametrize("kind", ["ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED"])
def test_cancel_and_safe_never_stop_help(person: Person, town: Town, kind: str) -> None:
    address = person.report(kind=kind, **HERE)
    act(person, address, "cancel")
    act(person, address, "safe")
    incident = Incident.objects.get()
    assert incident.status == "DISPATCHING"
    assert incident.cancel_requested_at is not None
    assert incident.said_safe_at is not None
    assert Alarm.objects.filter(incident=incident, level="CENTRE", reason="CANCEL_REQUESTED").count() == 1
    assert Assignment.objects.filter(incident=incident, status="OFFERED").exists()


@pytest.mark.parametrize("kind", ["GATHERING", "OTHER"])
def test_what_nobody_is_forced_to_cancel_is_cancelled_at_once(person: Person, kind: str) -> None:
    address = person.report(kind=kind)
    act(person, address, "cancel")
    assert Incident.objects.get().status == "CANCELLED"
    assert say("t.state.CANCELLED") in person.page(address).text


def test_a_stale_page_acting_on_an_ended_incident_is_told_so(person: Person, centre: Officer) -> None:
    address = loud(person)
    perform(centre, Incident.objects.get().ref, "close", {"disposition": "HELPED"}, at=AT)
    length = Incident.objects.get().timeline_length
    response = act(person, address, "cancel")
    assert say("loud.old") in person.page(response["Location"]).text
    assert Incident.objects.get().timeline_length == length


@pytest.mark.parametrize("action", ["", "close", "accept", "x" * 500, "__class__"])
def test_an_unknown_action_changes_nothing(person: Person, action: str) -> None:
    address = loud(person)
    before = Incident.objects.get().timeline_length
    act(person, address, action)
    assert Incident.objects.get().timeline_length == before


# Afterwards.


def test_rating_is_asked_after_the_close_and_only_where_it_is_safe(person: Person, centre: Officer) -> None:
    open_page = loud(person)
    act(person, open_page, "rate", v="5")
    assert Incident.objects.get().rating is None
    perform(centre, Incident.objects.get().ref, "close", {"disposition": "HELPED"}, at=AT)
    assert say("t.rate") in person.page(open_page).text
    act(person, open_page, "rate", v="4")
    assert Incident.objects.get().rating == 4
    act(person, open_page, "rate", v="9")
    assert Incident.objects.get().rating == 4


@pytest.mark.parametrize(("safe", "asked"), [(True, True), (False, False), (None, False)])
def test_in_discreet_mode_the_closing_decides_about_rating(
    person: Person, centre: Officer, safe: bool | None, asked: bool
) -> None:
    address = person.report(kind="ASSAULT", **HERE)
    fields = {"disposition": "HELPED"} | ({} if safe is None else {"safe_to_contact": safe})
    perform(centre, Incident.objects.get().ref, "close", fields, at=AT)
    assert (say("quiet.web_rate") in person.page(address).text) is asked
    act(person, address, "rate", v="3")
    assert Incident.objects.get().rating == (3 if asked else None)


def test_not_solved_reopens_seeks_again_and_reaches_a_supervisor(
    person: Person, town: Town, centre: Officer, clock: Clock
) -> None:
    address = loud(person)
    accept(town)
    perform(centre, Incident.objects.get().ref, "close", {"disposition": "HELPED"}, at=AT)
    clock(timedelta(hours=3))
    act(person, address, "not_solved")
    incident = Incident.objects.get()
    assert incident.status == "DISPATCHING"
    assert Alarm.objects.filter(incident=incident, level="SUPERVISOR", reason="NOT_SOLVED").exists()
    assert verify(incident) is None


def test_after_a_day_it_is_a_new_report(person: Person, centre: Officer, clock: Clock) -> None:
    address = loud(person)
    perform(centre, Incident.objects.get().ref, "close", {"disposition": "HELPED"}, at=AT)
    clock(timedelta(hours=25))
    assert 'value="not_solved"' not in person.get(address).content.decode()
    act(person, address, "not_solved")
    assert Incident.objects.get().status == "CLOSED"


def test_words_after_the_end_are_never_lost(
    person: Person, town: Town, centre: Officer, clock: Clock
) -> None:
    address = loud(person)
    perform(centre, Incident.objects.get().ref, "close", {"disposition": "HELPED"}, at=AT)
    clock(timedelta(minutes=5))
    act(person, address, "message", text="ขอบคุณมากนะ")
    assert Incident.objects.get().status == "CLOSED"
    assert Alarm.objects.filter(level="CENTRE", reason="SAID_AFTER_END").exists()
    clock(timedelta(minutes=5))
    act(person, address, "message", text="เขากลับมาแล้ว ถือมีดจะฆ่าเรา ช่วยด้วย")
    assert Incident.objects.get().status == "DISPATCHING"
    assert Alarm.objects.filter(level="SUPERVISOR", reason="NOT_SOLVED").exists()


def test_a_merged_report_shows_the_incident_it_joined(person: Person, centre: Officer, town: Town) -> None:
    first = loud(person)
    second = Person(address="198.51.100.9")
    address = loud(second, text="อีกคนหนึ่งเห็นเหมือนกัน")
    older, newer = Incident.objects.order_by("pk")
    perform(centre, newer.ref, "merge", {"into": older.ref}, at=AT)
    assert say("t.state.DISPATCHING") in second.page(address).text
    act(second, address, "message", text="เพิ่มเติมจากคนที่สอง")
    assert Message.objects.filter(incident=older, direction="IN").exists()
    assert "เพิ่มเติมจากคนที่สอง" not in person.page(first).text


def test_language_switches_in_the_middle(person: Person, town: Town) -> None:
    address = loud(person)
    act(person, address, "language", v="en")
    assert say("t.state.DISPATCHING", "en") in person.page(address).text
    with transaction.atomic():
        tell(lock(Incident.objects.get().pk), "waiting", at=AT)
    assert say("loud.waiting", "en").splitlines()[0] in person.page(address).text


def test_far_from_every_unit_the_page_says_nothing_untrue(person: Person, town: Town) -> None:
    address = loud(person, lat=str(CHIANG_MAI[0]), lng=str(CHIANG_MAI[1]))
    assert not any(word in person.page(address).text for word in COMING)
