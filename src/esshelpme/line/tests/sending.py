"""A sender at work in a thread, and what reached people's phones."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections

from esshelpme.conftest import line_id
from esshelpme.intake.tests.post import database
from esshelpme.line.client import LineClient, LineHosts
from esshelpme.line.deliver import Sender
from esshelpme.outbox.line_messages import text
from esshelpme.outbox.models import OutboundMessage
from esshelpme.outbox.send import ReplyToken, outbound_key, put
from esshelpme.platform.clock import now
from esshelpme.simulator.client import FakeLine, new_reply_token

State = OutboundMessage.State


class Sending:
    """A sender for the length of a block, stopped cleanly at its end."""

    def __init__(self, line: FakeLine) -> None:
        self._line = line
        self._begun = threading.Event()
        self._killed = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)

    def __enter__(self) -> Sending:
        self._thread.start()
        assert self._begun.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def kill(self) -> None:
        """End as by kill -9: nothing in hand is finished or written down."""
        self._killed = True
        self._end()

    def _end(self) -> None:
        if self._thread.is_alive():
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._work.cancel)
            self._thread.join(20)
        assert not self._thread.is_alive()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        hosts = LineHosts(api=self._line.url, data=self._line.url)
        async with LineClient(hosts=hosts, token=self._line.access_token) as client:
            sender = Sender(conninfo=database(), key=outbound_key(), client=client)
            self._work = asyncio.create_task(sender.run())
            self._begun.set()
            with suppress(asyncio.CancelledError):
                await self._work
            if not self._killed:
                await sender.stop()
        await sync_to_async(connections.close_all)()


class Phones:
    """People who are written to: `write` puts a message into the outbox, `shows` reads a phone."""

    def __init__(self, line: FakeLine) -> None:
        self.line = line

    def write(
        self,
        person: str,
        words: str,
        *,
        reply: bool = False,
        lasts: float = 3600,
        at: datetime | None = None,
        **more: Any,
    ) -> OutboundMessage:
        """One text; with `reply`, an answer whose token is good for 50 seconds."""
        moment = at or now()
        address = line_id(person)
        token = None
        if reply:
            secret = new_reply_token(address, secret=self.line.channel_secret)
            token = ReplyToken(secret, moment + timedelta(seconds=50), address)
        put(
            recipient=address,
            messages=[text(words)],
            what="test",
            at=moment,
            reply=token,
            keep_trying=timedelta(seconds=lasts),
            **more,
        )
        return OutboundMessage.objects.latest("pk")

    def shows(self, person: str) -> list[str]:
        """The texts on a person's phone, oldest first."""
        return [message.body["text"] for message in self.line.messages_to(line_id(person))]

    def ways(self, person: str) -> list[str]:
        """How each came: reply or push."""
        return [message.via for message in self.line.messages_to(line_id(person))]


def wait_until(found: Callable[[], Any], *, within: float = 30) -> Any:
    """The first true value; fails when there is none in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {within} s")


def all_finished() -> bool:
    return not OutboundMessage.objects.filter(state__in=(State.WAITING, State.SENDING)).exists()


def settle(*, within: float = 30) -> None:
    """Until nothing waits any more."""
    wait_until(all_finished, within=within)
