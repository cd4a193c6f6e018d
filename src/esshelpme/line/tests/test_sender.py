"""The sender: every message once, whatever LINE, the database or a kill does meanwhile (docs/conversation.md)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from esshelpme.conftest import line_id
from esshelpme.dispatch.models import Alarm, CallTask
from esshelpme.incidents.models import Message
from esshelpme.intake.tests.post import database
from esshelpme.intake.tests.stage import Stage
from esshelpme.line import undelivered
from esshelpme.line.tests.sending import Phones, Sending, State, settle, wait_until
from esshelpme.outbox.models import OutboundMessage
from esshelpme.platform.clock import now
from esshelpme.simulator.client import FakeLine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]


def pushes(line: FakeLine) -> list[str]:
    """Retry keys of every push that was tried, oldest first."""
    return [call.remark for call in line.calls("/push")]


class TestReplies:
    def test_a_valid_token_is_used_and_costs_nothing(self, line: FakeLine, phones: Phones) -> None:
        phones.write("a", "hello", reply=True)
        with Sending(line):
            settle()
        assert (phones.shows("a"), phones.ways("a")) == (["hello"], ["reply"])
        assert pushes(line) == []

    def test_a_token_that_has_become_too_old_here_is_not_tried(self, line: FakeLine, phones: Phones) -> None:
        phones.write("a", "hello", reply=True, at=now() - timedelta(seconds=60))
        with Sending(line):
            settle()
        assert phones.ways("a") == ["push"]
        assert line.calls("/reply") == []

    def test_a_token_refused_by_line_goes_by_push_at_once(self, line: FakeLine, phones: Phones) -> None:
        row = phones.write("a", "hello", reply=True)
        OutboundMessage.objects.filter(pk=row.pk).update(reply_token="0" * 68)
        with Sending(line):
            settle()
        assert (phones.shows("a"), phones.ways("a")) == (["hello"], ["push"])
        assert len(line.calls("/reply")) == 1

    def test_too_many_replies_at_once_are_tried_again_as_replies(
        self, line: FakeLine, phones: Phones
    ) -> None:
        line.set_faults(rate_429={"next": 3, "path": "reply"})
        phones.write("a", "hello", reply=True)
        with Sending(line):
            settle()
        assert (phones.shows("a"), phones.ways("a")) == (["hello"], ["reply"])

    @pytest.mark.parametrize("fault", ["down", "error_500"])
    def test_a_reply_without_an_answer_goes_by_push_and_never_again_as_a_reply(
        self, fault: str, line: FakeLine, phones: Phones
    ) -> None:
        line.set_faults(**{fault: {"next": 1, "path": "reply"}})
        phones.write("a", "hello", reply=True)
        with Sending(line):
            settle()
        assert (phones.shows("a"), phones.ways("a")) == (["hello"], ["push"])
        assert len(line.calls("/reply")) == 1

    def test_a_reply_whose_answer_was_lost_may_show_twice_and_no_more(
        self, line: FakeLine, phones: Phones
    ) -> None:
        line.set_faults(drop_after_accept={"next": 1, "path": "reply"})
        phones.write("a", "hello", reply=True)
        with Sending(line):
            settle()
        assert phones.ways("a") == ["reply", "push"]  # LINE has no retry key for replies

    def test_a_slow_reply_counts_as_lost(
        self, line: FakeLine, phones: Phones, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import aiohttp

        monkeypatch.setattr("esshelpme.line.client.TIMEOUT", aiohttp.ClientTimeout(total=0.5))
        line.set_faults(slow_ms=1500)
        phones.write("a", "hello", reply=True)
        with Sending(line):
            wait_until(lambda: line.calls("/reply"))
            line.set_faults(slow_ms=0)
            settle()
        wait_until(lambda: len(line.calls("/message/")) >= OutboundMessage.objects.get().attempts)
        assert phones.ways("a") == ["reply", "push"]
        assert len(line.calls("/reply")) == 1


class TestPushes:
    def test_the_retry_key_is_there_from_the_first_try_and_stays(
        self, line: FakeLine, phones: Phones
    ) -> None:
        line.set_faults(error_500={"next": 3, "path": "push"})
        row = phones.write("a", "hello")
        with Sending(line):
            settle()
        keys = pushes(line)
        assert len(keys) == 4
        assert {UUID(key) for key in keys} == {row.retry_key}
        assert phones.shows("a") == ["hello"]

    def test_one_that_was_accepted_without_an_answer_is_shown_once(
        self, line: FakeLine, phones: Phones
    ) -> None:
        line.set_faults(drop_after_accept={"next": 1, "path": "push"})
        phones.write("a", "hello")
        with Sending(line):
            settle()
        assert phones.shows("a") == ["hello"]
        assert line.calls("/push")[-1].status == 409
        assert OutboundMessage.objects.get().state == State.SENT

    @pytest.mark.parametrize("fault", ["rate_429", "error_500", "down"])
    def test_a_storm_delays_and_loses_nothing(self, fault: str, line: FakeLine, phones: Phones) -> None:
        line.set_faults(**{fault: 0.6})
        for number in range(30):
            phones.write(f"p{number % 10}", f"{number}", reply=number % 3 == 0)
        with Sending(line):
            settle()
        for person in range(10):
            assert phones.shows(f"p{person}") == [f"{person + 10 * n}" for n in range(3)]

    def test_it_is_tried_until_it_has_expired_and_then_told(self, line: FakeLine, phones: Phones) -> None:
        line.set_faults(error_500=True)
        phones.write("a", "hello", lasts=1.0)
        with Sending(line):
            settle()
        row = OutboundMessage.objects.get()
        assert row.attempts > 2
        assert (row.state, row.sealed) == (State.UNDELIVERED, None)
        assert row.failure.startswith("EXPIRED")

    def test_one_that_expired_while_nobody_sent_is_not_sent_any_more(
        self, line: FakeLine, phones: Phones
    ) -> None:
        phones.write("a", "an offer of yesterday", at=now() - timedelta(hours=20), lasts=900)
        with Sending(line):
            settle()
        assert line.calls() == []
        assert OutboundMessage.objects.get().state == State.UNDELIVERED

    def test_each_person_is_told_in_order(self, line: FakeLine, phones: Phones) -> None:
        line.set_faults(error_500={"next": 6})
        for number in range(8):
            phones.write("a", str(number))
            phones.write("b", str(number))
        with Sending(line):
            settle()
        assert phones.shows("a") == phones.shows("b") == [str(number) for number in range(8)]

    def test_one_person_who_cannot_be_reached_does_not_hold_up_others(
        self, line: FakeLine, phones: Phones
    ) -> None:
        row = phones.write("a", "never")
        OutboundMessage.objects.filter(pk=row.pk).update(recipient="nobody")
        phones.write("b", "soon")
        with Sending(line):
            settle()
        assert phones.shows("b") == ["soon"]

    def test_what_was_delivered_is_no_longer_readable_here(self, line: FakeLine, phones: Phones) -> None:
        phones.write("a", "hello")
        phones.write("b", "hello", reply=True)
        with Sending(line):
            settle()
        for row in OutboundMessage.objects.all():
            assert (row.state, row.sealed) == (State.SENT, None)
            assert row.finished_at is not None

    def test_a_silent_message_is_silent(self, line: FakeLine, phones: Phones) -> None:
        phones.write("a", "hush", silent=True)
        phones.write("b", "hush", silent=True, reply=True)
        with Sending(line):
            settle()
        assert [message.silent for message in line.all_messages()] == [True, True]

    def test_a_body_that_cannot_be_opened_stops_nobody(self, line: FakeLine, phones: Phones) -> None:
        row = phones.write("a", "hello", lasts=0.5)
        OutboundMessage.objects.filter(pk=row.pk).update(sealed=b"x" * 40)
        phones.write("b", "hello")
        with Sending(line):
            settle()
        assert phones.shows("b") == ["hello"]
        assert OutboundMessage.objects.get(pk=row.pk).state == State.UNDELIVERED

    def test_words_of_line_that_no_database_keeps_stop_nobody(
        self, line: FakeLine, phones: Phones, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from esshelpme.line.client import LineClient, Temporary

        real, tried = LineClient.push, []

        async def push(self: LineClient, *values: Any, **more: Any) -> None:
            tried.append(1)
            if len(tried) == 1:
                raise Temporary("odd \x00 words", status=500)
            await real(self, *values, **more)

        monkeypatch.setattr(LineClient, "push", push)
        phones.write("a", "hello")
        with Sending(line):
            settle()
        assert phones.shows("a") == ["hello"]


class TestUndelivered:
    """On the timeline, an alarm, and another way to reach an officer."""

    @pytest.fixture
    def stage(self, line: FakeLine) -> Stage:
        return Stage(at=now() - timedelta(seconds=1))

    def test_an_offer_that_cannot_be_delivered_becomes_a_call(self, line: FakeLine, stage: Stage) -> None:
        stage.unit("POL", "POLICE")  # its member's LINE id is none that LINE knows: 400
        stage.unit("SOC", "SOCIAL")
        stage.press(line_id("citizen"), "a=kind&v=ASSAULT")
        stage.pin(line_id("citizen"))
        with Sending(line):
            settle()
        notes = [step.data for step in stage.incident.timeline.filter(type="MESSAGE_UNDELIVERED")]
        assert {note["what"] for note in notes} >= {"offer"}
        assert {note["reason"] for note in notes} == {"400"}
        assert Alarm.objects.filter(incident=stage.incident, reason="UNDELIVERED").count() == 1
        called = CallTask.objects.filter(incident=stage.incident, reason="UNDELIVERED")
        assert {task.unit.code for task in called if task.unit} == {"POL", "SOC"}

    def test_the_monthly_limit_is_not_tried_again_and_alarms_the_operator(
        self, line: FakeLine, stage: Stage
    ) -> None:
        stage.press(line_id("citizen"), "a=kind&v=ASSAULT")
        stage.pin(line_id("citizen"))
        OutboundMessage.objects.update(reply_token="")
        line.set_quota(0)
        waiting = OutboundMessage.objects.count()
        with Sending(line):
            settle()
        assert len(line.calls("/push")) == waiting
        steps = stage.incident.timeline.filter(type="MESSAGE_UNDELIVERED")
        assert {step.data["reason"] for step in steps} == {"QUOTA"}
        assert Alarm.objects.get(reason="LINE_QUOTA_SPENT").incident is None
        assert Message.objects.filter(incident=stage.incident, undelivered_at__isnull=False).exists()

    def test_a_token_that_line_does_not_know_alarms_the_operator(
        self, line: FakeLine, phones: Phones, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        phones.write("a", "hello")
        monkeypatch.setattr(FakeLine, "access_token", "wrong")
        with Sending(line):
            settle()
        assert Alarm.objects.get().reason == "LINE_REFUSES_TOKEN"

    def test_the_end_and_its_note_are_written_together_or_not_at_all(
        self, line: FakeLine, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stage.press(line_id("citizen"), "a=kind&v=ASSAULT")
        stage.pin(line_id("citizen"))
        OutboundMessage.objects.exclude(what="loud.received").update(reply_token="0" * 68, recipient="nobody")
        from django.db import OperationalError

        failures = iter([OperationalError("away"), OperationalError("away")])
        real = undelivered.note_undelivered

        def note(*values: Any, **more: Any) -> None:
            for failure in failures:
                raise failure
            real(*values, **more)

        monkeypatch.setattr(undelivered, "note_undelivered", note)
        with Sending(line):
            settle()
        ended = OutboundMessage.objects.filter(state=State.UNDELIVERED, incident_id__isnull=False).count()
        assert ended > 0
        assert stage.incident.timeline.filter(type="MESSAGE_UNDELIVERED").count() == ended

    def test_a_note_that_cannot_be_written_still_alarms(
        self, line: FakeLine, phones: Phones, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = phones.write("a", "never")
        OutboundMessage.objects.filter(pk=row.pk).update(recipient="nobody")

        def note(*values: Any, **more: Any) -> None:
            raise RuntimeError("a fault of ours")

        monkeypatch.setattr(undelivered, "note_undelivered", note)
        phones.write("b", "hello")
        with Sending(line):
            settle()
        assert phones.shows("b") == ["hello"]
        assert Alarm.objects.get().reason == "UNDELIVERED"


class TestSurvival:
    def test_of_two_senders_one_sends(self, line: FakeLine, phones: Phones) -> None:
        for number in range(40):
            phones.write(f"p{number}", "hello", reply=number % 2 == 0)
        with Sending(line), Sending(line):
            settle()
        assert len(line.calls("/message/")) == 40
        assert all(phones.shows(f"p{number}") == ["hello"] for number in range(40))

    def test_the_second_takes_over_from_one_that_was_killed(self, line: FakeLine, phones: Phones) -> None:
        line.set_faults(slow_ms=400)
        for number in range(20):
            phones.write(f"p{number}", "hello")
        with Sending(line) as first:
            wait_until(lambda: OutboundMessage.objects.filter(state=State.SENDING).count() == 20)
            with Sending(line):
                first.kill()
                line.set_faults(slow_ms=0)
                settle()
        assert all(phones.shows(f"p{number}") == ["hello"] for number in range(20))
        assert OutboundMessage.objects.filter(state=State.SENT).count() == 20

    def test_a_killed_one_repeats_no_reply_as_a_reply(self, line: FakeLine, phones: Phones) -> None:
        line.set_faults(slow_ms=400)
        phones.write("a", "hello", reply=True)
        with Sending(line) as first:
            wait_until(lambda: line.messages_to(line_id("a")))
            first.kill()
        line.set_faults(slow_ms=0)
        with Sending(line):
            settle()
        # Nobody knows whether the reply was shown: it comes once more, by push.
        assert phones.ways("a") == ["reply", "push"]

    def test_a_clean_stop_finishes_what_is_in_hand(self, line: FakeLine, phones: Phones) -> None:
        line.set_faults(slow_ms=300)
        for number in range(5):
            phones.write(f"p{number}", "hello", reply=True)
        with Sending(line):
            wait_until(lambda: OutboundMessage.objects.filter(state=State.SENDING).count() == 5)
        assert OutboundMessage.objects.filter(state=State.SENT).count() == 5

    def test_a_lost_connection_in_the_middle_loses_nothing_and_repeats_nothing(
        self, line: FakeLine, phones: Phones
    ) -> None:
        line.set_faults(slow_ms=300)
        for number in range(60):
            phones.write(f"p{number % 20}", f"{number}", reply=number % 2 == 0)
        with Sending(line):
            for _ in range(3):
                wait_until(lambda: OutboundMessage.objects.filter(state=State.SENDING).exists())
                cut_others_off()
            line.set_faults(slow_ms=0)
            settle(within=60)
        for person in range(20):
            assert phones.shows(f"p{person}") == [f"{person + 20 * n}" for n in range(3)]

    def test_notes_are_written_again_after_the_database_was_away(
        self, line: FakeLine, phones: Phones
    ) -> None:
        """The connection of the notes' own thread is replaced when it broke."""
        with Sending(line):
            for round in range(3):
                row = phones.write("a", "never", at=now() + timedelta(seconds=0.2))
                OutboundMessage.objects.filter(pk=row.pk).update(recipient=f"nobody{round}")
                settle()
                cut_others_off()
        assert OutboundMessage.objects.filter(state=State.UNDELIVERED).count() == 3

    def test_hundreds_of_messages_to_many(self, line: FakeLine, phones: Phones) -> None:
        for number in range(300):
            phones.write(f"p{number % 60}", f"{number}", reply=number % 2 == 0)
        with Sending(line):
            settle(within=60)
        assert len(line.all_messages()) == 300


def cut_others_off() -> None:
    """End every connection to the tests' database but this one, as a restart of the server does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (mine,) = cursor.fetchone()
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s",
            [mine],
        )


def test_the_lock_of_the_leader_ends_with_its_connection() -> None:
    from esshelpme.outbox.queue import LEADER_LOCK

    first, second = (psycopg.connect(database(), autocommit=True) for _ in range(2))
    ask = "SELECT pg_try_advisory_lock(%s)"
    assert first.execute(ask, [LEADER_LOCK]).fetchone() == (True,)
    assert second.execute(ask, [LEADER_LOCK]).fetchone() == (False,)
    threading.Thread(target=first.close).start()
    wait_until(lambda: second.execute(ask, [LEADER_LOCK]).fetchone() == (True,))
    second.close()
