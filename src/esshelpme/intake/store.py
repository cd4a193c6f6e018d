"""Storing raw events durably before they are acknowledged: the database by group commit, else the local spool.

Requests that arrive while a commit is under way share the next one: no waiting window, one commit for many. A bad
row never takes its neighbours with it: on an error of data the batch is repeated row by row.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

import psycopg
import structlog

from esshelpme.intake.rows import Row
from esshelpme.intake.spool import Spool

log = structlog.get_logger(__name__)

T = TypeVar("T")

BATCH = 500
RETRY_SECONDS = 0.5
# A database that does not answer within these is taken as away. Together they leave half a second of the two that
# LINE waits, also for a batch that waited behind another.
CONNECT_SECONDS = 0.6
COMMIT_SECONDS = 0.9

INSERT = """
INSERT INTO intake_inboundevent
    (event_id, person, type, message_id, said_at, received_at, redelivered, sealed,
     state, attempts, next_try_at, failure)
SELECT event_id, person, type, message_id, said_at, received_at, redelivered, sealed, 0, 0, received_at, ''
FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[],
            %b::timestamptz[], %b::timestamptz[], %b::bool[], %b::bytea[])
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
            left = rows if connection is None else await self._commit(connection, rows)
            if connection is not None and left:
                connection, retry_at = None, clock() + RETRY_SECONDS
            error = await self._to_spool(left) if left else None
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
            return await _within(
                CONNECT_SECONDS,
                psycopg.AsyncConnection.connect(self._conninfo, autocommit=True, prepare_threshold=1),
            )
        except (psycopg.Error, OSError) as error:  # TimeoutError is an OSError
            log.warning("database_away", error=str(error).splitlines()[0] if str(error) else "")
            return None

    async def _commit(self, connection: psycopg.AsyncConnection[Any], rows: Sequence[Row]) -> Sequence[Row]:
        """Commit the rows; returns those that are not durable yet, with the connection given up."""
        inserting = asyncio.ensure_future(self._insert(connection, rows))
        try:
            await _within(COMMIT_SECONDS, inserting)
            return ()
        except (psycopg.Error, OSError) as error:
            log.warning("not_stored", rows=len(rows), error=type(error).__name__)
        except Exception:
            log.exception("not_stored", rows=len(rows))
        # Not before the statement has ended: psycopg still watches the connection's socket.
        inserting.add_done_callback(lambda _: _give_up(connection))
        return rows

    async def _insert(self, connection: psycopg.AsyncConnection[Any], rows: Sequence[Row]) -> None:
        """All at once; where that fails for the data, row by row, and a bad one into quarantine for people."""
        try:
            await connection.execute(INSERT, _columns(rows), binary=True)
            return
        except (psycopg.DataError, ValueError):
            pass
        for row in rows:
            try:
                await connection.execute(INSERT, _columns([row]), binary=True)
            except (psycopg.DataError, ValueError) as error:
                log.error("bad_row", id=row.event_id, error=type(error).__name__)
                await asyncio.to_thread(self._spool.quarantine, row)

    async def _to_spool(self, rows: Sequence[Row]) -> str | None:
        """None when spooled, else why not."""
        try:
            await asyncio.to_thread(self._spool.write, rows)
            return None
        except Exception as error:  # whatever it is: these requests are told, and the next ones are served
            log.exception("spool_failed")
            return str(error)


def insert_rows(connection: psycopg.Connection[Any], rows: Sequence[Row]) -> list[Row]:
    """Insert spooled rows; those that are there already stay. Returns the rows that the database refuses."""
    try:
        # Django's connections make cursors that bind on the client and know no binary values.
        with psycopg.Cursor(connection) as cursor:
            cursor.execute(INSERT, _columns(rows), binary=True)
        return []
    except (psycopg.DataError, ValueError):
        if len(rows) == 1:
            return list(rows)
    return [bad for row in rows for bad in insert_rows(connection, [row])]


async def _within(seconds: float, work: Awaitable[T]) -> T:
    """What `work` returns, or TimeoutError in time, also when it does not end at once on being cancelled.

    psycopg asks the server to stop a cancelled statement and waits up to ten seconds for that.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            task.add_done_callback(_heard)
    if not task.done():
        raise TimeoutError(f"no answer within {seconds} s")
    return task.result()


def _heard(task: asyncio.Future[Any]) -> None:
    """Take the end of an abandoned task, so that nobody reports it as never looked at."""
    if not task.cancelled():
        task.exception()


def _give_up(connection: psycopg.AsyncConnection[Any]) -> None:
    with contextlib.suppress(Exception):
        connection.pgconn.finish()


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
