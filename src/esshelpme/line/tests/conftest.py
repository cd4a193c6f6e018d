"""LINE as a neighbour, and a sender that works in a thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from esshelpme.line import deliver
from esshelpme.line.tests.sending import Phones
from esshelpme.simulator.client import FakeLine


@pytest.fixture(scope="module")
def neighbour() -> Iterator[FakeLine]:
    with FakeLine(webhook_url=None) as line:
        yield line


@pytest.fixture
def line(neighbour: FakeLine) -> Iterator[FakeLine]:
    """A LINE without faults, people or memory."""
    neighbour.reset()
    yield neighbour
    neighbour.set_faults(
        rate_429=False, monthly_429=False, error_500=False, down=False, drop_after_accept=False, slow_ms=0
    )


@pytest.fixture
def phones(line: FakeLine) -> Phones:
    return Phones(line)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backing off in milliseconds."""
    monkeypatch.setattr(deliver, "FIRST_BACKOFF", 0.02)
    monkeypatch.setattr(deliver, "LONGEST_BACKOFF", 0.1)
    monkeypatch.setattr(deliver, "AWAY_SECONDS", 0.1)
