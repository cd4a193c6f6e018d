"""Storing raw events durably before they are acknowledged: the database by group commit, else the local spool.

Requests that arrive while a commit is under way share the next one: no waiting window, one commit for many. A bad
row never takes its neighbours with it: on an error of data the batch is repeated row by row.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import psycopg
import structlog

from esshelpme.intake.rows import Row
from esshelpme.intake.spool import Spool

log = structlog.get_logger(__name__)

BATCH = 500
CONNECT_SECONDS = 3
RETRY_SECONDS = 0.5
# A database that does not answer a batch within this is taken as away: LINE waits for two seconds.
COMMIT_SECONDS = 1.2

INSERT = """
INSERT INTO intake_inboundevent
    (event_id, person, type, message_id, said_at, received_at, redelivered, sealed, state, attempts, next_try_at, failure)
SELECT event_id, person, type, message_id, said_at, received_at, redelivered, sealed, 0, 0, received_at, ''
FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bool[], %b::bytea[])
    AS row (event_id, person, type, message_id, said_at, received_at, redelivered, sealed)
ON CONFLICT (event_id) DO NOTHING"""


class NotStored(Exception):
    """Neither the database nor the spool could keep the events (HTTP 503: LINE may deliver again)."""


class EventStore:
    """Keeps rows durable. One per process, used from one event loop."""

    def __init__(self, *, conninfo: str, spool: Spool, writers: int = 2) -> None:
        self._conninfo = conninfo
        self._spool = spool
        self._writers = writers
        self._waiting: list[tuple[Sequence[Row], asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._write()) for _ in range(self._writers)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def put(self, rows: Sequence[Row]) -> None:
        """Return when every row is durable. Raises `NotStored`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, done))
        self._arrived.set()
        await done

    async def _write(self) -> None:
        connection: psycopg.AsyncConnection[Any] | None = None
        retry_at = 0.0
        clock = asyncio.get_running_loop().time
        while True:
            await self._arrived.wait()
            batch = self._take()
            if not batch:
                continue
            rows = [row for rows, _ in batch for row in rows]
            if connection is None and clock() >= retry_at:
                connection = await self._connect()
                retry_at = clock() + RETRY_SECONDS
            stored = connection is not None and await self._commit(connection, rows)
            if connection is not None and not stored:
                with contextlib.suppress(Exception):
                    await connection.close()
                connection, retry_at = None, clock() + RETRY_SECONDS
            error = None if stored else await self._to_spool(rows)
            for _, done in batch:
                if not done.done():
                    done.set_result(None) if error is None else done.set_exception(NotStored(error))

    def _take(self) -> list[tuple[Sequence[Row], asyncio.Future[None]]]:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        if not self._waiting:
            self._arrived.clear()
        return batch

    async def _connect(self) -> psycopg.AsyncConnection[Any] | None:
        try:
            return await psycopg.AsyncConnection.connect(
                self._conninfo,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                prepare_threshold=1,
            )
        except (psycopg.Error, OSError) as error:
            log.warning("database_away", error=str(error).splitlines()[0] if str(error) else "")
            return None

    async def _commit(self, connection: psycopg.AsyncConnection[Any], rows: Sequence[Row]) -> bool:
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await connection.execute(INSERT, _columns(rows), binary=True)
            return True
        except psycopg.DataError:
            return await self._one_by_one(connection, rows)
        except (psycopg.Error, OSError, TimeoutError) as error:
            log.warning("not_stored", rows=len(rows), error=type(error).__name__)
            return False

    async def _one_by_one(self, connection: psycopg.AsyncConnection[Any], rows: Sequence[Row]) -> bool:
        """Store the good rows; a bad one goes to the spool's quarantine, for people to look at."""
        for row in rows:
            try:
                await connection.execute(INSERT, _columns([row]), binary=True)
            except psycopg.DataError as error:
                log.error("bad_row", event=row.event_id, error=str(error))
                await asyncio.to_thread(self._spool.quarantine, row)
            except (psycopg.Error, OSError):
                return False
        return True

    async def _to_spool(self, rows: Sequence[Row]) -> str | None:
        """None when spooled, else why not."""
        try:
            await asyncio.to_thread(self._spool.write, rows)
            return None
        except OSError as error:
            log.error("spool_failed", error=str(error))
            return str(error)


def insert_rows(connection: psycopg.Connection[Any], rows: Sequence[Row]) -> None:
    """Insert spooled rows; those that are there already stay."""
    connection.execute(INSERT, _columns(rows), binary=True)


def _columns(rows: Sequence[Row]) -> list[list[Any]]:
    return [
        [row.event_id for row in rows],
        [row.person for row in rows],
        [row.type for row in rows],
        [row.message_id for row in rows],
        [row.said_at for row in rows],
        [row.received_at for row in rows],
        [row.redelivered for row in rows],
        [row.sealed for row in rows],
    ]
