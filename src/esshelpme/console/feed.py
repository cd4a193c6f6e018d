"""The live feed of this process: one reader of the timelines, any number of listeners.

Rows are read in the order (tx, id) and only from transactions older than the oldest still running
(`pg_snapshot_xmin`), so that none appears later behind the place where a reader already is. That place, written
`TX-ID`, is the stream's `Last-Event-ID`: whoever comes back with it misses nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import psycopg
import structlog
from django.db import connection

log = structlog.get_logger(__name__)

EVERY_S = 0.25
BATCH = 500
# A listener that does not read is dropped; its browser comes back and resumes.
QUEUE = 1000
RETRY_S = 1.0

_FIELDS = """e.tx::text, e.id, i.ref, e.type, e.seq, extract(epoch from e.at)::float8, i.province, i.district,
    i.subdistrict, i.exercise"""
_NEXT = f"""
SELECT {_FIELDS} FROM incidents_timelineevent e JOIN incidents_incident i ON i.id = e.incident_id
WHERE (e.tx, e.id) > (%s::xid8, %s) AND e.tx < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY e.tx, e.id LIMIT {BATCH}"""  # noqa: S608  # constants only
_LAST = """
SELECT e.tx::text, e.id FROM incidents_timelineevent e
WHERE e.tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY e.tx DESC, e.id DESC LIMIT 1"""
_POSITION = re.compile(r"^(\d{1,20})-(\d{1,19})$")
START = (0, 0)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a timeline as the stream tells it: codes only, and the areas by which it is filtered."""

    tx: int
    id: int
    ref: str
    type: str
    seq: int
    at: float
    province: str
    district: str
    subdistrict: str
    exercise: bool

    @property
    def place(self) -> tuple[int, int]:
        return self.tx, self.id

    @property
    def position(self) -> str:
        return f"{self.tx}-{self.id}"


def read_position(text: str) -> tuple[int, int] | None:
    """`TX-ID`, or None when it is not one."""
    match = _POSITION.match(text.strip())
    if match is None:
        return None
    tx, id = int(match.group(1)), int(match.group(2))
    return (tx, id) if tx < 2**64 and id < 2**63 else None


def position() -> str:
    """Where the feed stands now, for a page that will listen from here on."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        row = cursor.fetchone()
    return f"{row[0]}-{row[1]}" if row else "0-0"


class Feed:
    """Reads while anybody listens. Belongs to one event loop."""

    def __init__(self, connect: Callable[[], Awaitable[psycopg.AsyncConnection]]) -> None:
        self._connect = connect
        self._listeners: set[asyncio.Queue[Step | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._at: tuple[int, int] | None = None
        self._ready = asyncio.Event()

    async def listen(self) -> asyncio.Queue[Step | None]:
        """A queue of steps from now on; None in it ends the listening (too slow).

        Returns once the reader knows where it stands: whoever reads the past after that misses nothing between.
        """
        queue: asyncio.Queue[Step | None] = asyncio.Queue(maxsize=QUEUE)
        self._listeners.add(queue)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="console-feed")
        try:
            await self._ready.wait()
        except asyncio.CancelledError:
            self.forget(queue)
            raise
        return queue

    def forget(self, queue: asyncio.Queue[Step | None]) -> None:
        self._listeners.discard(queue)

    async def since(self, place: tuple[int, int], *, at_most: int) -> list[Step] | None:
        """What came after `place`; None when it is more than `at_most` (the page loads anew then)."""
        found: list[Step] = []
        async with await self._connect() as db:
            while True:
                batch = await _read(db, found[-1].place if found else place)
                found += batch
                if len(found) > at_most:
                    return None
                if len(batch) < BATCH:
                    return found

    async def _run(self) -> None:
        while self._listeners:
            try:
                async with await self._connect() as db:
                    await self._read_on(db)
            except (psycopg.Error, OSError) as error:
                # The database is away: listeners stay, their browsers see by the silence how it stands.
                log.warning("feed_waits_for_the_database", error=str(error).strip().split("\n")[0])
                await asyncio.sleep(RETRY_S)
        # No await between the last look at the listeners and this: a new one starts a new reader.
        self._ready.clear()
        self._at = self._task = None

    async def _read_on(self, db: psycopg.AsyncConnection) -> None:
        if self._at is None:
            self._at = await _last(db)
        self._ready.set()
        while self._listeners:
            batch = await _read(db, self._at)
            for step in batch:
                self._tell(step)
                self._at = step.place
            if len(batch) < BATCH:
                await asyncio.sleep(EVERY_S)

    def _tell(self, step: Step) -> None:
        for queue in list(self._listeners):
            try:
                queue.put_nowait(step)
            except asyncio.QueueFull:
                self._listeners.discard(queue)
                with suppress(asyncio.QueueEmpty):
                    queue.get_nowait()
                queue.put_nowait(None)


async def _read(db: psycopg.AsyncConnection, place: tuple[int, int]) -> list[Step]:
    cursor = await db.execute(_NEXT, (str(place[0]), place[1]))
    return [Step(int(row[0]), *row[1:]) for row in await cursor.fetchall()]


async def _last(db: psycopg.AsyncConnection) -> tuple[int, int]:
    cursor = await db.execute(_LAST)
    row = await cursor.fetchone()
    return (int(row[0]), row[1]) if row else START


async def connect() -> psycopg.AsyncConnection:
    """A connection of the feed's own, outside Django's: it is asked four times a second, all day."""
    own = connection.settings_dict
    given = {
        "dbname": own["NAME"],
        "user": own["USER"],
        "password": own["PASSWORD"],
        "host": own["HOST"],
        "port": own["PORT"],
    }
    db = await psycopg.AsyncConnection.connect(
        autocommit=True, application_name="console-feed", **{k: v for k, v in given.items() if v}
    )
    db.prepare_threshold = 1
    return db


_feeds: dict[asyncio.AbstractEventLoop, Feed] = {}


def feed() -> Feed:
    """The feed of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _feeds.get(loop)
    if found is None:
        for old in [other for other in _feeds if other.is_closed()]:
            del _feeds[old]
        found = _feeds[loop] = Feed(connect)
    return found
