"""What one program may ask of us: named limits and the rate of each token.

The rate is a token bucket in the memory of the web process: a minute's worth may come at once, then it
refills evenly. Several web processes allow several times as much, which is what they can also serve.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings

# Settings of the same names replace these.
API_REQUESTS_PER_MINUTE = 6000  # for each token; 0 switches the limit off
API_BODY_BYTES = 256 * 1024
API_TEXT_LENGTH = 10_000  # characters of a report's text


def requests_per_minute() -> int:
    return int(getattr(settings, "API_REQUESTS_PER_MINUTE", API_REQUESTS_PER_MINUTE))


def body_bytes() -> int:
    return int(getattr(settings, "API_BODY_BYTES", API_BODY_BYTES))


@dataclass(slots=True)
class _Bucket:
    left: float
    filled_at: float


@dataclass(slots=True)
class Rates:
    """The buckets of all tokens of this process."""

    clock: Callable[[], float] = time.monotonic
    _buckets: dict[int, _Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, token_id: int, *, per_minute: int) -> int:
        """0 when the request may go on, else whole seconds until the next one may."""
        if per_minute <= 0:
            return 0
        now = self.clock()
        with self._lock:
            bucket = self._buckets.setdefault(token_id, _Bucket(per_minute, now))
            refill = (now - bucket.filled_at) * per_minute / 60
            bucket.left, bucket.filled_at = min(per_minute, bucket.left + refill), now
            if bucket.left >= 1:
                bucket.left -= 1
                return 0
            return max(1, math.ceil((1 - bucket.left) * 60 / per_minute))

    def forget(self) -> None:
        """Empty all buckets: tests begin with full ones."""
        with self._lock:
            self._buckets.clear()


rates = Rates()
