"""Identifiers in the shapes LINE uses: user ids, message ids, ULIDs, request ids, reply tokens.

Reply tokens are self-certifying: they carry the chat and the second they were issued at under an HMAC of the
channel secret. So the simulator needs no table of issued tokens, they survive its restart, and a load
generator that writes its own webhook bodies (``client.py``) can issue tokens that the simulator honours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import threading
import time
from dataclasses import dataclass

USER_ID = re.compile(r"U[0-9a-f]{32}\Z")
CHAT_ID = re.compile(r"[UCR][0-9a-f]{32}\Z")
RETRY_KEY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MESSAGE_EPOCH_MS = 1_400_000_000_000
_lock = threading.Lock()
_last_message_id = [0]


def new_user_id() -> str:
    """A user id: U and 32 hexadecimal digits."""
    return "U" + os.urandom(16).hex()


def new_message_id(now_ms: int | None = None) -> str:
    """A message id: decimal digits, above 2^53 as LINE's are, growing with time within one process."""
    moment = int(time.time() * 1000) if now_ms is None else now_ms
    with _lock:
        candidate = max(moment - _MESSAGE_EPOCH_MS, 1 << 34) << 20
        _last_message_id[0] = max(candidate, _last_message_id[0] + 1)
        return str(_last_message_id[0])


def ulid(now_ms: int | None = None) -> str:
    """A ULID, as ``webhookEventId`` is: 48 bits of time and 80 random bits in Crockford's base32."""
    moment = int(time.time() * 1000) if now_ms is None else now_ms
    number = (moment << 80) | int.from_bytes(os.urandom(10), "big")
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def new_request_id() -> str:
    """A request id in the shape of ``x-line-request-id``."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def new_quote_token() -> str:
    """An opaque quote token."""
    return base64.urlsafe_b64encode(os.urandom(24)).decode()


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """What a reply token says: the chat it answers and when (milliseconds) it was issued."""

    chat: str
    issued_ms: int


def new_reply_token(chat: str, *, secret: str, now_ms: int | None = None) -> str:
    """Issue a token for ``chat`` (a user, group or room id)."""
    moment = int(time.time() * 1000) if now_ms is None else now_ms
    body = chat[:1].encode() + bytes.fromhex(chat[1:]) + moment.to_bytes(6, "big") + os.urandom(3)
    return (body + _seal(body, secret)).hex()


def read_reply_token(token: object, *, secret: str) -> ReplyToken | None:
    """The contents of a token that this account issued, else None."""
    if not isinstance(token, str) or len(token) != 68:
        return None
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return None
    body, seal = raw[:26], raw[26:]
    if not hmac.compare_digest(seal, _seal(body, secret)):
        return None
    return ReplyToken(chat=chr(body[0]) + body[1:17].hex(), issued_ms=int.from_bytes(body[17:23], "big"))


def _seal(body: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), body, hashlib.sha256)[:8]


def sign(body: bytes, *, secret: str) -> str:
    """LINE's webhook signature: base64 of HMAC-SHA256 over the raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
