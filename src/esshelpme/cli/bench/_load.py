"""A small load generator: raw HTTP/1.1 over keep-alive connections, cheap enough to share two cores."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import cast

import uvloop

from esshelpme.cli.bench._stand import SECRET


def webhook_requests(make_event: Callable[[int], dict[str, object]], *, host: str) -> Iterator[bytes]:
    """Signed webhook requests, one event each, for ever."""
    for number in itertools.count():
        body = json.dumps({"destination": "U" + "0" * 32, "events": [make_event(number)]}).encode()
        yield request(body, host=host)


def request(body: bytes, *, host: str) -> bytes:
    """One signed request as bytes."""
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    head = (
        f"POST /line/webhook HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"x-line-signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def text_event(number: int, *, persons: int = 1000) -> dict[str, object]:
    """A text that means nothing urgent, of one of many persons."""
    return event(f"U{number % persons:032x}", {"type": "text", "id": str(10**17 + number), "text": "สวัสดี"})


def event(user: str, message: dict[str, object]) -> dict[str, object]:
    """A message event as LINE sends it."""
    return {
        "type": "message",
        "message": message,
        "webhookEventId": secrets.token_hex(13),
        "deliveryContext": {"isRedelivery": False},
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": user},
        "replyToken": secrets.token_hex(16),
        "mode": "active",
    }


class _Connection(asyncio.Protocol):
    """One keep-alive connection: a request, its answer, the next request."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is of no asyncio class

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        if len(rest) >= length and self._answer is not None:
            self._buffer = rest[length:]
            answer, self._answer = self._answer, None
            answer.set_result(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("closed"))

    async def send(self, raw: bytes) -> int:
        """The status of the answer."""
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(raw)
        return await self._answer


async def connect(port: int) -> _Connection:
    """A connection to a server on loopback."""
    _, protocol = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", port)
    return protocol


def closed_loop(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> float:
    """Answers per second with every connection always busy. Raises RuntimeError when one is not 200."""

    async def run() -> float:
        prepared = list(itertools.islice(requests, int(seconds * 12_000)))
        supply = iter(prepared)
        lines = [await connect(port) for _ in range(connections)]
        done = 0
        until = time.perf_counter() + seconds

        async def work(line: _Connection) -> None:
            nonlocal done
            while time.perf_counter() < until:
                raw = next(supply, None)
                if raw is None:
                    return
                if await line.send(raw) != 200:
                    raise RuntimeError("an answer was not 200")
                done += 1

        began = time.perf_counter()
        await asyncio.gather(*(work(line) for line in lines))
        took = time.perf_counter() - began
        for line in lines:
            if line.transport is not None:
                line.transport.close()
        return done / took

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


async def open_loop(
    port: int, make: Callable[[int], bytes], *, rate: float, seconds: float, connections: int = 16
) -> list[float]:
    """Requests at a steady rate whatever the answers do; the seconds each took, counted from when it was due."""
    lines: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(connections):
        lines.put_nowait(await connect(port))
    took: list[float] = []
    began = time.perf_counter()

    async def one(number: int, due: float) -> None:
        line = await lines.get()
        try:
            if await line.send(make(number)) != 200:
                raise RuntimeError("an answer was not 200")
            took.append(time.perf_counter() - due)
        finally:
            lines.put_nowait(line)

    tasks = []
    for number in range(int(rate * seconds)):
        due = began + number / rate
        delay = due - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    return took
