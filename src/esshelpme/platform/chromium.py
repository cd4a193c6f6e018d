"""The browser for tests and screenshots: found on the machine, or installed from Debian when we are root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from esshelpme.platform.errors import Refusal

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGE: Final = "chromium"


def find_chromium() -> Path | None:
    """The machine's Chromium (or Chrome), None when there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return None


def ensure_chromium(say: Callable[[str], None]) -> Path:
    """Chromium, installed from Debian when absent and we are root.

    Raises Refusal naming the package otherwise.
    """
    if found := find_chromium():
        return found
    if os.geteuid() == 0 and (apt := shutil.which("apt-get")):
        say("Installing Chromium from Debian for the browser tests…")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        order = [apt, "install", "--yes", "--no-install-recommends", "-qq", PACKAGE]
        for step in ([apt, "update", "-qq"], order):
            subprocess.run(step, env=quiet, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        if found := find_chromium():
            return found
    raise Refusal(
        f"The browser tests need Chromium: install the package '{PACKAGE}' (apt-get install {PACKAGE})."
    )
