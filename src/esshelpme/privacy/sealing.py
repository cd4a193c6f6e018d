"""Sealing bytes: AES-256-GCM (NIST SP 800-38D), keys derived from the installation's secret by HKDF (RFC 5869)."""

from __future__ import annotations

import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32


class CannotUnseal(ValueError):
    """The bytes were sealed under another key, or changed."""


def seal(key: bytes, plain: bytes) -> bytes:
    """Seal `plain` under `key` (32 bytes). Returns nonce and ciphertext in one."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plain, None)


def unseal(key: bytes, sealed: bytes | memoryview) -> bytes:
    """Open what `seal` made. Raises `CannotUnseal`."""
    raw = bytes(sealed)
    try:
        return _cipher(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None)
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal("sealed under another ESS_SECRET_KEY, or damaged") from error


def installation_key(purpose: str, secret: str) -> bytes:
    """The key of this installation for one purpose ("subjects", "inbound", "outbound"), 32 bytes."""
    return _derive(purpose, secret)


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


@cache
def _derive(purpose: str, secret: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=b"esshelpme", info=purpose.encode()).derive(secret.encode())


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
