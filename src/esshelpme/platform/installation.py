"""A whole installation for as long as a block.

For benchmarks and end-to-end tests, in a folder of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from esshelpme.platform.cluster import Cluster
from esshelpme.platform.config import ROOT, Config, load
from esshelpme.platform.errors import Refusal
from esshelpme.platform.ports import free_port

_OURS: Final = ("ESS_", "PG", "DJANGO_", "DATABASE_URL")
PATIENCE_S: Final = 120


def plain_environment(data_dir: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment without whatever configures another installation, pointed at `data_dir`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "ESS_DATA_DIR": str(data_dir), **(extra or {})}


@dataclass(frozen=True)
class Installation:
    """A running program: where it answers, how it is configured, which process is its supervisor."""

    base_url: str
    data_dir: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def config(self) -> Config:
        """Its configuration; `config.line_account` holds the secret that signs its webhooks."""
        return load({**self.environment, "ESS_BASE_URL": self.base_url})

    @property
    def database_url(self) -> str:
        """Its database."""
        return self.config.database_url_given or Cluster(self.data_dir).url

    def child(self, name: str) -> int | None:
        """The process number of the supervisor's child `name` (`web`, `postgres` …), None when absent."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _parent(entry) == self.process.pid and _name(entry) == name:
                return int(entry.name)
        return None


@contextmanager
def installation(
    *,
    env: Mapping[str, str] | None = None,
    arguments: Sequence[str] = ("--no-demo",),
    data_dir: Path | None = None,
) -> Iterator[Installation]:
    """Run `./ess up` on a free port until the block ends; yields once it is ready to take reports.

    `data_dir` None: a temporary folder, removed after. Raises Refusal with the log's last lines when it does
    not start.
    """
    home = data_dir or Path(tempfile.mkdtemp(prefix="ess-run-"))
    environment = plain_environment(home, env)
    port = free_port()
    log = home / "up.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "esshelpme.cli", "up", "--port", str(port), *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    running = Installation(f"http://127.0.0.1:{port}", home, environment, process, log)
    try:
        _wait_ready(running)
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait()
        if data_dir is None:
            shutil.rmtree(home, ignore_errors=True)


def _wait_ready(running: Installation) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while running.process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{running.base_url}/readyz", timeout=2) as response:  # noqa: S310  # our own
                if response.status == 200:
                    return
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.1)
    lines = running.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-15:]
    raise Refusal("\n".join(["the program did not become ready:", *lines]))


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def _name(entry: Path) -> str | None:
    try:
        for pair in (entry / "environ").read_bytes().split(b"\0"):
            if pair.startswith(b"ESS_PROCESS="):
                return pair.partition(b"=")[2].decode()
    except OSError:
        pass
    return None
