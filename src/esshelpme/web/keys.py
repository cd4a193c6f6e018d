"""Keys of forms and secrets of status pages.

A form carries a random key; the same key is the same report, however often it arrives. The secret of the status page
(192 bits) is derived from it, so that a double tap leads both answers to the same page while only a digest is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from django.conf import settings

from esshelpme.privacy.sealing import installation_key

SECRET_BYTES = 24
TAG_BYTES = 9


def new_form_key(*, at: datetime) -> str:
    """A fresh key: 192 random bits, when it was made, and our mark on both."""
    body = f"{secrets.token_urlsafe(SECRET_BYTES)}.{int(at.timestamp())}"
    return f"{body}.{_mark(body)}"


def made_at(key: str) -> datetime | None:
    """When we made this key; None for one that is not ours."""
    body, _, mark = key.rpartition(".")
    if not body or not hmac.compare_digest(mark.encode(), _mark(body).encode()):
        return None
    return datetime.fromtimestamp(int(body.rpartition(".")[2]), UTC)


def status_secret(key: str, turn: int = 0) -> str:
    """The secret of the status page of a form's report; `turn` counts reports after the one before had ended."""
    raw = hmac.new(_key("status pages"), f"{key}#{turn}".encode(), hashlib.sha256).digest()
    return _text(raw[:SECRET_BYTES])


def secret_digest(secret: str) -> str:
    """What is kept of a secret: SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def trace(purpose: str, value: str, *, at: datetime) -> str:
    """A digest of something that must not be kept (an address, words), which changes its key every day."""
    keyed = hmac.new(_key("traces"), f"{at:%Y-%m-%d}|{purpose}|{value}".encode(), hashlib.sha256)
    return keyed.hexdigest()[:32]


def _mark(body: str) -> str:
    return _text(hmac.new(_key("form keys"), body.encode(), hashlib.sha256).digest()[:TAG_BYTES])


def _key(purpose: str) -> bytes:
    return installation_key(f"web {purpose}", settings.SECRET_KEY)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
