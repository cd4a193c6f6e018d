"""`/healthz` and `/readyz` (docs/operations.md)."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from esshelpme.access.guard import public
from esshelpme.platform.clock import now
from esshelpme.pulse import beats

log = structlog.get_logger(__name__)
_migrated = False


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """The process serves."""
    return HttpResponse("ok", content_type="text/plain")


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, migrations, a worker's heartbeat: 200, or 503 naming what fails."""
    failed = _failed()
    if failed is None:
        return JsonResponse({"status": "ready"})
    check, detail = failed
    return JsonResponse({"status": "not ready", "failed": check, "detail": detail}, status=503)


def _failed() -> tuple[str, str] | None:
    try:
        connection.ensure_connection()
        if not _all_migrated():
            return "migrations", "migrations are not applied: run ./ess up or ./ess manage migrate"
        silent = beats.silent_for("worker", at=now())
    except DatabaseError as error:
        connection.close()
        # The driver's sentence names hosts and users: for our log, not for whoever asks.
        log.warning("readyz_database_away", error=str(error).strip().partition("\n")[0])
        return "database", "does not answer"
    if silent is None or silent > beats.WITHIN:
        return "worker", "no worker has beaten within 15 s: is run_worker running?"
    return None


def _all_migrated() -> bool:
    """Once true it stays true for this process: code and migrations come together."""
    global _migrated  # noqa: PLW0603  # a process-wide fact, learnt once
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
