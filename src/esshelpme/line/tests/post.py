"""The door of LINE's webhook, called as the web server calls it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from esshelpme.intake.rows import Row
from esshelpme.intake.tests.post import Storing, database
from esshelpme.intake.work import inbound_key
from esshelpme.line.door import WebhookDoor

SECRET = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Request:
    """One HTTP request: `parts` are the pieces in which the server hands over the body."""

    parts: Sequence[bytes]
    signature: str | None
    method: str = "POST"
    header: bytes = b"x-line-signature"
    headers: Mapping[bytes, bytes] = field(default_factory=dict)


class Keeps(Protocol):
    async def put(self, rows: Sequence[Row]) -> None: ...


class Memory:
    """A store without a database."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    async def put(self, rows: Sequence[Row]) -> None:
        self.rows += rows


async def ask(store: Keeps, request: Request) -> int:
    """The status with which the door answers."""
    door = WebhookDoor(secret=SECRET, key=inbound_key(), store=store)  # type: ignore[arg-type]
    headers = list(request.headers.items())
    if request.signature is not None:
        headers.append((request.header, request.signature.encode("latin-1")))
    parts = list(request.parts)
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        if not parts:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        answers.append(message)

    await door({"type": "http", "method": request.method, "headers": headers}, receive, send)
    assert [answer["type"] for answer in answers] == ["http.response.start", "http.response.body"]
    return int(answers[0]["status"])


def at_once(requests: Sequence[Request], *, folder: Path, conninfo: str = "") -> list[int]:
    """Many requests at the same instant, to one process with its own store."""

    async def work() -> list[int]:
        async with Storing(conninfo or database(), folder) as store:
            return await asyncio.gather(*(ask(store, request) for request in requests))

    return asyncio.run(work())
