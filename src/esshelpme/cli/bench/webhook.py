"""Receiving: webhook requests a second beside a bare handler's, and how long an acknowledgement takes."""

from __future__ import annotations

import asyncio
import json
import statistics

import psycopg

from esshelpme.cli.bench._load import closed_loop, open_loop, request, text_event, webhook_requests
from esshelpme.cli.bench._stand import Stand, free_port, percentile, stand
from esshelpme.cli.bench.results import BenchResult, Figure

CONNECTIONS = 32
ROUNDS, ROUND_SECONDS = 5, 4.0
STEADY_RATE, STEADY_SECONDS = 200.0, 15.0
ACK_GOAL_MS = 10.0


def run() -> BenchResult:
    """Alternating rounds of ours and the bare handler, then a steady 200 a second, idle and with workers busy."""
    with stand() as at:
        with psycopg.connect(at.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE bench_bare (id bigserial PRIMARY KEY, body bytea NOT NULL)")
        bare_port = free_port()
        bare = ("esshelpme.platform.serve", "esshelpme.cli.bench._bare:application", "--port", str(bare_port))
        with at.web():
            ours, limits = [], []
            with at.process(*bare, port=bare_port):
                for _ in range(ROUNDS):
                    limits.append(_round(bare_port))
                    ours.append(_round(at.web_port))
            calm = _acks(at)
            with psycopg.connect(at.url, autocommit=True) as connection:
                connection.execute("DELETE FROM intake_inboundevent")
            with at.simulator(), at.command("run_sender"), at.command("run_worker"):
                busy = _acks(at)
    return BenchResult(
        "webhook",
        [
            Figure("requests", statistics.median(ours), "1/s", statistics.median(limits)),
            Figure("ack p99 at 200/s", percentile(calm, 0.99) * 1000, "ms", ACK_GOAL_MS),
            Figure("ack p99 at 200/s, workers busy", percentile(busy, 0.99) * 1000, "ms", ACK_GOAL_MS),
            Figure("ack p50 at 200/s, workers busy", percentile(busy, 0.5) * 1000, "ms"),
        ],
        [
            (
                f"requests: medians of {ROUNDS} alternating rounds of {ROUND_SECONDS:.0f} s, {CONNECTIONS} "
                "connections, one web worker; limit: HMAC and one durable insert a request, same server and database"
            ),
        ],
    )


def _round(port: int) -> float:
    requests = webhook_requests(text_event, host="127.0.0.1")
    return closed_loop(port, requests, connections=CONNECTIONS, seconds=ROUND_SECONDS)


def _acks(at: Stand) -> list[float]:
    def make(number: int) -> bytes:
        return request(
            json.dumps({"destination": "U" + "0" * 32, "events": [text_event(number)]}).encode(),
            host="127.0.0.1",
        )

    return asyncio.run(open_loop(at.web_port, make, rate=STEADY_RATE, seconds=STEADY_SECONDS))
