"""LINE's HTTP API as two kinds of error: temporary and permanent. Timing, logging and retries live in the callers.

The bodies we send are ours to the byte (the same over all tries under one retry key), so the hot calls are plain
HTTP; the official SDK's models check our message builders in the tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog

log = structlog.get_logger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
MONTHLY_LIMIT = "monthly limit"
JSON_TYPE = {"Content-Type": "application/json"}


class LineError(Exception):
    """LINE said no, or nothing."""


class Temporary(LineError):
    """Try again later: rate limit, server error. `unknown`: the call may have taken effect."""

    def __init__(self, detail: str, *, unknown: bool = False, status: int = 0) -> None:
        super().__init__(detail)
        self.unknown = unknown
        self.status = status


class Permanent(LineError):
    """Trying again is useless. `status` is LINE's."""

    def __init__(self, detail: str, *, status: int) -> None:
        super().__init__(detail)
        self.status = status


class QuotaSpent(Permanent):
    """The month's messages are used up: an operator must act, another channel must be used."""


@dataclass(frozen=True, slots=True)
class LineHosts:
    api: str
    data: str


class LineClient:
    """Calls LINE with one account's token. Use as an async context manager."""

    def __init__(self, *, hosts: LineHosts, token: str, connections: int = 64) -> None:
        self._hosts = hosts
        self._headers = {"Authorization": f"Bearer {token}"}
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> LineClient:
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            timeout=TIMEOUT,
            connector=aiohttp.TCPConnector(limit=self._connections),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def reply(self, token: str, messages: bytes, *, silent: bool) -> None:
        """Answer with a reply token: free, once, without a retry key. `messages` is JSON. Raises `LineError`."""
        await self._post("/v2/bot/message/reply", _body("replyToken", token, messages, silent))

    async def push(self, to: str, messages: bytes, *, silent: bool, retry_key: str) -> None:
        """Push under a retry key; "accepted already" (409) is success. `messages` is JSON. Raises `LineError`."""
        await self._post(
            "/v2/bot/message/push",
            _body("to", to, messages, silent),
            {"X-Line-Retry-Key": retry_key},
            accepted=(200, 409),
        )

    async def content(self, message_id: str, *, limit: int) -> tuple[str, bytes]:
        """The type and bytes of media a person sent. Raises `LineError`, `Permanent` above `limit` bytes."""
        assert self._session is not None
        url = f"{self._hosts.data}/v2/bot/message/{message_id}/content"
        try:
            async with self._session.get(url) as answer:
                if answer.status == 202:
                    raise Temporary("LINE is still preparing the media", status=202)
                if answer.status != 200:
                    raise await _error(answer)
                data = await answer.content.read(limit + 1)
                while len(data) <= limit and not answer.content.at_eof():
                    data += await answer.content.read(limit + 1 - len(data))
                if len(data) > limit:
                    raise Permanent(f"larger than {limit} bytes", status=413)
                return answer.content_type, data
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Temporary(type(error).__name__) from error

    async def get(self, path: str) -> dict[str, Any]:
        """A JSON answer of LINE's API host. Raises `LineError`."""
        return await self._call("GET", self._hosts.api + path)

    async def call(
        self, method: str, path: str, *, value: Any = None, data: bytes | None = None, type: str = ""
    ) -> dict[str, Any]:
        """Any other call; `data` with a `type` goes to the data host. Raises `LineError`."""
        host = self._hosts.data if data is not None else self._hosts.api
        headers = {"Content-Type": type} if type else {}
        return await self._call(method, host + path, json=value, data=data, headers=headers)

    async def _post(
        self,
        path: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        accepted: tuple[int, ...] = (200,),
    ) -> None:
        assert self._session is not None
        try:
            async with self._session.post(
                self._hosts.api + path, data=body, headers={**JSON_TYPE, **(headers or {})}
            ) as answer:
                if answer.status in accepted:
                    return
                raise await _error(answer)
        except aiohttp.ClientConnectorError as error:  # never reached LINE
            raise Temporary(f"cannot connect: {error}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Temporary(type(error).__name__, unknown=True) from error

    async def _call(self, method: str, url: str, **values: Any) -> dict[str, Any]:
        assert self._session is not None
        try:
            async with self._session.request(method, url, **values) as answer:
                if answer.status >= 300:
                    raise await _error(answer)
                value = await answer.json(content_type=None)
                return value if isinstance(value, dict) else {}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Temporary(type(error).__name__, unknown=True) from error


def _body(to: str, whom: str, messages: bytes, silent: bool) -> bytes:
    """The body of a reply or push around messages that are JSON already: the same bytes over all tries."""
    head = f'{{{json.dumps(to)}:{json.dumps(whom)},"notificationDisabled":{json.dumps(silent)},"messages":'
    return head.encode() + messages + b"}"


async def _error(answer: aiohttp.ClientResponse) -> LineError:
    text = (await answer.content.read(2000)).decode("utf-8", "replace")
    # A profile that LINE does not have (404) is ordinary; everything else is worth a line.
    note = log.debug if answer.status == 404 else log.warning
    note(
        "line_refused",
        path=answer.url.path.rsplit("/", 1)[-1],
        status=answer.status,
        request=answer.headers.get("x-line-request-id", ""),
    )
    if answer.status == 429:
        if MONTHLY_LIMIT in text.lower():
            return QuotaSpent(text, status=429)
        return Temporary(text, status=429)
    if answer.status >= 500:
        return Temporary(text, status=answer.status)
    return Permanent(text, status=answer.status)
