"""Sending webhooks to the program, in order for each person, with the faults that are switched on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import aiohttp

from esshelpme.simulator import ids
from esshelpme.simulator.events import Event, redelivered, signed_webhook
from esshelpme.simulator.world import Call, World

ANSWER_TIMEOUT_SECONDS = 2.0
"""LINE counts an answer later than this as a failure."""
REDELIVERY_DELAYS_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""LINE publishes neither number nor interval of redeliveries."""
SWAP_WINDOW_SECONDS = 0.7


class WebhookSender:
    """Carries events to the program's webhook."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._session: aiohttp.ClientSession | None = None
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Event] = []

    @property
    def url(self) -> str | None:
        """Where webhooks go: the address set over the API, unless the environment fixes one."""
        config = self.world.config
        if config.webhook_url_is_fixed:
            return config.webhook_url
        return self.world.settings.webhook_url or config.webhook_url

    async def close(self) -> None:
        """Stop what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def emit(self, event: Event) -> None:
        """Send ``event`` soon; returns at once."""
        faults = self.world.faults
        if faults.webhook_out_of_order:
            self._held.append(event)
            if len(self._held) == 1:
                self._spawn(self._release_later())
            return
        self._start(event)

    def _start(self, event: Event) -> asyncio.Task[None]:
        """Send ``event`` and what the switches add to it; returns the first delivery."""
        faults = self.world.faults
        first = self._spawn(self._deliver(event))
        for _ in range(faults.webhook_duplicates):
            self._spawn(self._deliver(event))
        if faults.webhook_redelivery:
            self._spawn(self._deliver(event, delay=1.0, again=True))
        return first

    async def _release_later(self) -> None:
        """Let neighbours overtake each other: what gathered within the window goes out backwards."""
        await asyncio.sleep(SWAP_WINDOW_SECONDS)
        held, self._held = self._held, []
        for event in reversed(held):
            await asyncio.wait({self._start(event)}, timeout=ANSWER_TIMEOUT_SECONDS)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _deliver(self, event: Event, *, delay: float = 0, again: bool = False) -> None:
        if delay:
            await asyncio.sleep(delay)
        user_id = event.get("source", {}).get("userId", "")
        if again:
            self._renew_token(event)
            await self._post([redelivered(event)])
            return
        async with self._locks.setdefault(user_id, asyncio.Lock()):
            delivered = await self._post([event])
        for pause in REDELIVERY_DELAYS_SECONDS:
            if delivered or not self.world.faults.redeliver_on_failure:
                return
            await asyncio.sleep(pause)
            self._renew_token(event)
            delivered = await self._post([redelivered(event)])

    def _renew_token(self, event: Event) -> None:
        """A redelivered event's reply token lives for a minute from this delivery."""
        token = event.get("replyToken")
        if token and token not in self.world.used_tokens:
            self.world.token_issues[token] = (event["timestamp"], self.world.now_ms())

    async def _post(self, events: list[Event]) -> bool:
        """One webhook request; True when the program took it."""
        url = self.url
        if not url:
            return True
        body, headers = signed_webhook(
            events, secret=self.world.config.channel_secret, destination=self.world.config.bot_user_id
        )
        started = time.perf_counter()
        status, answer, remark = 0, b"", ""
        try:
            session = self._open_session()
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                status, answer = response.status, await response.read()
        except TimeoutError:
            remark = "request_timeout"
        except aiohttp.ClientError as error:
            remark = f"could_not_connect: {type(error).__name__}"
        self.world.call_count += 1
        people = tuple(
            {event["source"]["userId"] for event in events if event.get("source", {}).get("userId")}
        )
        self.world.log(
            Call(
                number=self.world.call_count,
                at_ms=self.world.now_ms(),
                method="POST",
                path=url,
                status=status,
                millis=(time.perf_counter() - started) * 1000,
                request=body,
                answer=answer[:4000],
                request_id=ids.new_request_id(),
                people=people,
                outgoing=True,
                remark=remark,
            )
        )
        return 200 <= status < 300

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)
        return self._session

    async def test(self, url: str) -> dict[str, Any]:
        """LINE's "test webhook endpoint": an empty, signed request."""
        body, headers = signed_webhook(
            [], secret=self.world.config.channel_secret, destination=self.world.config.bot_user_id
        )
        status, reason, detail = 0, "COULD_NOT_CONNECT", ""
        try:
            async with self._open_session().post(
                url, data=body, headers=headers, allow_redirects=False
            ) as response:
                status, detail = response.status, str(response.status)
                reason = "OK" if 200 <= status < 300 else "ERROR_STATUS_CODE"
        except TimeoutError:
            reason = "REQUEST_TIMEOUT"
        except aiohttp.ClientError as error:
            detail = type(error).__name__
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.world.now_ms() / 1000)) + ".000000Z"
        return {
            "success": 200 <= status < 300,
            "timestamp": moment,
            "statusCode": status,
            "reason": reason,
            "detail": detail,
        }
