"""What every test may rely on."""

from __future__ import annotations

import os

import pytest

# Tests open and close databases all the time: a pool would hold them.
os.environ["ESS_DATABASE_POOL"] = "0"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy set on the developer's machine must not swallow requests to loopback."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
