"""Webhook events exactly as LINE writes them (reference: Webhook event objects), and their signed envelope.

Pure functions: what a phone does in the simulator and what a load generator invents look the same on the
wire. ``user_id`` is the person; ``group_id`` puts the event into a group; times are milliseconds since 1970.
"""

from __future__ import annotations

import json
import time
from typing import Any

from esshelpme.simulator import ids
from esshelpme.simulator.config import BOT_USER_ID, CHANNEL_SECRET

Event = dict[str, Any]


def event(
    kind: str,
    user_id: str,
    *,
    at_ms: int | None = None,
    event_id: str | None = None,
    group_id: str | None = None,
    secret: str | None = None,
    reply: bool = True,
    reply_token: str | None = None,
    **own: Any,
) -> Event:
    """Any event: the common fields and its ``own``. ``secret``, the channel's, seals the reply token."""
    now = int(time.time() * 1000) if at_ms is None else at_ms
    source = {"type": "user", "userId": user_id}
    if group_id is not None:
        source = {"type": "group", "groupId": group_id, "userId": user_id}
    built: Event = {
        "type": kind,
        "timestamp": now,
        "mode": "active",
        "webhookEventId": event_id or ids.ulid(now),
        "deliveryContext": {"isRedelivery": False},
        "source": source,
    }
    if reply:
        built["replyToken"] = reply_token or ids.new_reply_token(
            group_id or user_id, secret=secret or CHANNEL_SECRET, now_ms=now
        )
    return built | own


def message_event(user_id: str, message: dict[str, Any], **common: Any) -> Event:
    """A ``message`` event; ``message`` lacks an ``id`` unless the caller chose one."""
    whole = dict(message)
    whole.setdefault("id", ids.new_message_id(common.get("at_ms")))
    if whole.get("type") in ("text", "sticker", "image", "video"):
        whole.setdefault("quoteToken", ids.new_quote_token())
    return event("message", user_id, message=whole, **common)


def text_event(user_id: str, text: str, **common: Any) -> Event:
    """The person writes ``text``."""
    return message_event(user_id, {"type": "text", "text": text}, **common)


def location_event(
    user_id: str,
    lat: float,
    lng: float,
    *,
    title: str | None = None,
    address: str | None = None,
    **common: Any,
) -> Event:
    """The person sends a pin. Real ones carry neither accuracy nor time of the fix."""
    message: dict[str, Any] = {"type": "location", "latitude": lat, "longitude": lng}
    if title:
        message["title"] = title
    if address:
        message["address"] = address
    return message_event(user_id, message, **common)


def sticker_event(
    user_id: str,
    *,
    package_id: str = "446",
    sticker_id: str = "1988",
    keywords: list[str] | None = None,
    **common: Any,
) -> Event:
    """The person sends a sticker."""
    message: dict[str, Any] = {
        "type": "sticker",
        "packageId": package_id,
        "stickerId": sticker_id,
        "stickerResourceType": "STATIC",
    }
    if keywords:
        message["keywords"] = keywords
    return message_event(user_id, message, **common)


def media_event(user_id: str, kind: str, *, duration_ms: int | None = None, **common: Any) -> Event:
    """The person sends an ``image``, ``video`` or ``audio``, whose bytes LINE's content API serves."""
    message: dict[str, Any] = {"type": kind, "contentProvider": {"type": "line"}}
    if duration_ms is not None:
        message["duration"] = duration_ms
    return message_event(user_id, message, **common)


def file_event(user_id: str, name: str, size: int, **common: Any) -> Event:
    """The person sends a file of ``size`` bytes."""
    return message_event(user_id, {"type": "file", "fileName": name, "fileSize": size}, **common)


def postback_event(user_id: str, data: str, *, params: dict[str, str] | None = None, **common: Any) -> Event:
    """The person taps a postback button."""
    postback: dict[str, Any] = {"data": data}
    if params:
        postback["params"] = params
    return event("postback", user_id, postback=postback, **common)


def follow_event(user_id: str, *, unblocked: bool = False, **common: Any) -> Event:
    """The person adds the account, or unblocks it."""
    return event("follow", user_id, follow={"isUnblocked": unblocked}, **common)


def unfollow_event(user_id: str, **common: Any) -> Event:
    """The person blocks the account."""
    return event("unfollow", user_id, reply=False, **common)


def unsend_event(user_id: str, message_id: str, **common: Any) -> Event:
    """The person takes a message back."""
    return event("unsend", user_id, reply=False, unsend={"messageId": message_id}, **common)


def redelivered(original: Event) -> Event:
    """The same event as LINE sends it again: identical but for the mark."""
    return original | {"deliveryContext": {"isRedelivery": True}}


def webhook_body(events: list[Event], *, destination: str = BOT_USER_ID) -> bytes:
    """The request body that carries ``events``."""
    return json.dumps({"destination": destination, "events": events}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def signed_webhook(
    events: list[Event],
    *,
    secret: str = CHANNEL_SECRET,
    destination: str = BOT_USER_ID,
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a webhook request with a valid signature."""
    body = webhook_body(events, destination=destination)
    return body, {
        "content-type": "application/json; charset=utf-8",
        "x-line-signature": ids.sign(body, secret=secret),
    }
