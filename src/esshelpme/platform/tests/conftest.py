"""Set-up for the platform's tests: folders of their own, no Django."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder with a short path, since it is where sockets lie."""
    with tempfile.TemporaryDirectory(prefix="ess-") as folder:
        yield Path(folder)
