from __future__ import annotations

import os
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from esshelpme.intake.worker import Worker

NICE = 5


class Command(BaseCommand):
    help = "Turn inbound events into conversation steps, until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        # Acknowledging comes before understanding: on a busy machine the webhook's door has the first word.
        os.nice(NICE)
        worker = Worker(spool_folder=settings.CONFIG.data_dir / "spool")
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: worker.stop())
        worker.run()
