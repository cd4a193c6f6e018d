"""The program's own web server on the test's database: streams need ASGI, which Django's live server is not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from esshelpme.platform.config import ROOT

PATIENCE_S = 60.0


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Serve on a free port for the block; yields the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "ESS_DATA_DIR": str(settings.CONFIG.data_dir),
        "ESS_SECRET_KEY": settings.SECRET_KEY,
        "ESS_BASE_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "esshelpme.site.settings",
        "PYTHONPATH": str(ROOT / "src"),
    }
    log = (home / "web.log").open("wb")
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "esshelpme.platform.serve", "esshelpme.site.asgi:application",
         "--port", str(port)],
        cwd=ROOT, env=env, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        _wait(port, child, home / "web.log")
        yield f"http://127.0.0.1:{port}"
    except BaseException:
        sys.stderr.write((home / "web.log").read_text(errors="replace")[-6000:])
        raise
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        log.close()


def _database_url() -> str:
    own = connection.settings_dict
    user, password = quote(own["USER"], safe=""), quote(own["PASSWORD"], safe="")
    host, port = quote(own["HOST"] or "127.0.0.1", safe=""), own["PORT"]
    return f"postgresql://{user}:{password}@/{own['NAME']}?host={host}" + (f"&port={port}" if port else "")


def _wait(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        assert child.poll() is None, log.read_text(errors="replace")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))
