"""Remembering a rendered answer for a moment, so that many consoles with the same view cost one rendering."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Moment(Generic[T]):
    """Values by key, each good for `seconds`; two who ask at once for the same one wait for one making."""

    def __init__(self, seconds: float, *, at_most: int = 512) -> None:
        self._seconds = seconds
        self._at_most = at_most
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        found = self._fresh(key)
        if found is not None:
            return found[1]
        with self._guard:
            lock = self._making.setdefault(key, threading.Lock())
        with lock:
            found = self._fresh(key)
            if found is not None:
                return found[1]
            try:
                value = make()
                with self._guard:
                    self._kept[key] = (time.monotonic() + self._seconds, value)
                    self._kept.move_to_end(key)
                    while len(self._kept) > self._at_most:
                        self._kept.popitem(last=False)
                return value
            finally:
                with self._guard:
                    self._making.pop(key, None)

    def clear(self) -> None:
        with self._guard:
            self._kept.clear()

    def _fresh(self, key: Hashable) -> tuple[float, T] | None:
        found = self._kept.get(key)
        return found if found is not None and found[0] > time.monotonic() else None


class Kept(Generic[T]):
    """Values that never grow old because their key says everything they depend on; the least used go first."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        with self._guard:
            value = self._kept.get(key)
            if value is not None:
                self._kept.move_to_end(key)
            return value

    def put(self, key: Hashable, value: T) -> None:
        with self._guard:
            self._kept[key] = value
            while len(self._kept) > self._at_most:
                self._kept.popitem(last=False)
