"""The worker process: a pool of threads turns waiting events into steps, one person at a time in each."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import django.db
import psycopg
import structlog
from django.db import close_old_connections, connection

from esshelpme import triage
from esshelpme.dispatch.alarms import raise_system_alarm
from esshelpme.intake.spool import Spool
from esshelpme.intake.store import insert_rows
from esshelpme.intake.work import waiting_persons, work_person
from esshelpme.places import warm
from esshelpme.platform.clock import now
from esshelpme.pulse import beats

log = structlog.get_logger(__name__)

THREADS = 4
IDLE_SECONDS = 0.04
AWAY_SECONDS = 0.5
PERSONS_A_ROUND = 64
# After so many events of one person, others have their turn.
EVENTS_A_TURN = 16


class Worker:
    """Runs until stopped. Several workers may run at once: persons are locked, not queues."""

    def __init__(self, *, spool_folder: Path, threads: int = THREADS) -> None:
        self._spool = Spool(spool_folder)
        self._threads = threads
        self._busy: set[str] = set()
        self._resting: dict[str, float] = {}  # person → until when (monotonic): another worker has them
        self._after = ""
        self._lock = threading.Lock()
        self._room = threading.Semaphore(threads)
        self._stop = threading.Event()
        self._beaten: datetime | None = None

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Work until `stop`."""
        # What is loaded once is loaded now, not at the first report.
        warm()
        triage.read("ช่วยด้วย")
        with ThreadPoolExecutor(self._threads, thread_name_prefix="person") as pool:
            while not self._stop.is_set():
                try:
                    self._beat()
                    self._drain()
                    started = self._start(pool)
                except (django.db.Error, psycopg.Error, OSError) as error:
                    log.warning("database_away", error=str(error).splitlines()[0] if str(error) else "")
                    with suppress(Exception):
                        connection.close()
                    self._stop.wait(AWAY_SECONDS)
                    continue
                if not started:
                    self._stop.wait(IDLE_SECONDS)

    def _start(self, pool: ThreadPoolExecutor) -> int:
        persons = waiting_persons(at=now(), after=self._after, most=PERSONS_A_ROUND)
        self._after = persons[-1] if len(persons) == PERSONS_A_ROUND else ""
        started = 0
        for person in persons:
            if not self._may_start(person):
                continue
            while not self._room.acquire(timeout=0.5):
                self._beat()
            with self._lock:
                self._busy.add(person)
            pool.submit(self._work, person)
            started += 1
        return started

    def _may_start(self, person: str) -> bool:
        with self._lock:
            self._resting = {name: until for name, until in self._resting.items() if until > time.monotonic()}
            return person not in self._busy and person not in self._resting

    def _work(self, person: str) -> None:
        steps = 0
        try:
            close_old_connections()
            while steps < EVENTS_A_TURN and not self._stop.is_set() and work_person(person, at=now()):
                steps += 1
        except django.db.Error as error:
            log.warning("step_interrupted", error=type(error).__name__)
            with suppress(Exception):
                connection.close()
        except Exception:
            log.exception("worker_failed")
        finally:
            with self._lock:
                self._busy.discard(person)
                if not steps:
                    self._resting[person] = time.monotonic() + IDLE_SECONDS
            self._room.release()

    def _drain(self) -> None:
        if not self._spool.waiting():
            return
        try:
            connection.ensure_connection()
            drained = self._spool.drain(lambda rows: insert_rows(connection.connection, rows))
            log.info("spool_drained", events=drained)
        except (django.db.Error, psycopg.OperationalError):
            raise
        except Exception:  # trouble with the spool must not stop what is in the database
            log.exception("spool_not_drained")

    def _beat(self) -> None:
        at = now()
        if self._beaten is None or at - self._beaten >= beats.EVERY:
            beats.beat("worker", at=at)
            self._beaten = at
            if bad := self._spool.quarantined():
                raise_system_alarm("EVENTS_QUARANTINED", detail=f"{bad} in the spool folder", at=at)
