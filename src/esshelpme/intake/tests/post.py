"""What arrives by post: LINE's events as they come, the address of the tests' database, and a gate in front of it."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection
from psycopg.conninfo import make_conninfo

from esshelpme.intake.models import InboundEvent
from esshelpme.intake.rows import Row, row_of
from esshelpme.intake.spool import Spool
from esshelpme.intake.store import EventStore
from esshelpme.intake.work import inbound_key

T = TypeVar("T")
SAID = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)  # long past, so that it is due for any worker
NOWHERE = "host=/nonexistent dbname=nowhere user=nobody"
_ids = itertools.count(1)


def event_of(
    person: str, text: str = "สวัสดี", *, id: str = "", at: datetime = SAID, **more: Any
) -> dict[str, Any]:
    """A text message as LINE sends it; `more` replaces or adds fields."""
    number = next(_ids)
    return {
        "type": "message",
        "mode": "active",
        "timestamp": int(at.timestamp() * 1000),
        "webhookEventId": id or f"01K{number:023d}",
        "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": person},
        "replyToken": f"r{number}",
        "message": {"id": str(10**17 + number), "type": "text", "text": text, "quoteToken": "q"},
        **more,
    }


def row(event: Mapping[str, Any], *, received_at: datetime = SAID) -> Row:
    raw = json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return row_of(event, raw=raw, key=inbound_key(), received_at=received_at)


def arrives(*events: Mapping[str, Any], received_at: datetime = SAID) -> None:
    """Store events as the door does, and wait until they are durable."""
    put([[row(event, received_at=received_at) for event in events]])


def put(
    batches: Sequence[Sequence[Row]], *, conninfo: str = "", folder: Path | None = None
) -> list[BaseException | None]:
    """Put batches into a store all at once; what became of each."""

    async def work() -> list[BaseException | None]:
        async with Storing(conninfo or database(), folder or Path("/nonexistent/spool")) as store:
            return await asyncio.gather(*(store.put(rows) for rows in batches), return_exceptions=True)

    return asyncio.run(work())


class Storing:
    """A store for the length of a block."""

    def __init__(self, conninfo: str, folder: Path) -> None:
        self.store = EventStore(conninfo=conninfo, spool=Spool(folder))

    async def __aenter__(self) -> EventStore:
        await self.store.start()
        return self.store

    async def __aexit__(self, *_: object) -> None:
        await self.store.stop()


def database(**changes: Any) -> str:
    """How others than Django reach the database of the tests."""
    params = connection.get_connection_params()
    known = {key: params[key] for key in ("dbname", "user", "password", "host", "port") if params.get(key)}
    return make_conninfo(**{**known, **changes})


def stored() -> list[str]:
    """Ids of the events in the database, in the order they came in."""
    return list(InboundEvent.objects.order_by("pk").values_list("event_id", flat=True))


class Gate:
    """A TCP port in front of the database that can be shut: it takes everything then, and answers nothing."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Gate:
        params = connection.get_connection_params()
        self._folder, self._number = params["host"], params.get("port") or 5432
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        self.conninfo = database(
            host="127.0.0.1", port=self._server.sockets[0].getsockname()[1], sslmode="disable"
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        if str(self._folder).startswith("/"):
            theirs = await asyncio.open_unix_connection(f"{self._folder}/.s.PGSQL.{self._number}")
        else:
            theirs = await asyncio.open_connection(self._folder, int(self._number))
        for source, target in ((reader, theirs[1]), (theirs[0], writer)):
            task = asyncio.create_task(self._pump(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._open.wait()
                target.write(data)
                await target.drain()
        finally:
            target.close()


def during(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run one asynchronous scene of a test."""
    return asyncio.run(work())


def queued(*events: Mapping[str, Any], received_at: datetime = SAID) -> list[InboundEvent]:
    """The same events as rows of this test's own transaction."""
    return [
        InboundEvent.objects.create(
            **{name: getattr(found, name) for name in Row.__slots__}, next_try_at=received_at
        )
        for found in (row(event, received_at=received_at) for event in events)
    ]
