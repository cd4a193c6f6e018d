from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from esshelpme.platform.clock import now
from esshelpme.privacy.retention import due, enforce


class Command(BaseCommand):
    help = (
        "Remove what is kept longer than the retention table allows (the jobs process does this every night)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        if options["dry_run"]:
            for item in due(at, most=1_000_000):
                self.stdout.write(
                    f"{item.rule.code}: {len(item.ids)} older than {item.before:%Y-%m-%d %H:%M} UTC"
                )
            return
        for code, count in enforce(at).items():
            self.stdout.write(f"{code}: {count} removed")
