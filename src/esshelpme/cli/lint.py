"""Check style, types, imports, templates and migrations: what must be clean before a change is handed in.

Every check runs even when an earlier one failed; the exit status is 1 when any did.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from esshelpme.cli.options import one_of
from esshelpme.platform.config import ROOT

CHECKS: Final = (
    ("style", ("ruff", "check", ".")),
    ("format", ("ruff", "format", "--check", ".")),
    ("types", ("mypy",)),
    ("imports", ("lint-imports", "--no-logo")),
    ("templates", ("djlint", "src", "--lint", "--quiet")),
    ("migrations", ("django-admin", "makemigrations", "--check", "--dry-run")),
)
"""Name → command of the virtual environment."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which checks; all by default."""
    parser.add_argument(
        "name", nargs="*", type=one_of([name for name, _ in CHECKS]), metavar="CHECK", help="only these"
    )


def run(options: argparse.Namespace) -> int:
    """Run the checks; a failed one shows what it said."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="ess-lint-") as home:
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ESS_")},
            "DJANGO_SETTINGS_MODULE": "esshelpme.site.settings",
            "ESS_DATA_DIR": home,
        }
        for name, order in CHECKS:
            if options.name and name not in options.name:
                continue
            begin = time.monotonic()
            program = Path(sys.executable).parent / order[0]
            done = subprocess.run(
                [program, *order[1:]], cwd=ROOT, env=env, capture_output=True, text=True, check=False
            )
            print(
                f"{name:<11} {'ok' if done.returncode == 0 else 'FAILED'}  {time.monotonic() - begin:.1f} s",
                flush=True,
            )
            if done.returncode:
                failed += 1
                print(done.stdout + done.stderr, flush=True)
    return 1 if failed else 0
