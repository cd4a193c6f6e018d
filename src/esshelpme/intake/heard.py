"""LINE's webhook events, read tolerantly into one small value.

LINE adds types and fields without notice and documents fields that may be missing: what is not known becomes
`OTHER` and is kept; nothing here raises for content, only for what is no event at all.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl


class Type(StrEnum):
    TEXT = "TEXT"
    LOCATION = "LOCATION"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    AUDIO = "AUDIO"
    FILE = "FILE"
    STICKER = "STICKER"
    BUTTON = "BUTTON"
    FOLLOW = "FOLLOW"
    UNFOLLOW = "UNFOLLOW"
    UNSEND = "UNSEND"
    OTHER = "OTHER"


MEDIA = frozenset({Type.IMAGE, Type.VIDEO, Type.AUDIO, Type.FILE})
SPOKEN = frozenset({*MEDIA, Type.TEXT, Type.LOCATION, Type.STICKER})
_MESSAGES = {
    "text": Type.TEXT,
    "location": Type.LOCATION,
    "image": Type.IMAGE,
    "video": Type.VIDEO,
    "audio": Type.AUDIO,
    "file": Type.FILE,
    "sticker": Type.STICKER,
}
_EVENTS = {
    "postback": Type.BUTTON,
    "follow": Type.FOLLOW,
    "unfollow": Type.UNFOLLOW,
    "unsend": Type.UNSEND,
}
_PLAIN_ID = re.compile(r"[\x21-\x7e]{1,64}")
# A clock that is far off must not order a conversation.
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of one person, as the conversation needs it."""

    type: Type
    user_id: str
    said_at: datetime
    reply_token: str = ""
    message_id: str = ""
    text: str = ""
    lat: float | None = None
    lng: float | None = None
    address: str = ""
    button: Mapping[str, str] = field(default_factory=dict)
    fetchable: bool = False
    direct: bool = True  # a 1:1 chat, not a group


def read(event: Mapping[str, Any], *, received_at: datetime) -> Heard:
    """An event as it came from LINE, understood as far as it can be."""
    source = _mapping(event.get("source"))
    message = _mapping(event.get("message"))
    type = _EVENTS.get(str(event.get("type")), Type.OTHER)
    if event.get("type") == "message":
        type = _MESSAGES.get(str(message.get("type")), Type.OTHER)
    lat, lng = _number(message.get("latitude")), _number(message.get("longitude"))
    if type is Type.LOCATION and (lat is None or lng is None):
        type = Type.OTHER
    standby = event.get("mode") == "standby"
    return Heard(
        type=type,
        user_id=_text(source.get("userId")),
        said_at=said_at(event, received_at),
        reply_token="" if standby else _text(event.get("replyToken")),
        message_id=_text(message.get("id") or _mapping(event.get("unsend")).get("messageId")),
        text=_words(type, message),
        lat=lat,
        lng=lng,
        address=" ".join(filter(None, (_text(message.get("title")), _text(message.get("address"))))),
        button=dict(parse_qsl(_text(_mapping(event.get("postback")).get("data")))),
        fetchable=_mapping(message.get("contentProvider")).get("type", "line") == "line",
        direct=source.get("type", "user") == "user",
    )


def event_id(event: Mapping[str, Any]) -> str:
    """LINE's own id of the event, or a digest: of an odd id, else of all but the mark of redelivery."""
    given = event.get("webhookEventId")
    if isinstance(given, str) and _PLAIN_ID.fullmatch(given):
        return given
    about = given or {key: value for key, value in event.items() if key != "deliveryContext"}
    raw = json.dumps(about, sort_keys=True, ensure_ascii=True).encode()
    return hashlib.sha256(raw).hexdigest()


def person(event: Mapping[str, Any]) -> str:
    """Whom the event is in order with."""
    source = _mapping(event.get("source"))
    found = source.get("userId") or source.get("groupId") or source.get("roomId") or ""
    return found[:64] if isinstance(found, str) else ""


def message_id(event: Mapping[str, Any]) -> str:
    found = _mapping(event.get("message")).get("id")
    return found[:60] if isinstance(found, str) else ""


def said_at(event: Mapping[str, Any], received_at: datetime) -> datetime:
    """When it happened by LINE's clock; the time of receipt when that is missing or impossible."""
    stamp = event.get("timestamp")
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        return received_at
    try:
        moment = datetime.fromtimestamp(stamp / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return received_at
    return moment if EARLIEST <= moment <= received_at else received_at


def _words(type: Type, message: Mapping[str, Any]) -> str:
    if type is Type.STICKER:
        keywords = message.get("keywords")
        words = [_text(message.get("text"))]
        if isinstance(keywords, list):
            words += [_text(word) for word in keywords[:5]]
        names = ", ".join(filter(None, words))
        return (
            f"[sticker {_text(message.get('packageId'))}/{_text(message.get('stickerId'))}] {names}".strip()
        )
    if type is Type.FILE:
        return _text(message.get("fileName"))
    if type in MEDIA:
        provider = _mapping(message.get("contentProvider"))
        return _text(provider.get("originalContentUrl")) if provider.get("type") == "external" else ""
    return _text(message.get("text"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    """As text without NUL, which PostgreSQL cannot keep."""
    return value.replace("\x00", "") if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
