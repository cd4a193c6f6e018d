"""The table of processes that `./ess up` runs. A new one is a new row of `program`."""

from __future__ import annotations

import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from esshelpme.platform.cluster import Cluster
from esshelpme.platform.config import Config
from esshelpme.platform.locks import FileLock
from esshelpme.platform.processes import Process

PYTHON = (sys.executable, "-P", "-m")


@dataclass(frozen=True)
class Layout:
    """Where this run listens."""

    config: Config
    host: str
    port: int
    simulator_port: int | None

    @property
    def local_host(self) -> str:
        """The address by which this machine reaches its own web server."""
        return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104  # read, not bound

    @property
    def local_url(self) -> str:
        """The web server's address on this machine, without a trailing slash."""
        return f"http://{self.local_host}:{self.port}"


def database(cluster: Cluster) -> Process:
    """The embedded PostgreSQL: first to start, last to stop."""
    start = FileLock(cluster.home / "postgres.start")

    def prepare() -> None:
        with start:
            cluster.prepare()

    return Process(
        name="postgres",
        command=cluster.command,
        stage=0,
        env=cluster.environment,
        bare=True,
        stop_signal=cluster.stop_signal,
        patience_s=60,
        before=prepare,
        ready=cluster.ready,
        preexec=cluster.preexec,
        shows=lambda line: " LOG:" not in line and not line.startswith("LOG:"),  # its diary, not its troubles
    )


def preparation(*, demo: bool) -> Process:
    """Migrations and demonstration data, before anything serves."""
    return Process(
        name="setup",
        command=[*PYTHON, "esshelpme.cli.prepare", *(["--demo"] if demo else [])],
        stage=1,
    )


def program(layout: Layout) -> Sequence[Process]:
    """Everything that serves, in order of starting."""
    config = layout.config
    rows = [
        Process(
            name="web",
            command=[*PYTHON, "esshelpme.platform.serve", "esshelpme.site.asgi:application",
                     "--host", layout.host, "--port", str(layout.port), "--workers", str(config.web_workers)],
            stage=3,
            ready=lambda: _answers(f"{layout.local_url}/healthz"),
        ),
        _command("worker", "run_worker"),  # inbound events become steps of the conversation
        _command("sender", "run_sender"),  # the outbox goes to LINE
        _command("clock", "run_clock"),  # deadlines of offers and alarms
        _command("jobs", "run_jobs"),  # everything else that may wait a moment
    ]  # fmt: skip
    if layout.simulator_port is not None:
        rows.insert(0, _simulator(layout, layout.simulator_port))
    return rows


def _command(name: str, command: str) -> Process:
    return Process(name=name, command=[*PYTHON, "esshelpme.cli.child", command], stage=2)


def _simulator(layout: Layout, port: int) -> Process:
    account = layout.config.line_account
    return Process(
        name="simulator",
        command=[
            *PYTHON,
            "esshelpme.platform.serve",
            "esshelpme.simulator.asgi:application",
            "--port",
            str(port),
        ],
        stage=1,
        env={
            "ESS_SIM_CHANNEL_SECRET": account.secret,
            "ESS_SIM_ACCESS_TOKEN": account.token,
            "ESS_SIM_WEBHOOK_URL": f"{layout.local_url}/line/webhook",
        },
        ready=lambda: _listens(port),
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  # our own address
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
