"""Run the test suite against a throw-away database: `./ess test [pytest arguments]`.

Two processes run the tests side by side unless the arguments say otherwise (-n, -p no:xdist). The database is
an embedded PostgreSQL in a temporary folder; nothing of ESS_DATA_DIR or DATABASE_URL is touched. Browser
tests need Chromium: installed from Debian when root, otherwise the machine's own.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from esshelpme.platform.chromium import ensure_chromium
from esshelpme.platform.config import ROOT
from esshelpme.platform.installation import plain_environment
from esshelpme.platform.postgres import temporary


def run(options: argparse.Namespace) -> int:
    """Run pytest with the given arguments; its exit status is ours."""
    chromium = ensure_chromium(lambda line: print(line, file=sys.stderr))
    home = Path(tempfile.mkdtemp(prefix="ess-test-"))
    try:
        (home / "database").mkdir()
        with temporary(home / "database", durable=False) as url:
            return subprocess.run(
                [sys.executable, "-m", "pytest", *_parallel(options.rest), *options.rest],
                cwd=ROOT,
                env=plain_environment(home / "data", {"DATABASE_URL": url, "ESS_CHROMIUM": str(chromium)}),
                check=False,
            ).returncode
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _parallel(given: list[str]) -> list[str]:
    own = any(
        arg.startswith(("-n", "--numprocesses", "--dist", "--pdb")) or arg == "no:xdist" for arg in given
    )
    return [] if own else ["-n", "2"]
