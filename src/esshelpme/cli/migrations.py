"""Applying migrations: once at a time over all machines that share a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

LOCK: Final = 4_553_534_831
"""The number of the advisory lock, the same in every release; it has no other meaning."""


def pending() -> int:
    """How many migrations are not applied. Django is set up."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def alone() -> Iterator[None]:
    """Hold the database's preparation lock: a second machine that starts now waits here."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def apply_pending(say: Callable[[str], None]) -> None:
    """Apply what is not applied; call it within `alone`."""
    from django.core.management import call_command

    if count := pending():
        say(f"Migrating the database: {count} steps…")
        call_command("migrate", interactive=False, verbosity=0)
