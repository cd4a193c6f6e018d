from __future__ import annotations

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from esshelpme.dispatch.clock import BATCH, run_due
from esshelpme.platform.clock import now
from esshelpme.pulse.beats import EVERY, beat

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.25


class Command(BaseCommand):
    help = "Run deadlines that are due, until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        beaten = None
        while not stop.is_set():
            try:
                at = now()
                ran = run_due(at=at)
                if beaten is None or at - beaten >= EVERY:
                    beat("clock", at=at)
                    beaten = at
            except DatabaseError as error:
                log.warning("database_away", error=str(error).splitlines()[0] if str(error) else "")
                close_old_connections()
                ran = 0
            if ran < BATCH:
                stop.wait(TICK_SECONDS)
