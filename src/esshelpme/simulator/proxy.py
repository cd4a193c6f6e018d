"""Passing ``/sim/…`` of the web process on to the simulator's own process, streams included."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from yarl import URL

from esshelpme.simulator.web import Receive, Response, Scope, Send, respond

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "content-length",
    }
)
NOT_FOR_THE_SIMULATOR = frozenset({"accept-encoding", "cookie", "authorization"})
"""Sessions of staff are none of its business."""
CONNECT_SECONDS = 2.0
CHUNK = 64 * 1024
RESTARTING_PAGE = (Path(__file__).parent / "static" / "simulator" / "restarting.html").read_bytes()


class SimulatorProxy:
    """An ASGI application that answers with whatever ``upstream`` (``http://127.0.0.1:PORT``) answers.

    While the simulator is away it answers 502: a page that looks again by itself, or JSON for the API.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope; lifespan ones are the caller's business."""
        if scope["type"] != "http":
            return
        more: asyncio.Event = asyncio.Event()
        watcher: asyncio.Task[None] | None = None
        raw = scope.get("raw_path") or scope["path"].encode()
        target = self.upstream + raw.split(b"?")[0].decode("latin-1")
        if scope.get("query_string"):
            target += "?" + scope["query_string"].decode("latin-1")
        has_body = scope["method"] not in ("GET", "HEAD", "OPTIONS")
        try:
            async with self._open_session().request(
                scope["method"],
                _url(target),
                headers=_headers(scope),
                data=_body(receive) if has_body else None,
                allow_redirects=False,
            ) as answer:
                headers = [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in answer.headers.items()
                    if name.lower() not in HOP_BY_HOP
                ]
                await send({"type": "http.response.start", "status": answer.status, "headers": headers})
                if not has_body:
                    watcher = asyncio.create_task(_close_when_gone(receive, answer, more))
                async for chunk in answer.content.iter_any():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
                more.set()
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ServerDisconnectedError,
            aiohttp.ConnectionTimeoutError,
        ):
            await respond(send, _restarting(scope))
        except (aiohttp.ClientError, ConnectionResetError):
            # The simulator went away in the middle of an answer, or its reader did: the stream ends here.
            with contextlib.suppress(Exception):
                await send({"type": "http.response.body", "body": b""})
        finally:
            if watcher is not None:
                watcher.cancel()

    async def close(self) -> None:
        """Close the connections to the simulator."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(
                timeout=timeout,
                trust_env=False,
                auto_decompress=False,
                connector=aiohttp.TCPConnector(limit=0),
            )
        return self._session


def _url(target: str) -> URL:
    return URL(target, encoded=True)


def _headers(scope: Scope) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in scope["headers"]
        if name.decode("latin-1").lower() not in HOP_BY_HOP | NOT_FOR_THE_SIMULATOR
    ]


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            return


async def _close_when_gone(receive: Receive, answer: aiohttp.ClientResponse, done: asyncio.Event) -> None:
    """Hang up on the simulator once the browser is gone, so that its streams do not pile up."""
    while not done.is_set():
        if (await receive())["type"] == "http.disconnect":
            answer.close()
            return


def _restarting(scope: Scope) -> Response:
    if scope["path"].startswith("/sim/api/"):
        return Response(502, b'{"message": "The simulator is starting. Try again in a moment."}')
    return Response(
        502,
        RESTARTING_PAGE,
        "text/html; charset=utf-8",
        [("retry-after", "1"), ("cache-control", "no-store")],
    )
