"""What a log must never hold: words that a failing step had in its hands, addresses that open a status page."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import structlog

from esshelpme.platform import logs

SECRET = "s3cretS3cretS3cretS3cretS3cretS3"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("log_json", [True, False])
def test_a_traceback_shows_no_local_variable(log_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(log_json=log_json)

    def step() -> None:
        words = f"ช่วยด้วย ห้อง {500 + 2}"
        raise RuntimeError(len(words))

    try:
        step()
    except RuntimeError:
        logs.get("test").exception("step_failed")
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert "step_failed" in told
    assert "502" not in told


@pytest.mark.parametrize("log_json", [True, False])
def test_a_failed_request_does_not_tell_the_status_page(
    log_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(log_json=log_json)
    request = SimpleNamespace(path=f"/t/{SECRET}")
    logging.getLogger("django.request").error(
        "Internal Server Error: %s", f"/t/{SECRET}/now", extra={"request": request, "status_code": 500}
    )
    told = capsys.readouterr().err
    assert "Internal Server Error: /t/…/now" in told
    assert SECRET not in told
