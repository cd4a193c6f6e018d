"""LINE's rate limits: a token bucket for each endpoint (method and path), as its reference lists them."""

from __future__ import annotations

PER_SECOND: dict[str, float] = {
    "POST /v2/bot/message/multicast": 200,
    "POST /v2/bot/chat/loading/start": 100,
    "GET /v2/bot/richmenu/list": 10,
}
PER_HOUR: dict[str, float] = {
    "POST /v2/bot/message/broadcast": 60,
    "POST /v2/bot/message/narrowcast": 60,
    "POST /v2/bot/channel/webhook/test": 60,
    "POST /v2/bot/richmenu": 100,
}
DEFAULT_PER_SECOND = 2000.0


class RateLimits:
    """One bucket an endpoint, full at the start."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, int]] = {}

    def allows(self, endpoint: str, *, now_ms: int) -> bool:
        """Take one call of ``endpoint`` (``METHOD path``) out of its bucket; False when it is empty."""
        if endpoint in PER_HOUR:
            size = PER_HOUR[endpoint]
            per_ms = size / 3_600_000
        else:
            size = PER_SECOND.get(endpoint, DEFAULT_PER_SECOND)
            per_ms = size / 1000
        left, at = self._buckets.get(endpoint, (size, now_ms))
        left = min(size, left + max(0, now_ms - at) * per_ms)
        if left < 1:
            self._buckets[endpoint] = (left, now_ms)
            return False
        self._buckets[endpoint] = (left - 1, now_ms)
        return True
