"""The worker process: many persons at once, two workers beside each other, outages, spool and poison."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from esshelpme.dispatch.models import Alarm
from esshelpme.intake import work
from esshelpme.intake.heard import Heard
from esshelpme.intake.models import InboundEvent
from esshelpme.intake.spool import Spool
from esshelpme.intake.tests.post import SAID, arrives, event_of, row
from esshelpme.intake.worker import Worker
from esshelpme.pulse import beats

pytestmark = pytest.mark.django_db(transaction=True)
State = InboundEvent.State


class Steps:
    """What the conversation was given; a text with "poison" fails."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.given: list[tuple[str, str]] = []
        self.each: Callable[[], None] = lambda: None

    def converse(self, heard: Heard, *, received_at: datetime, at: datetime) -> None:
        self.each()
        if "poison" in heard.text:
            raise RuntimeError("cannot digest it")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.002)")
        with self.lock:
            self.given.append((heard.user_id, heard.text))


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps()
    monkeypatch.setattr(work, "converse", made.converse)
    return made


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Callable[[int], None]]:
    """`workers(2)` starts two; all are stopped at the end."""
    running: list[tuple[Worker, threading.Thread]] = []

    def start(count: int) -> None:
        for _ in range(count):
            worker = Worker(spool_folder=tmp_path / "spool")
            thread = threading.Thread(target=run, args=(worker,), daemon=True)
            thread.start()
            running.append((worker, thread))

    def run(worker: Worker) -> None:
        try:
            worker.run()
        finally:
            connections.close_all()

    yield start
    for worker, _ in running:
        worker.stop()
    for _, thread in running:
        thread.join(20)
        assert not thread.is_alive()


def until(true: Callable[[], Any], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def all_done() -> bool:
    return not InboundEvent.objects.filter(state=State.WAITING).exists()


def test_two_workers_do_each_event_once_and_each_persons_in_order(
    steps: Steps, workers: Callable[[int], None]
) -> None:
    arrives(
        *(
            event_of(f"U{person}", str(number), at=SAID - timedelta(seconds=10 - number))
            for number in (3, 1, 4, 0, 2)
            for person in range(30)
        )
    )
    workers(2)
    until(all_done)
    assert Counter(steps.given).most_common(1)[0][1] == 1
    by_person: dict[str, list[str]] = defaultdict(list)
    for person, text in steps.given:
        by_person[person].append(text)
    assert len(by_person) == 30
    assert all(texts == ["0", "1", "2", "3", "4"] for texts in by_person.values())


def test_a_flood_of_a_few_leaves_room_for_the_others(steps: Steps, workers: Callable[[int], None]) -> None:
    arrives(*(event_of(f"U-flood{n % 6}", f"{n}") for n in range(3000)))
    arrives(event_of("U-quiet", "help"))
    workers(1)
    until(lambda: ("U-quiet", "help") in steps.given)
    assert len(steps.given) < 1500


def test_poison_is_set_aside_while_all_others_go_on(steps: Steps, workers: Callable[[int], None]) -> None:
    arrives(
        *(event_of(f"U{n}", "poison", id=f"P{n}") for n in range(6)),
        *(event_of(f"U{n}", "after") for n in range(6)),
        *(event_of(f"V{n}", "other") for n in range(20)),
    )
    workers(1)
    until(lambda: sum(text == "other" for _, text in steps.given) == 20, within=20)
    until(all_done)
    assert sum(text == "after" for _, text in steps.given) == 6
    assert InboundEvent.objects.filter(state=State.SET_ASIDE).count() == 6
    assert Alarm.objects.filter(reason="EVENT_SET_ASIDE").count() == 6


def test_an_outage_of_the_database_counts_against_no_event(
    steps: Steps, workers: Callable[[int], None]
) -> None:
    arrives(*(event_of(f"U{n % 10}", f"{n}", id=f"E{n}") for n in range(200)))
    workers(2)
    for part in (20, 60, 120):
        until(lambda part=part: len(steps.given) >= part)  # type: ignore[misc]
        cut_others_off()
    until(all_done)
    assert InboundEvent.objects.filter(state=State.DONE, attempts=0).count() == 200
    assert {text for _, text in steps.given} == {str(n) for n in range(200)}


def test_what_waits_in_the_spool_is_heard_before_what_came_later(
    steps: Steps, workers: Callable[[int], None], tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool")
    spool.write([row(event_of("Ua", "1", at=SAID - timedelta(seconds=3)))])
    spool.write([row(event_of("Ua", "2", at=SAID - timedelta(seconds=2)))])
    arrives(event_of("Ua", "3"))
    workers(2)
    until(lambda: len(steps.given) == 3)
    assert steps.given == [("Ua", "1"), ("Ua", "2"), ("Ua", "3")]
    assert spool.waiting() == 0


def test_people_are_told_of_what_could_be_kept_nowhere_else(
    steps: Steps, workers: Callable[[int], None], tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool")
    spool.write([replace(row(event_of("Ua", "bad")), person="\x00"), row(event_of("Ub", "good"))])
    workers(1)
    until(lambda: ("Ub", "good") in steps.given)
    until(lambda: Alarm.objects.filter(reason="EVENTS_QUARANTINED", incident=None).exists())


def test_it_says_that_it_lives_also_while_it_is_busy(steps: Steps, workers: Callable[[int], None]) -> None:
    arrives(*(event_of(f"U{n}", "x") for n in range(60)))
    workers(1)
    until(lambda: beats.silent_for("worker", at=SAID) is not None)
    until(all_done)


def cut_others_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
