"""The webhook's own small door: a bare ASGI application in front of Django.

It verifies LINE's signature over the raw body, stores the events durably, answers; the conversation is a worker's
business. (https://developers.line.biz/en/reference/messaging-api/#webhooks: answer within two seconds.)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from esshelpme.intake.rows import Row, row_of
from esshelpme.intake.store import EventStore, NotStored

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_LIMIT = 1024 * 1024
PATH = "/line/webhook"


class WebhookDoor:
    """Answers `POST /line/webhook`, and nothing else."""

    def __init__(self, *, secret: str, key: bytes, store: EventStore) -> None:
        self._secret = secret.encode()
        self._key = key
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _answer(send, 405, "POST only", ((b"allow", b"POST"),))
            return
        body = await _read(scope, receive)
        if body is None:
            await _answer(send, 413, f"The body is larger than {BODY_LIMIT} bytes")
            return
        if not self._signed(scope, body):
            await _answer(send, 401, "The signature does not match")
            return
        rows = self._rows(body)
        if rows is None:
            await _answer(send, 400, "Not a LINE webhook: a JSON object with a list of events")
            return
        if rows:
            try:
                await self._store.put(rows)
            except NotStored:
                await _answer(send, 503, "The events could not be stored; deliver them again")
                return
        await _answer(send, 200, "")

    def _signed(self, scope: Scope, body: bytes) -> bool:
        for name, value in scope["headers"]:
            if name.lower() == b"x-line-signature":
                mac = hmac.digest(self._secret, body, hashlib.sha256)
                return hmac.compare_digest(base64.b64encode(mac), value)
        return False

    def _rows(self, body: bytes) -> list[Row] | None:
        """The events as rows, or None for what is not LINE-shaped, nested beyond all reason included."""
        received_at = datetime.now(UTC)
        try:
            events = events_in(body)
            if events is None:
                return None
            return [
                row_of(
                    event,
                    raw=_dumped(event),
                    key=self._key,
                    received_at=received_at,
                )
                for event in events
            ]
        except RecursionError:
            return None


def events_in(body: bytes) -> list[dict[str, Any]] | None:
    """The events of a webhook body, or None when it is not LINE-shaped. Raises `RecursionError`."""
    try:
        value = _loaded(body)
    except ValueError:
        return None
    events = value.get("events") if isinstance(value, dict) else None
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        return None
    return events


def _loaded(body: bytes) -> Any:
    """JSON, by the quick parser; what it is too strict for (half an emoji, NaN) by the patient one."""
    try:
        return orjson.loads(body)
    except ValueError:
        return json.loads(body)


def _dumped(event: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(event)
    except (TypeError, ValueError):
        return json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body, or None when it is larger than the limit."""
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and value.isdigit() and int(value) > BODY_LIMIT:
            return None
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def redirect(send: Send, to: str) -> None:
    """Send the caller on, from outside of Django."""
    await _answer(send, 307, "", ((b"location", to.encode()),))


async def refuse(send: Send, status: int, why: str) -> None:
    """Refuse a caller, from outside of Django."""
    await _answer(send, status, why)


async def _answer(send: Send, status: int, text: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    body = text.encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
