"""What every test may rely on."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy set on the developer's machine must not swallow requests to loopback."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
