"""The webhook's limit: a bare ASGI handler that verifies the HMAC, inserts the row durably, and does nothing else."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
from typing import Any

import psycopg

SECRET = os.environ["ESS_LINE_CHANNEL_SECRET"].encode()
INSERT = "INSERT INTO bench_bare (body) VALUES (%b)"
# As many as this server and database answer fastest with on two cores.
CONNECTIONS = 16


class Bare:
    """One insert a request, over a handful of connections."""

    def __init__(self) -> None:
        self._free: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            for _ in range(CONNECTIONS):
                self._free.put_nowait(
                    await psycopg.AsyncConnection.connect(
                        os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=1
                    )
                )
            await send({"type": "lifespan.startup.complete"})
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        signature = dict(scope["headers"]).get(b"x-line-signature", b"")
        mac = base64.b64encode(hmac.digest(SECRET, body, hashlib.sha256))
        status = 200
        if hmac.compare_digest(mac, signature):
            connection = await self._free.get()
            try:
                await connection.execute(INSERT, [body], binary=True)
            finally:
                self._free.put_nowait(connection)
        else:
            status = 401
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


application = Bare()
