"""A FakeLine for each test module, and a listener that catches the webhooks it sends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from esshelpme.simulator.client import FakeLine, sign


class Listener:
    """An HTTP server that stands for the program: keeps every event, answers with ``status``."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.good_signatures: list[bool] = []
        self.statuses: list[int] = []
        self._arrived = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.take(body, self.headers.get("x-line-signature", ""))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/line/webhook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, body: bytes, signature: str) -> None:
        with self._arrived:
            self.requests.append(json.loads(body))
            self.good_signatures.append(signature == sign(body, secret="simulator-secret"))
            self._arrived.notify_all()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for request in self.requests for event in request["events"]]

    def wait_for(self, count: int, timeout: float = 10) -> list[dict[str, Any]]:
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.events) >= count, timeout), self.events
            return self.events

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def module_line() -> Iterator[FakeLine]:
    with FakeLine(webhook_url=None) as line:
        yield line


@pytest.fixture
def line(module_line: FakeLine) -> FakeLine:
    """A simulator without webhooks, emptied."""
    module_line.reset()
    return module_line


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    yield server
    server.close()


@pytest.fixture
def wired(listener: Listener) -> Iterator[FakeLine]:
    """A simulator whose webhooks reach ``listener``."""
    with FakeLine(webhook_url=listener.url) as started:
        yield started


class Http:
    """Calls to LINE's API, as raw as they come."""

    def __init__(self, line: FakeLine) -> None:
        self.line = line

    def __call__(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        import urllib.error
        import urllib.request

        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"authorization": f"Bearer {self.line.access_token}", "content-type": "application/json"}
        request = urllib.request.Request(
            self.line.url + path, data=data, method=method, headers=sent | (headers or {})
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                raw, status, got = answer.read(), answer.status, dict(answer.headers)
        except urllib.error.HTTPError as error:
            raw, status, got = error.read(), error.code, dict(error.headers)
        kept = {name.lower(): value for name, value in got.items()}
        return status, json.loads(raw) if kept["content-type"] == "application/json" else raw, kept


@pytest.fixture
def http(line: FakeLine) -> Http:
    return Http(line)
