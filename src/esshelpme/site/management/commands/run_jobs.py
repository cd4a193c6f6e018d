from __future__ import annotations

import os
import threading
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from esshelpme.site.rehearsal import set_up_simulator

NICE = 10


class Command(BaseCommand):
    help = "Run background jobs (retention, imports, reports), until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(NICE)  # nobody in danger waits for these
        threading.Thread(target=set_up_simulator, daemon=True).start()
        call_command("procrastinate", "worker", "--concurrency", "2")
