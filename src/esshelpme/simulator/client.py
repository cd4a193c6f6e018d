"""For tests and load generators: signed webhook bodies, and ``FakeLine``, the simulator in a thread.

    with FakeLine(webhook_url=None) as line:
        configure(ESS_LINE_API_BASE_URL=line.url, ESS_LINE_CHANNEL_ACCESS_TOKEN=line.access_token, …)
        …
        assert line.wait_for_messages(user_id, count=1)[0].body["text"] == "…"

``webhook_url`` None sends no webhooks: the test posts its own (``signed_webhook([text_event(user, "…")])``),
whose reply tokens FakeLine honours as long as both use the same channel secret.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from esshelpme.simulator.config import ACCESS_TOKEN, CHANNEL_SECRET, SimulatorConfig
from esshelpme.simulator.events import (
    event,
    file_event,
    follow_event,
    location_event,
    media_event,
    message_event,
    postback_event,
    redelivered,
    signed_webhook,
    sticker_event,
    text_event,
    unfollow_event,
    unsend_event,
    webhook_body,
)
from esshelpme.simulator.ids import new_message_id, new_reply_token, new_user_id, sign, ulid
from esshelpme.simulator.phones import actions_in
from esshelpme.simulator.world import Call, Message, Person

__all__ = [
    "FakeLine",
    "actions_in",
    "event",
    "file_event",
    "follow_event",
    "free_port",
    "location_event",
    "media_event",
    "message_event",
    "new_message_id",
    "new_reply_token",
    "new_user_id",
    "postback_event",
    "redelivered",
    "sign",
    "signed_webhook",
    "sticker_event",
    "text_event",
    "ulid",
    "unfollow_event",
    "unsend_event",
    "webhook_body",
]
T = TypeVar("T")


def free_port() -> int:
    """A TCP port on the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class FakeLine:
    """The simulator, served over HTTP from a thread of this process; in memory unless ``data_dir``."""

    def __init__(
        self,
        *,
        webhook_url: str | None = None,
        channel_secret: str = CHANNEL_SECRET,
        access_token: str = ACCESS_TOKEN,
        data_dir: Path | None = None,
        learn_users: bool = True,
        enforce_rates: bool = True,
    ) -> None:
        self.config = SimulatorConfig(
            channel_secret=channel_secret,
            access_token=access_token,
            webhook_url=webhook_url,
            webhook_url_is_fixed=True,
            data_dir=data_dir,
            learn_users=learn_users,
            enforce_rates=enforce_rates,
        )
        self.port = free_port()
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="fake-line", daemon=True)

    @property
    def url(self) -> str:
        """Base address, for the API host and the data host alike."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def channel_secret(self) -> str:
        """The channel secret that signs webhooks and seals reply tokens."""
        return self.config.channel_secret

    @property
    def access_token(self) -> str:
        """The bearer token the API asks for."""
        return self.config.access_token

    def __enter__(self) -> FakeLine:
        self._thread.start()
        if not self._ready.wait(15) or self._failure:
            raise RuntimeError("FakeLine did not start") from self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(10)

    def _run(self) -> None:
        # Imported here: load generators that only build webhooks need neither the server nor the simulator.
        from granian.constants import Interfaces  # noqa: PLC0415 (said above)
        from granian.server.embed import Server  # noqa: PLC0415

        from esshelpme.simulator.app import Simulator  # noqa: PLC0415

        try:
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
            self.simulator = Simulator(self.config)
            self._server = Server(
                self.simulator,
                address="127.0.0.1",
                port=self.port,
                interface=Interfaces.ASGI,
                websockets=False,
                log_enabled=False,
            )
            self._loop.create_task(self._announce())
            self._loop.run_until_complete(self._server.serve())
        except BaseException as error:
            self._failure = error
            self._ready.set()

    async def _announce(self) -> None:
        while not self._ready.is_set():
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            self._ready.set()

    def do(self, work: Callable[[], T]) -> T:
        """Run ``work`` on the simulator's own event loop and return what it returns."""

        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    # what arrived -----------------------------------------------------------------------------------------

    def messages_to(self, user_id: str) -> list[Message]:
        """What the program sent to this person and their phone shows, oldest first."""
        return [
            message for message in tuple(self.simulator.world.chats.get(user_id, ())) if message.by == "bot"
        ]

    def all_messages(self) -> list[Message]:
        """What the program sent to anybody, oldest first."""
        found = [message for message in tuple(self.simulator.world.messages.values()) if message.by == "bot"]
        return sorted(found, key=lambda message: int(message.id))

    def calls(self, path: str = "") -> list[Call]:
        """The calls of the program to LINE's API whose path contains ``path``, oldest first."""
        return [call for call in tuple(self.simulator.world.calls) if not call.outgoing and path in call.path]

    def warnings(self) -> list[str]:
        """What LINE would take although it is surely a mistake (a retry key with another body, …)."""
        return list(self.simulator.world.warnings)

    def actions_for(self, user_id: str) -> list[dict[str, Any]]:
        """Every action object on this person's phone, newest message first."""
        return self.do(lambda: list(self.simulator.phones.actions(user_id)))

    def wait_for(self, found: Callable[[], T], *, timeout: float = 10) -> T:
        """The first true value of ``found()``, asked again whenever something happened.

        Raises:
            TimeoutError: nothing within ``timeout`` seconds.
        """
        box: list[T] = []

        def look() -> bool:
            value = found()
            if value:
                box.append(value)
            return bool(value)

        with self.simulator.world.changed:
            if self.simulator.world.changed.wait_for(look, timeout):
                return box[0]
        raise TimeoutError(f"nothing of this kind within {timeout} s")

    def wait_for_messages(self, user_id: str, *, count: int = 1, timeout: float = 10) -> list[Message]:
        """The messages of this person once there are at least ``count``."""
        return self.wait_for(
            lambda: found if len(found := self.messages_to(user_id)) >= count else [], timeout=timeout
        )

    # what the test does to it -----------------------------------------------------------------------------

    def add_person(self, **fields: Any) -> Person:
        """Register a person (fields of ``Phones.add``: name, language, role, user_id, friend)."""
        return self.do(lambda: self.simulator.phones.add(**fields))

    def act(self, deed: str, user_id: str, *arguments: Any, **fields: Any) -> Any:
        """Let a person use their phone: ``act("say", user, "…")``, ``act("tap", user, data="…")``."""
        return self.do(lambda: getattr(self.simulator.phones, deed)(user_id, *arguments, **fields))

    def set_faults(self, **switches: Any) -> None:
        """Set faults, e.g. ``set_faults(error_500={"next": 2}, slow_ms=300)``."""
        world = self.simulator.world
        self.do(lambda: world.faults.change(switches, now_ms=world.now_ms()))

    def set_quota(self, quota: int | None) -> None:
        """The account's monthly allowance; None for no limit."""
        self.do(lambda: setattr(self.simulator.world.settings, "quota", quota))

    def advance(self, seconds: float) -> None:
        """Move LINE's clock forward: reply tokens and retry keys grow old."""
        world = self.simulator.world
        self.do(lambda: setattr(world, "clock_offset_ms", world.clock_offset_ms + int(seconds * 1000)))

    def reset(self) -> None:
        """Forget everything."""
        self.do(lambda: self.simulator.world.reset(keep_rich_menus=False))
