"""`/metrics` for Prometheus: what waits, how long, who beats. Figures only, nobody can be found in them.

For callers on this machine and, elsewhere, for those with an API token that may see figures.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from esshelpme.access.guard import public
from esshelpme.access.officer import officer_of_token
from esshelpme.access.roles import Right
from esshelpme.access.tokens import token_of
from esshelpme.platform.clock import now

LOOPBACK = ("127.0.0.1", "::1")

# name, what it tells, query of one number
FIGURES = (
    (
        "ess_inbound_waiting",
        "Inbound events not yet turned into a step",
        "SELECT count(*) FROM intake_inboundevent WHERE state = 0",
    ),
    (
        "ess_inbound_oldest_seconds",
        "How long the oldest of them has waited",
        "SELECT extract(epoch FROM now() - min(received_at)) FROM intake_inboundevent WHERE state = 0",
    ),
    (
        "ess_outbox_waiting",
        "Messages not yet delivered",
        "SELECT count(*) FROM outbox_outboundmessage WHERE state IN (0, 1)",
    ),
    (
        "ess_outbox_oldest_seconds",
        "How long the oldest of them has waited",
        "SELECT extract(epoch FROM now() - min(created_at)) FROM outbox_outboundmessage WHERE state IN (0, 1)",
    ),
    (
        "ess_incidents_open",
        "Incidents that are open, exercises left out",
        """SELECT count(*) FROM incidents_incident WHERE NOT exercise
           AND status IN ('NEW', 'DISPATCHING', 'ACCEPTED', 'EN_ROUTE', 'ON_SCENE')""",
    ),
    (
        "ess_incidents_unanswered",
        "Open incidents that nobody has accepted",
        "SELECT count(*) FROM incidents_incident WHERE NOT exercise AND status IN ('NEW', 'DISPATCHING')",
    ),
    (
        "ess_alarms_standing",
        "Alarms that nobody has acknowledged",
        """SELECT count(*) FROM dispatch_alarm a LEFT JOIN incidents_incident i ON i.id = a.incident_id
           WHERE a.acknowledged_at IS NULL AND i.exercise IS NOT TRUE""",
    ),
    (
        "ess_deadlines_late",
        "Deadlines that should have run",
        "SELECT count(*) FROM dispatch_deadline WHERE done_at IS NULL AND due_at < now() - interval '5 seconds'",
    ),
)


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text format; 403 for callers from elsewhere without a token that may see figures."""
    if not _may(request):
        return HttpResponse("for this machine, or with a token that may see figures\n", status=403)
    registry = CollectorRegistry()
    with connection.cursor() as cursor:
        for name, about, query in FIGURES:
            cursor.execute(query)
            row = cursor.fetchone()
            Gauge(name, about, registry=registry).set(float((row and row[0]) or 0))
        cursor.execute("SELECT name, at FROM pulse_heartbeat")
        _beats(registry, cursor.fetchall(), now())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _beats(registry: CollectorRegistry, rows: list[Any], at: datetime) -> None:
    gauge = Gauge(
        "ess_heartbeat_age_seconds",
        "Seconds since a process said that it works",
        ["process"],
        registry=registry,
    )
    for name, beaten in rows:
        gauge.labels(name).set((at - beaten).total_seconds())


def _may(request: HttpRequest) -> bool:
    # Behind a proxy the peer is the proxy: then only a token helps.
    forwarded = "X-Forwarded-For" in request.headers
    if request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded:
        return True
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = token_of(secret) if scheme.lower() == "bearer" and secret else None
    return token is not None and officer_of_token(token).may(Right.SEE_FIGURES)
