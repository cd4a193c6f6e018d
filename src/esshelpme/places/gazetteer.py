"""Every province, district and subdistrict of Thailand in memory, with their names, points and spellings.

One immutable `Gazetteer` is built on first use (about 0.2 s) from packaged data: names and codes of
`geothai`, points of `data/seats.csv`, further names of `data/aliases.json`. Imported official files refine
it: the Django application gives `use_source` a reader of them, and `gazetteer()` asks it at most once a
second whether there is something newer. Without Django, or while the database is away, the packaged data
serve.
"""

from __future__ import annotations

import asyncio
import threading
import time
from functools import cache

from esshelpme.places.building import build
from esshelpme.places.units import Gazetteer, Level, Place, Source

__all__ = ["Gazetteer", "Level", "Place", "gazetteer", "refresh", "use_source"]


@cache
def _packaged() -> Gazetteer:
    """Return the gazetteer of the packaged data alone."""
    return build()


class _Holder:
    """The gazetteer in use, and when the source was last asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.source: Source | None = None
        self.every_s = 1.0
        self.asked_at = float("-inf")
        self.current: Gazetteer | None = None

    def refresh(self) -> None:
        """Ask the source, and rebuild when it has something newer."""
        self.asked_at = time.monotonic()
        version = self.source.version() if self.source is not None else None
        if self.source is not None and version and (self.current is None or self.current.version != version):
            self.current = build(self.source.overlay())
        elif self.current is None or (version == 0 and self.current.version):
            self.current = _packaged()


_holder = _Holder()


def use_source(source: Source | None, *, every_s: float = 1.0) -> None:
    """Read imported files from `source`, asked at most once in `every_s` seconds.

    None: packaged data only.
    """
    with _holder.lock:
        _holder.source, _holder.every_s = source, every_s
        _holder.asked_at, _holder.current = float("-inf"), None


def gazetteer() -> Gazetteer:
    """Return the gazetteer in use; builds it on first use and after an import.

    Inside a running event loop the source is asked in a thread, and what it says is in use from the next
    call on.
    """
    held = _holder.current
    if held is not None and time.monotonic() - _holder.asked_at < _holder.every_s:
        return held
    in_loop = _in_event_loop()
    if held is not None and not _holder.lock.acquire(blocking=False):
        return held  # somebody else is asking just now
    if held is None:
        _holder.lock.acquire()
    try:
        if in_loop:
            _holder.current = _holder.current or _packaged()
            _holder.asked_at = time.monotonic()
            if _holder.source is not None:
                threading.Thread(target=_refresh_in_thread, name="places-refresh", daemon=True).start()
        elif _holder.current is None or time.monotonic() - _holder.asked_at >= _holder.every_s:
            _holder.refresh()
        assert _holder.current is not None
        return _holder.current
    finally:
        _holder.lock.release()


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _refresh_in_thread() -> None:
    source = _holder.source
    try:
        refresh()
    finally:
        if source is not None:
            source.close()


def refresh() -> Gazetteer:
    """Ask the source now, whatever was asked last; what an import calls in its own process."""
    with _holder.lock:
        _holder.refresh()
        assert _holder.current is not None
        return _holder.current
