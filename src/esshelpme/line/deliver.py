"""The sender: delivers the outbox to LINE, each message once, whatever LINE does meanwhile.

A reply is free and has no retry key: it is tried while its token is valid, and goes by push when it is refused,
late, or its fate unknown. A push keeps its retry key over all tries, so that LINE shows it once.
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import django.db
import psycopg
import structlog

from esshelpme.line.client import LineClient, LineError, Permanent, QuotaSpent, Temporary
from esshelpme.line.threads import in_thread
from esshelpme.line.undelivered import give_up
from esshelpme.outbox import queue
from esshelpme.outbox.queue import Due, Outcome
from esshelpme.privacy.sealing import unseal

log = structlog.get_logger(__name__)

AT_ONCE = 64
IDLE_SECONDS = 0.05
AWAY_SECONDS = 1.0
STOPPING_SECONDS = 5.0
FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 30.0


class Sender:
    """Runs until cancelled. One leads; others wait for its connection to end."""

    def __init__(self, *, conninfo: str, key: bytes, client: LineClient) -> None:
        self._conninfo = conninfo
        self._key = key
        self._client = client
        self._in_hand: set[asyncio.Task[None]] = set()
        self._outcomes: list[tuple[Due, Outcome]] = []
        self._moved = asyncio.Event()

    async def run(self) -> None:
        """Deliver, for ever; a lost database is waited for, and what was delivered meanwhile is remembered."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._conninfo, autocommit=True
                ) as connection:
                    await self._lead(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("database_away", error=str(error).splitlines()[0] if str(error) else "")
                await asyncio.sleep(AWAY_SECONDS)

    async def stop(self) -> None:
        """Finish what is in hand and write it down: a clean stop leaves nothing unknown."""
        await self._drain()
        until = asyncio.get_running_loop().time() + STOPPING_SECONDS
        while self._outcomes:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._conninfo, autocommit=True
                ) as connection:
                    await self._write(connection)
            except (psycopg.Error, OSError):
                if asyncio.get_running_loop().time() > until:
                    raise
            await asyncio.sleep(IDLE_SECONDS)

    async def _lead(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while not await queue.lead(connection):
            await asyncio.sleep(AWAY_SECONDS)
        # What we ourselves still have in hand after a lost connection is not lost: write it down first.
        await self._drain()
        await self._write(connection)
        recovered = await queue.recover(connection, at=_now())
        if recovered:
            log.info("recovered", messages=recovered)
        while True:
            await self._write(connection)
            free = AT_ONCE - len(self._in_hand)
            due = await queue.claim(connection, at=_now(), most=free) if free else []
            for row in due:
                task = asyncio.create_task(self._deliver(row))
                self._in_hand.add(task)
                task.add_done_callback(self._in_hand.discard)
            if not due:
                await self._wait()

    async def _wait(self) -> None:
        """Until something in hand has moved, or a moment has passed."""
        self._moved.clear()
        if self._outcomes:
            return
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._moved.wait()
        except TimeoutError:
            pass

    async def _drain(self) -> None:
        while self._in_hand:
            await asyncio.wait(self._in_hand)

    async def _write(self, connection: psycopg.AsyncConnection[Any]) -> None:
        if not self._outcomes:
            return
        batch, self._outcomes = self._outcomes, []
        given_up = [(row, outcome) for row, outcome in batch if outcome.given_up]
        others = [(row, outcome) for row, outcome in batch if not outcome.given_up]
        try:
            if others:
                await queue.finish(connection, [outcome for _, outcome in others], at=_now())
                others = []
            while given_up:
                row, outcome = given_up[0]
                await in_thread(give_up, row, outcome.failure, at=_now())
                del given_up[0]
        except django.db.Error as error:
            log.warning("database_away", error=type(error).__name__)
        finally:
            self._outcomes = [*others, *given_up, *self._outcomes]

    async def _deliver(self, row: Due) -> None:
        try:
            outcome = await self._try(row)
        except Exception as error:  # a fault of ours must not stop the others
            log.exception("send_failed", message=row.id)
            outcome = self._again(row, f"{type(error).__name__}", drop_reply=True)
        self._outcomes.append((row, outcome))
        self._moved.set()

    async def _try(self, row: Due) -> Outcome:
        if _now() >= row.expires_at:
            return Outcome(row.id, failure="EXPIRED")
        messages = unseal(self._key, row.sealed)
        by_reply = bool(row.reply_token and row.reply_until and _now() < row.reply_until)
        try:
            if by_reply:
                await self._client.reply(row.reply_token, messages, silent=row.silent)
            else:
                await self._client.push(
                    row.recipient, messages, silent=row.silent, retry_key=str(row.retry_key)
                )
            return Outcome(row.id)
        except LineError as error:
            return self._after(row, error, by_reply=by_reply)

    def _after(self, row: Due, error: LineError, *, by_reply: bool) -> Outcome:
        if by_reply:
            if isinstance(error, Temporary) and error.status == 429:
                return self._again(row, str(error))
            # Refused, or nobody knows: by push, at once when LINE answered and later when it did not.
            now = not isinstance(error, Temporary)
            return self._again(row, str(error), drop_reply=True, at_once=now)
        if isinstance(error, QuotaSpent):
            return Outcome(row.id, failure="QUOTA")
        if isinstance(error, Permanent):
            return Outcome(row.id, failure=f"{error.status} {error}")
        return self._again(row, str(error))

    def _again(self, row: Due, failure: str, *, drop_reply: bool = False, at_once: bool = False) -> Outcome:
        again_at = _now() if at_once else _now() + backoff(row.attempts)
        if again_at >= row.expires_at:
            return Outcome(row.id, failure=f"EXPIRED {failure}")
        return Outcome(row.id, again_at=again_at, failure=failure, drop_reply=drop_reply)


def backoff(attempts: int) -> timedelta:
    """Exponential with full jitter above the first, so that a storm of retries does not march in step."""
    ceiling = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** min(attempts, 10))
    return timedelta(seconds=random.uniform(FIRST_BACKOFF / 2, ceiling))  # noqa: S311  # no secret


def _now() -> datetime:
    return datetime.now(UTC)
