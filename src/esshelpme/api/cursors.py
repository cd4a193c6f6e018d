"""Cursors of pages: opaque to callers, the keys of the last row to us."""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import UTC, datetime, timedelta

from esshelpme.incidents.queries import Mark

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEYS = struct.Struct(">qq")


def write(mark: Mark) -> str:
    micros = (mark.created_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(_KEYS.pack(micros, mark.pk)).decode().rstrip("=")


def read(cursor: str) -> Mark:
    """Raises `ValueError` for anything `write` did not make."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        micros, pk = _KEYS.unpack(raw)
        mark = Mark(_EPOCH + timedelta(microseconds=micros), pk)
    except (binascii.Error, struct.error, OverflowError, ValueError) as error:
        raise ValueError("not a cursor of this list: begin again without one") from error
    return mark
