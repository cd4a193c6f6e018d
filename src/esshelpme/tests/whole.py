"""The whole program beside a LINE of our own: what people send, what their phones show, who is killed when."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import psycopg

from esshelpme.conftest import line_id
from esshelpme.platform.config import ROOT
from esshelpme.platform.installation import Installation
from esshelpme.simulator.client import FakeLine, location_event, new_user_id, postback_event, signed_webhook

Event = Mapping[str, Any]
CENTRE = (13.7563, 100.5018)
UNITS = 24
# LINE gives up on a webhook after two seconds.
PATIENCE_S = 2.0


def directory() -> dict[str, Any]:
    """Police units all over Bangkok, each with two members on LINE."""
    units = [
        {
            "code": f"T-POL-{number:02d}",
            "agency": "T-POLICE",
            "name_th": f"สายตรวจ {number} (สมมติ)",
            "lat": CENTRE[0] + (number % 6) * 0.01,
            "lng": CENTRE[1] + (number // 6) * 0.01,
            "areas": ["10"],
            "kinds": ["ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER"],
            "duty_phone": "+66 2 000 0001",
            "members": [
                {
                    "code": f"T-POL-{number:02d}-{letter}",
                    "name": letter,
                    "line_user_id": line_id(f"{number}{letter}"),
                }
                for letter in "AB"
            ],
        }
        for number in range(UNITS)
    ]
    return {"agencies": [{"code": "T-POLICE", "type": "POLICE", "name_th": "สน.สมมติ"}], "units": units}


@dataclass
class Whole:
    """A running program and the LINE it talks to."""

    running: Installation
    line: FakeLine

    # What people do.

    def post(
        self, events: Sequence[Event], *, at_once: int = 32, after: Callable[[int], None] | None = None
    ) -> float:
        """Deliver each event by a request of its own, again until it is acknowledged, as LINE does.

        `after` is called with how many have been acknowledged. Returns the longest wait for a 200, in seconds.
        """
        return asyncio.run(self._post([[event] for event in events], at_once, after))

    def post_lines(
        self,
        lines: Sequence[Sequence[Event]],
        *,
        at_once: int = 32,
        after: Callable[[int], None] | None = None,
    ) -> float:
        """The same for many persons at once: one line of events each, one after another."""
        return asyncio.run(self._post(lines, at_once, after))

    async def _post(
        self, lines: Sequence[Sequence[Event]], at_once: int, after: Callable[[int], None] | None
    ) -> float:
        acknowledged, longest = 0, 0.0
        room = asyncio.Semaphore(at_once)
        deadline = time.monotonic() + 90

        async def one(session: aiohttp.ClientSession, line: Sequence[Event]) -> None:
            nonlocal acknowledged, longest
            async with room:
                for event in line:
                    body, headers = signed_webhook([dict(event)], secret=self.line.channel_secret)
                    while True:
                        began = time.monotonic()
                        assert began < deadline, "not acknowledged in time"
                        if await self._try(session, body, headers) == 200:
                            break
                        await asyncio.sleep(0.1)
                    longest = max(longest, time.monotonic() - began)
                    acknowledged += 1
                    if after is not None:
                        await asyncio.to_thread(after, acknowledged)

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session:
            await asyncio.gather(*(one(session, line) for line in lines))
        return longest

    async def _try(self, session: aiohttp.ClientSession, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            async with session.post(
                f"{self.running.base_url}/line/webhook", data=body, headers=headers
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, OSError, TimeoutError):
            return 0

    def report(self, person: str, number: int, kind: str = "GATHERING") -> list[Event]:
        """A person chooses what is happening, and sends a pin: an incident that is dispatched at once."""
        where = (CENTRE[0] + (number % 20) * 0.002, CENTRE[1] + (number // 20) * 0.002)
        now = int(time.time() * 1000)
        return [
            postback_event(person, f"a=kind&v={kind}", secret=self.line.channel_secret, at_ms=now - 20),
            location_event(person, *where, secret=self.line.channel_secret, at_ms=now - 10),
        ]

    # What became of it.

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.running.database_url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        return self.ask(query, *values)[0][0]

    def until(self, true: Callable[[], Any], *, within: float = 90) -> Any:
        """The first true answer, through all outages."""
        deadline = time.monotonic() + within
        while True:
            try:
                if found := true():
                    return found
            except (psycopg.Error, OSError):
                pass
            assert time.monotonic() < deadline, f"not within {within} s\n{self.tail()}"
            time.sleep(0.1)

    def settle(self, *, within: float = 90) -> None:
        """Until every event has become a step and every message was sent or given up."""
        spool = self.running.data_dir / "spool"
        # In the order of an event's way: what has left one place is in the next.
        self.until(
            lambda: (
                not list(spool.glob("*.events"))
                and self.one("SELECT count(*) = 0 FROM intake_inboundevent WHERE state = 0")
                and self.one("SELECT count(*) = 0 FROM outbox_outboundmessage WHERE state IN (0, 1)")
            ),
            within=within,
        )

    def tail(self) -> str:
        return "\n".join(self.running.log.read_text(errors="replace").splitlines()[-25:])

    def shown(self, since: int = 0) -> Counter[str]:
        """How many calls reached each phone, LINE's messages with an id above `since`."""
        return Counter(
            message.chat
            for message in self.line.all_messages()
            if message.last_of_call and int(message.id) > since
        )

    def sent(self, since: int = 0) -> Counter[str]:
        """How many messages each person was to get, rows above `since`."""
        rows = self.ask(
            "SELECT recipient, count(*) FROM outbox_outboundmessage WHERE state = 2 AND id > %s GROUP BY 1",
            since,
        )
        return Counter(dict(rows))

    def mark(self) -> tuple[int, int]:
        """Where the phones and the outbox stand, for `shown` and `sent`, at a moment when nothing is on its way.

        Incidents of earlier stories go on: their deadlines may write at any time.
        """
        while True:
            self.settle()
            before = self._last_row()
            latest = max((int(message.id) for message in self.line.all_messages()), default=0)
            if self._last_row() == before and self._all_sent():
                return latest, before

    def difference(self, phones: int, outbox: int) -> tuple[Counter[str], Counter[str]]:
        """Whose phone shows more, and whose shows less, than was to be sent; empty when all agree.

        A message on its way is on the phone an instant before its row says so: what persists is a difference.
        """
        deadline = time.monotonic() + 30
        while True:
            shown, sent = self.shown(phones), self.sent(outbox)
            if shown == sent or time.monotonic() > deadline:
                return shown - sent, sent - shown
            time.sleep(0.1)

    def _last_row(self) -> int:
        return int(self.one("SELECT coalesce(max(id), 0) FROM outbox_outboundmessage"))

    def _all_sent(self) -> bool:
        return bool(self.one("SELECT count(*) = 0 FROM outbox_outboundmessage WHERE state IN (0, 1)"))

    # What happens to the program.

    def kill(self, name: str) -> int:
        """kill -9 one of the supervisor's children; returns its number."""
        number = self.until(lambda: self.running.child(name))
        os.kill(number, signal.SIGKILL)
        return int(number)

    def import_directory(self) -> None:
        file = self.running.data_dir / "directory.json"
        file.write_text(json.dumps(directory(), ensure_ascii=False), encoding="utf-8")
        subprocess.run(
            [sys.executable, "-P", "-m", "esshelpme.cli", "directory", "import", str(file)],
            cwd=ROOT,
            env=dict(self.running.environment),
            check=True,
            capture_output=True,
        )


def strangers(count: int) -> list[str]:
    return [new_user_id() for _ in range(count)]


def thresholds(steps: Mapping[int, Callable[[], object]]) -> Callable[[int], None]:
    """Do each step once, when so many have been acknowledged."""
    left = dict(steps)

    def reached(count: int) -> None:
        for at in [at for at in left if count >= at]:
            step = left.pop(at, None)
            if step is not None:
                step()

    return reached


def only(counter: Counter[str], people: Iterable[str]) -> Counter[str]:
    return Counter({person: counter[person] for person in people if counter[person]})
