"""``kill -9`` of the simulator loses nothing it had answered, and the proxy bridges the gap."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import pytest

from esshelpme.simulator.client import FakeLine, free_port, new_reply_token, new_user_id
from esshelpme.simulator.proxy import SimulatorProxy
from esshelpme.simulator.store import Store
from esshelpme.simulator.tests.conftest import Http

HELLO = {"type": "text", "text": "x"}


class Process:
    """The simulator as the supervisor runs it."""

    access_token = "simulator-token"

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        where = ["--host", "127.0.0.1", "--port", str(port)]
        options = ["--interface", "asgi", "--no-ws", *where, "esshelpme.simulator.asgi:application"]
        command = [sys.executable, "-m", "granian", *options]
        env = os.environ | {"ESS_DATA_DIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[3])}
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, start_new_session=True)
        self._await_answer()

    def _await_answer(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(self.url + "/sim/api/state", timeout=2).close()
            except OSError:
                continue
            return
        raise TimeoutError("the simulator did not start")

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def test_what_was_answered_survives(tmp_path: Path) -> None:
    port, user, key = free_port(), new_user_id(), str(uuid.uuid4())
    token = new_reply_token(user, secret="simulator-secret")
    first = Process(tmp_path, port)
    http = Http(first)  # type: ignore[arg-type]
    push = ("POST", "/v2/bot/message/push", {"to": user, "messages": [HELLO]})
    assert http(*push, headers={"x-line-retry-key": key})[0] == 200
    assert http("POST", "/v2/bot/message/reply", {"replyToken": token, "messages": [HELLO]})[0] == 200
    first.kill()
    second = Process(tmp_path, port)
    try:
        assert http(*push, headers={"x-line-retry-key": key})[0] == 409
        assert http("POST", "/v2/bot/message/reply", {"replyToken": token, "messages": [HELLO]})[0] == 400
        messages = http("GET", f"/sim/api/people/{user}/messages")[1]["items"]
        assert [message["via"] for message in messages] == ["push", "reply"]
        assert http("GET", "/v2/bot/message/quota/consumption")[1] == {"totalUsage": 1}
    finally:
        second.kill()


def test_the_journal_keeps_order_forgets_and_ignores_a_torn_line(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for key, value in (("1", "a"), ("2", "b"), ("3", "c"), ("1", "a again")):
        store.put("message", key, value)
    store.forget("message", "2")
    store.put_bytes("77", b"photo")
    store.close()
    with (tmp_path / "journal.jsonl").open("ab") as journal:
        journal.write(b'["message", "4", "to')
    again = Store(tmp_path)
    assert list(again.read("message")) == [("1", "a again"), ("3", "c")]
    assert again.read_bytes("77") == b"photo"
    again.put("message", "5", "e")
    again.close()
    assert [key for key, _ in Store(tmp_path).read("message")] == ["1", "3", "5"]


@pytest.mark.parametrize("name", ["../journal.jsonl", "/etc/passwd", "a/b", ""])
def test_media_never_leave_their_folder(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path)
    store.put_bytes(name, b"x")
    assert store.read_bytes(name) is None
    assert list((tmp_path / "media").iterdir()) == []


async def ask(
    proxy: SimulatorProxy, method: str, path: str, body: bytes = b"", query: bytes = b""
) -> tuple[int, bytes]:
    """One request through the proxy."""
    sent: list[Any] = []
    waiting = [{"type": "http.request", "body": body}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()
        return None

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query,
             "headers": [(b"content-type", b"application/json")]}  # fmt: skip
    await proxy(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


async def test_the_proxy_passes_requests_on(line: FakeLine) -> None:
    proxy = SimulatorProxy(line.url)
    try:
        status, body = await ask(proxy, "POST", "/sim/api/people", '{"name": "ฟ้า"}'.encode())
        assert status == 201
        assert "ฟ้า" in body.decode()
        assert (await ask(proxy, "GET", "/sim/api/calls", query=b"limit=1"))[0] == 200
        assert (await ask(proxy, "GET", "/sim/api/content/1"))[0] == 404
    finally:
        await proxy.close()


async def test_the_proxy_streams(line: FakeLine) -> None:
    proxy, got, gone = SimulatorProxy(line.url), asyncio.Queue[bytes](), asyncio.Event()
    waiting = [{"type": "http.request", "body": b""}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        got.put_nowait(message.get("body", b""))

    scope = {"type": "http", "method": "GET", "path": "/sim/api/stream", "query_string": b"", "headers": []}
    task = asyncio.create_task(proxy(scope, receive, send))
    try:
        async with asyncio.timeout(10):
            while b"retry" not in await got.get():
                pass
            await asyncio.to_thread(line.add_person, name="ดาว")
            while "ดาว" not in (await got.get()).decode():
                pass
            gone.set()
            await task
            await asyncio.to_thread(line.wait_for, lambda: not line.simulator.world.listeners)
    finally:
        task.cancel()
        await proxy.close()


@pytest.mark.parametrize(("path", "kind"), [("/sim/", b"<!doctype html>"), ("/sim/api/state", b'{"message"')])
async def test_while_the_simulator_is_away_the_proxy_says_so(path: str, kind: bytes) -> None:
    proxy = SimulatorProxy(f"http://127.0.0.1:{free_port()}")
    try:
        status, body = await ask(proxy, "GET", path)
        assert status == 502
        assert body.startswith(kind)
    finally:
        await proxy.close()
