"""From stored events to steps: in order for each person, each exactly once, and no event stops anybody."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection

from esshelpme.dispatch.models import Alarm
from esshelpme.incidents.models import Incident, Message
from esshelpme.intake import work
from esshelpme.intake.heard import Heard
from esshelpme.intake.models import InboundEvent
from esshelpme.intake.tests.post import SAID, event_of, queued
from esshelpme.intake.work import TRIES, open_event, waiting_persons, work_person
from esshelpme.privacy.content import reveal

pytestmark = pytest.mark.django_db
State = InboundEvent.State


def pin_of(person: str, lat: float = 13.729, lng: float = 100.524, **more: Any) -> dict[str, Any]:
    message = {"id": str(9 * 10**17), "type": "location", "latitude": lat, "longitude": lng}
    return event_of(person, message=message, **more)


def later(seconds: float) -> datetime:
    return SAID + timedelta(seconds=seconds)


def work_all(*, at: datetime = SAID, turns: int = 10_000) -> int:
    """Go round until nobody has anything that may be done now; how many steps were made."""
    done = 0
    while done < turns and (persons := waiting_persons(at=at)):
        done += sum(work_person(person, at=at) for person in persons)
    return done


def states(*ids: str) -> list[int]:
    found = dict(InboundEvent.objects.values_list("event_id", "state"))
    return [found[id] for id in ids]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Whose words became a step, in order; a text with "poison" fails, one with "outage" finds no database."""
    steps: list[tuple[str, str]] = []

    def converse(heard: Heard, *, received_at: datetime, at: datetime) -> None:
        if "poison" in heard.text:
            raise RuntimeError(f"cannot digest {heard.text}\x00\ud800")
        if "outage" in heard.text:
            raise OperationalError("the connection is closed")
        steps.append((heard.user_id, heard.text))

    monkeypatch.setattr(work, "converse", converse)
    return steps


class TestOrder:
    def test_a_persons_events_follow_the_time_they_were_said(self, said: list[tuple[str, str]]) -> None:
        queued(
            event_of("Ua", "third", at=later(-1)),
            event_of("Ua", "first", at=later(-9)),
            event_of("Ub", "other", at=later(-5)),
            event_of("Ua", "second", at=later(-5)),
        )
        work_all()
        assert [text for person, text in said if person == "Ua"] == ["first", "second", "third"]
        assert ("Ub", "other") in said

    def test_at_the_same_instant_the_order_of_arrival_counts(self, said: list[tuple[str, str]]) -> None:
        queued(*(event_of("Ua", str(number)) for number in range(5)))
        work_all()
        assert said == [("Ua", str(number)) for number in range(5)]

    def test_a_late_event_is_heard_late_rather_than_never(self, said: list[tuple[str, str]]) -> None:
        queued(event_of("Ua", "now"))
        work_all()
        queued(event_of("Ua", "an hour ago", at=later(-3600)))
        work_all()
        assert said == [("Ua", "now"), ("Ua", "an hour ago")]

    @pytest.mark.parametrize("stamp", [10**18, -5, 0, None, "soon", True])
    def test_an_impossible_time_does_not_order_a_conversation(
        self, stamp: Any, said: list[tuple[str, str]]
    ) -> None:
        queued({**event_of("Ua", "odd"), "timestamp": stamp}, event_of("Ua", "after", at=SAID))
        work_all()
        assert said == [("Ua", "odd"), ("Ua", "after")]

    def test_events_done_already_stay_done(self, said: list[tuple[str, str]]) -> None:
        queued(event_of("Ua", "once", id="E1"))
        work_all()
        with pytest.raises(IntegrityError):
            queued(event_of("Ua", "once", id="E1"))

    def test_many_persons_are_all_in_turn(self, said: list[tuple[str, str]]) -> None:
        queued(*(event_of(f"U{number:03d}", "x") for number in range(150)), event_of("", "nobody"))
        seen: list[str] = []
        after = ""
        while page := waiting_persons(at=SAID, after=after, most=64):
            seen += page
            after = page[-1]
        assert seen == ["", *(f"U{number:03d}" for number in range(150))]

    def test_what_became_a_step_is_kept_under_the_persons_own_key_alone(self) -> None:
        queued(event_of("Ua", "สวัสดี", id="E1"))
        work_all()
        event = InboundEvent.objects.get(event_id="E1")
        assert (event.state, event.sealed) == (State.DONE, None)
        assert reveal(Message.objects.get(direction="IN").content) == "สวัสดี"


