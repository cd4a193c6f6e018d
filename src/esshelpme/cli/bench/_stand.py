"""A temporary installation for a benchmark: a durable database, migrated, and processes of the program on it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from esshelpme.platform.config import ROOT
from esshelpme.platform.installation import plain_environment
from esshelpme.platform.postgres import temporary

SECRET, TOKEN = "bench-channel-secret", "bench-access-token"  # of a simulated account
PYTHON = (sys.executable, "-P", "-m")


class Stand:
    """What a benchmark runs on: `env` for its processes, `url` of its database."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.url = url
        self.web_port = free_port()
        self.simulator_port = free_port()
        simulator = f"http://127.0.0.1:{self.simulator_port}"
        self.env = plain_environment(
            home / "data",
            {
                "DATABASE_URL": url,
                "ESS_SECRET_KEY": "benchmark" * 8,
                "ESS_LINE_CHANNEL_SECRET": SECRET,
                "ESS_LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
                "ESS_LINE_API_BASE_URL": simulator,
                "ESS_LINE_DATA_BASE_URL": simulator,
                "DJANGO_SETTINGS_MODULE": "esshelpme.site.settings",
                "PYTHONPATH": str(ROOT / "src"),
                "ESS_LOG": "json",
            },
        )
        self._stack = ExitStack()

    @contextmanager
    def process(
        self, *command: str, env: Mapping[str, str] | None = None, port: int | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run `python -m COMMAND` for the block; with a port, wait until it listens."""
        log = (self.home / f"{command[-1].replace('/', '_')[-40:]}.log").open("ab")
        child = subprocess.Popen(
            [*PYTHON, *command], env={**self.env, **(env or {})}, cwd=ROOT, stdout=log, stderr=log
        )
        try:
            if port is not None:
                wait_for_port(port, child)
            yield child
        finally:
            child.terminate()
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            log.close()

    @contextmanager
    def web(self) -> Iterator[None]:
        """The web process, one worker."""
        command = (
            "esshelpme.platform.serve",
            "esshelpme.site.asgi:application",
            "--port",
            str(self.web_port),
        )
        with self.process(*command, port=self.web_port):
            yield

    @contextmanager
    def simulator(self) -> Iterator[None]:
        """LINE, simulated, sending no webhooks of its own."""
        command = (
            "esshelpme.platform.serve",
            "esshelpme.simulator.asgi:application",
            "--port",
            str(self.simulator_port),
        )
        env = {
            "ESS_SIM_CHANNEL_SECRET": SECRET,
            "ESS_SIM_ACCESS_TOKEN": TOKEN,
            "ESS_SIM_PORT": str(self.simulator_port),
            "ESS_SIM_WEBHOOK_URL": f"http://127.0.0.1:{self.web_port}/line/webhook",
        }
        with self.process(*command, env=env, port=self.simulator_port):
            yield

    @contextmanager
    def command(self, name: str) -> Iterator[None]:
        """One of the long-running processes: run_worker, run_sender, run_clock."""
        with self.process("esshelpme.cli.child", name):
            yield


@contextmanager
def stand() -> Iterator[Stand]:
    """A stand for the block; everything it wrote goes with it."""
    home = Path(tempfile.mkdtemp(prefix="ess-bench-"))
    try:
        (home / "database").mkdir()
        with temporary(home / "database", durable=True) as url:
            made = Stand(home, url)
            os.environ.update(made.env)
            subprocess.run(
                [*PYTHON, "django", "migrate", "--verbosity", "0"], env=made.env, cwd=ROOT, check=True
            )
            yield made
    finally:
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, child: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
    """Until somebody listens. Raises RuntimeError when the process ends before."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if child.poll() is not None:
            raise RuntimeError(f"{child.args!r} ended with {child.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on {port}")


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0…1) of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
