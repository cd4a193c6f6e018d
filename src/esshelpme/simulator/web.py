"""The little HTTP the simulator needs on top of bare ASGI: requests, answers, and hanging up."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY = 2 * 1024 * 1024
"""LINE's limit of a request body (413 above it)."""
MAX_UPLOAD = 12 * 1024 * 1024
"""Pictures that a person puts into a phone."""


class TooLargeError(Exception):
    """The body is longer than the limit."""


class BadJsonError(Exception):
    """The body is no JSON object."""


@dataclass(slots=True)
class Request:
    """One HTTP request; headers have lower-case names, the last value of a repeated one."""

    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty body is an empty object.

        Raises:
            BadJsonError: it is something else.
        """
        if not self.body:
            return {}
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BadJsonError(str(error)) from error
        if not isinstance(value, dict):
            raise BadJsonError("not an object")
        return value


@dataclass(slots=True)
class Response:
    """One answer. ``stream`` replaces ``body`` and is sent piece by piece."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    stream: AsyncIterator[bytes] | None = None


def json_response(value: Any, *, status: int = 200) -> Response:
    """``value`` as JSON."""
    return Response(status=status, body=json.dumps(value, ensure_ascii=False).encode())


def request_from(scope: Scope) -> Request:
    """The request of an ASGI scope, its body still unread."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    raw_query = scope.get("query_string", b"").decode("latin-1")
    query = {name: values[-1] for name, values in parse_qs(raw_query, keep_blank_values=True).items()}
    return Request(method=scope["method"], path=scope["path"], headers=headers, query=query)


async def read_body(receive: Receive, *, limit: int) -> bytes:
    """The whole body.

    Raises:
        TooLargeError: above ``limit`` bytes; the rest is read and thrown away, so that the answer arrives.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        if not message.get("more_body"):
            break
    if size > limit:
        raise TooLargeError
    return b"".join(chunks)


async def respond(send: Send, response: Response) -> None:
    """Send ``response``."""
    headers = [(b"content-type", response.content_type.encode())]
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    if response.stream is None:
        headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})
        return
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    async for piece in response.stream:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def hang_up(scope: Scope) -> None:
    """Close the caller's connection without an answer, as a dead or unreachable LINE would.

    ASGI has no word for that, so the socket is looked up among this process's open files by its peer's port.
    """
    client = scope.get("client")
    if not client:
        return
    port = int(client[1])
    for name in os.listdir("/proc/self/fd"):
        try:
            number = os.dup(int(name))
        except OSError:
            continue
        try:
            copy = socket.socket(fileno=number)
        except OSError:  # a file, no socket
            os.close(number)
            continue
        try:
            if copy.family in (socket.AF_INET, socket.AF_INET6) and copy.getpeername()[1] == port:
                copy.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        finally:
            copy.close()
