"""Locks between processes: `flock` on a file, freed by the kernel however its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Self


class FileLock:
    """An advisory lock on `path`. Not inherited by child processes (descriptors close on exec)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def acquire(self, *, shared: bool = False, timeout: float | None = 0.0) -> bool:
        """Take the lock; False when another holder kept it for `timeout` seconds (None: wait for ever)."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(handle, kind | (0 if deadline is None else fcntl.LOCK_NB))
            except BlockingIOError:
                if deadline is not None and time.monotonic() >= deadline:
                    os.close(handle)
                    return False
                time.sleep(0.05)
            else:
                self._handle = handle
                return True

    def note(self, text: str) -> None:
        """Leave a word for whoever finds the lock taken (who holds it)."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, text.encode(), 0)

    def read(self) -> str:
        """The holder's word, empty when none was left."""
        try:
            return self.path.read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Self:
        self.acquire(timeout=None)
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