class TestPoison:
    def test_it_is_tried_a_bounded_number_of_times_and_set_aside_for_staff(
        self, said: list[tuple[str, str]]
    ) -> None:
        queued(event_of("Ua", "poison", id="E1"), event_of("Ua", "after", id="E2"), event_of("Ub", "other"))
        moment = SAID
        for _ in range(TRIES):
            work_all(at=moment)
            moment += timedelta(seconds=2)
        assert said == [("Ub", "other"), ("Ua", "after")]
        assert states("E1", "E2") == [State.SET_ASIDE, State.DONE]
        event = InboundEvent.objects.get(event_id="E1")
        assert event.attempts == TRIES
        assert open_event(event)["message"]["text"] == "poison"
        alarm = Alarm.objects.get(reason="EVENT_SET_ASIDE")
        assert (alarm.incident, alarm.detail, alarm.acknowledged_at) == (None, "E1", None)

    def test_the_person_waits_for_it_only_seconds(self, said: list[tuple[str, str]]) -> None:
        queued(event_of("Ua", "poison"), event_of("Ua", "after"))
        for tenth in range(40):
            work_all(at=later(tenth / 10))
        assert said == [("Ua", "after")]

    def test_while_it_waits_for_its_next_try_nobody_spins_on_it(self, said: list[tuple[str, str]]) -> None:
        queued(event_of("Ua", "poison"), event_of("Ua", "after"))
        work_all()
        assert waiting_persons(at=SAID) == []
        assert waiting_persons(at=later(1)) == ["Ua"]

    def test_what_went_wrong_is_noted_without_what_was_said(self, said: list[tuple[str, str]]) -> None:
        queued(event_of("Ua", "poison and my address", id="E1"))
        work_all()
        failure = InboundEvent.objects.get(event_id="E1").failure
        assert "RuntimeError" in failure
        assert "address" not in failure

    def test_half_a_step_is_no_step(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from esshelpme.intake.conversation import converse as real

        def converse(heard: Heard, **times: Any) -> None:
            real(heard, **times)
            raise RuntimeError("after everything was written")

        monkeypatch.setattr(work, "converse", converse)
        queued(pin_of("Ua"))
        work_all()
        assert not Incident.objects.exists()

    def test_an_error_of_the_database_about_the_event_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def converse(heard: Heard, **times: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

        monkeypatch.setattr(work, "converse", converse)
        queued(event_of("Ua", id="E1"))
        work_all()
        assert InboundEvent.objects.get(event_id="E1").attempts == 1

    def test_a_database_that_is_away_does_not_count(self, said: list[tuple[str, str]]) -> None:
        queued(event_of("Ua", "outage", id="E1"))
        for _ in range(TRIES + 2):
            with pytest.raises(OperationalError):
                work_person("Ua", at=SAID)
        event = InboundEvent.objects.get(event_id="E1")
        assert (event.state, event.attempts) == (State.WAITING, 0)

    @pytest.mark.parametrize(
        ("error", "transient"),
        [
            (psycopg.errors.DeadlockDetected(), True),
            (psycopg.errors.SerializationFailure(), True),
            (psycopg.errors.AdminShutdown(), True),
            (psycopg.errors.DiskFull(), True),
            (psycopg.errors.TooManyConnections(), True),
            (psycopg.errors.LockNotAvailable(), True),
            (psycopg.errors.ConnectionFailure(), True),
            (psycopg.OperationalError("server closed the connection unexpectedly"), True),
            (psycopg.errors.ProgramLimitExceeded(), False),
            (psycopg.errors.StatementTooComplex(), False),
        ],
    )
    def test_which_errors_of_the_database_are_about_itself(self, error: Exception, transient: bool) -> None:
        wrapped = OperationalError()
        wrapped.__cause__ = error
        assert work.is_transient(wrapped) is transient
        assert not work.is_transient(RuntimeError())


class TestWhatIsNotUnderstood:
    @pytest.mark.parametrize(
        "event",
        [
            {"type": "hologram"},
            {"type": "message", "message": {"id": "1", "type": "hologram"}},
            {"type": "message", "message": {"id": "1", "type": "location", "latitude": "north"}},
            {
                "type": "message",
                "message": {"id": "1", "type": "location", "latitude": 10**400, "longitude": 1},
            },
            {"type": "messageEdited"},
            {},
        ],
    )
    def test_it_is_kept_with_its_words_and_skipped(self, event: dict[str, Any]) -> None:
        queued({**event_of("Ua", id="E1"), "message": None, **event})
        work_all()
        found = InboundEvent.objects.get(event_id="E1")
        assert found.state == State.SKIPPED
        assert found.sealed is not None

    @pytest.mark.parametrize("type", ["join", "leave", "memberJoined", "videoPlayComplete"])
    def test_what_says_nothing_of_a_person_in_danger_is_done_quietly(self, type: str) -> None:
        queued({**event_of("Ua", id="E1"), "type": type, "message": None})
        work_all()
        assert states("E1") == [State.DONE]

    def test_under_another_secret_it_is_set_aside_whole(self) -> None:
        (event,) = queued(event_of("Ua", id="E1"))
        InboundEvent.objects.filter(pk=event.pk).update(sealed=b"x" * 60)
        for number in range(TRIES):
            work_all(at=later(number * 2))
        assert states("E1") == [State.SET_ASIDE]


class TestTakenBack:
    def test_words_taken_back_before_they_came_are_never_kept(self) -> None:
        message = event_of("Ua", "secret", id="E2")
        unsend = {**event_of("Ua", id="E1"), "type": "unsend", "message": None,
                  "unsend": {"messageId": message["message"]["id"]}}  # fmt: skip
        queued(unsend)
        work_all()
        queued(message)
        work_all()
        assert InboundEvent.objects.get(event_id="E2").sealed is None
        assert not Message.objects.filter(direction="IN", content__isnull=False).exists()

    @pytest.mark.parametrize("first", ["message", "unsend"])
    def test_words_that_were_set_aside_go_as_well(
        self, first: str, said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(
            "esshelpme.intake.conversation.understand", lambda *_: (_ for _ in ()).throw(RuntimeError("ill"))
        )
        message = event_of("Ua", "secret", id="E1")
        unsend = {**event_of("Ua", at=later(5)), "type": "unsend", "message": None,
                  "unsend": {"messageId": message["message"]["id"]}}  # fmt: skip
        for number, event in enumerate([message, unsend] if first == "message" else [unsend, message]):
            queued(event, received_at=later(number * 60))
            for tenth in range(40):
                work_all(at=later(number * 60 + tenth / 10))
        assert InboundEvent.objects.get(event_id="E1").sealed is None


class TestFlood:
    """A million repeats by one person: limited after the first report got through, never blocked from help."""

    @pytest.fixture
    def flood(self) -> dict[str, Any]:
        queued(pin_of("Ua", at=later(-60), id="FIRST"))
        work_all()
        queued(*(event_of("Ua", f"aaa {number}", at=later(-30)) for number in range(400)))
        return pin_of("Ua", 13.80, 100.55, at=later(-1), id="PIN")

    def test_a_pin_and_a_button_behind_it_are_heard_and_nothing_is_lost(self, flood: dict[str, Any]) -> None:
        ref = Incident.objects.get().ref
        press = {**event_of("Ua", id="TAP"), "type": "postback", "message": None,
                 "postback": {"data": f"a=loud&i={ref}"}}  # fmt: skip
        queued(flood, press)
        rounds = work_all(turns=100)
        assert states("PIN", "TAP") == [State.DONE, State.DONE]
        assert rounds < 80  # some are answered, the rest is put aside in bulk
        assert Incident.objects.get().discreet is False
        kept = InboundEvent.objects.filter(state=State.SKIPPED)
        assert kept.count() > 300
        assert all(event.sealed for event in kept)
        assert not InboundEvent.objects.filter(state=State.WAITING).exists()

    def test_others_have_their_turn_at_once(self, flood: dict[str, Any]) -> None:
        queued(pin_of("Ub"))
        assert waiting_persons(at=SAID) == ["Ua", "Ub"]
        for person in waiting_persons(at=SAID):
            work_person(person, at=SAID)
        assert Incident.objects.count() == 2

    def test_after_a_while_the_person_is_heard_again(self, flood: dict[str, Any]) -> None:
        work_all()
        queued(event_of("Ua", "and now?", at=later(70), id="LATER"), received_at=later(70))
        work_all(at=later(70))
        assert states("LATER") == [State.DONE]

    def test_who_flooded_without_a_report_can_still_call_for_help(self) -> None:
        queued(*(event_of("Ua", f"aaa {number}") for number in range(200)))
        queued(event_of("Ua", "ช่วยด้วย มีคนกำลังทำร้ายฉัน เขามีมีด", id="HELP"))
        work_all()
        assert states("HELP") == [State.DONE]
        assert Incident.objects.count() == 1

    def test_what_a_flood_took_back_is_not_kept(self, flood: dict[str, Any]) -> None:
        message = event_of("Ua", "secret", at=later(-2), id="SECRET")
        unsend = {**event_of("Ua", at=later(-40)), "type": "unsend", "message": None,
                  "unsend": {"messageId": message["message"]["id"]}}  # fmt: skip
        queued(unsend, message)
        work_all()
        assert InboundEvent.objects.get(event_id="SECRET").sealed is None


def test_hostile_words_pass_through_the_whole_conversation() -> None:
    """From the report to the officer's card: nothing that can be written makes a step fail."""
    hostile = [
        "a\x00b",
        "\ud83d",
        "\u202e\u2066evil",
        "😀" * 5000,
        "ก็" * 2500,
        "<b>&{ref}{{x}}%s</b>",
        " ",
        "\u0000",
    ]
    for number, words in enumerate(hostile):
        person = f"U{number}"
        pin = pin_of(person, at=later(-3))
        pin["message"] |= {"title": words, "address": words}
        press = {**event_of(person, at=later(-1)), "type": "postback", "message": None,
                 "postback": {"data": json.dumps(words)[1:-1] + "&a=kind&v=" + words}}  # fmt: skip
        queued(event_of(person, words, at=later(-4)), pin, event_of(person, words, at=later(-2)), press)
    work_all()
    assert not InboundEvent.objects.exclude(state__in=(State.DONE, State.SKIPPED)).exists()
    assert Incident.objects.count() == len(hostile)
