"""`./ess up`, as a person runs it: one story over a whole installation, and its refusals, one line each."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from esshelpme.platform.config import ROOT
from esshelpme.platform.installation import Installation, installation, plain_environment
from esshelpme.platform.server_processes import ended

PATIENCE_S = 60


def until(true: Callable[[], bool]) -> None:
    """Wait for something that must come true."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ready(running: Installation) -> bool:
    try:
        with urllib.request.urlopen(f"{running.base_url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def up(data_dir: Path, *arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run `./ess up` to its end; its exit status and what it said on standard error."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "esshelpme.cli", "up", "--no-demo", *arguments],
        cwd=ROOT,
        env=plain_environment(data_dir, env),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stderr.strip()


@pytest.mark.slow
def test_it_serves_survives_kills_and_stops_cleanly() -> None:
    with tempfile.TemporaryDirectory(prefix="ess-") as folder:
        home = Path(folder)
        with installation(data_dir=home) as running:
            assert ready(running)

            # A second one on the same folder is refused and changes nothing.
            status, told = up(home, "--port", "0")
            assert status == 2
            assert f"already runs on {home} (process {running.process.pid})" in told
            assert ready(running)

            # What is killed comes back.
            for name in ("web", "worker", "postgres"):
                number = running.child(name)
                assert number is not None
                os.kill(number, signal.SIGKILL)
                until(lambda name=name, number=number: running.child(name) not in {None, number})  # type: ignore[misc]
            until(lambda: ready(running))

            # A kill -9 of the supervisor leaves nothing running…
            children = [
                running.child(name) for name in ("web", "worker", "sender", "clock", "jobs", "postgres")
            ]
            running.process.kill()
            until(lambda: all(number is not None and ended(number) for number in children))

        # …and the next start finds its way.
        with installation(data_dir=home) as again:
            assert ready(again)
            again.process.send_signal(signal.SIGTERM)
            assert again.process.wait(PATIENCE_S) == 0
        assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_used_port_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        status, told = up(tmp_path, "--port", str(port))
    assert status == 2
    assert told == (
        f"./ess: Port {port} is in use: stop the program that has it, or choose another with --port."
    )


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"ESS_ENV": "production"}, "ESS_LINE_CHANNEL_SECRET and ESS_LINE_CHANNEL_ACCESS_TOKEN are required"),
        ({"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x"}, "DATABASE_URL: no connection to 127.0.0.1:1/x"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must look like"),
        ({"ESS_SECRET_KEY": "short"}, "ESS_SECRET_KEY must have at least 50 characters"),
        ({"ESS_DATA_DIR": "/proc/nowhere"}, "ESS_DATA_DIR: cannot write to /proc/nowhere"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(env: dict[str, str], told: str, tmp_path: Path) -> None:
    status, line = up(tmp_path, "--port", "0", env=env)
    assert status == 2
    assert line.startswith(f"./ess: {told}")
    assert "\n" not in line
