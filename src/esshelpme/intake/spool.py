"""The local spool: where events wait when the database is away. Files are whole or absent, oldest name first."""

from __future__ import annotations

import base64
import fcntl
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from esshelpme.intake.rows import Row

SUFFIX = ".events"
BAD = ".bad"


class Spool:
    """A folder of small files, one a batch, each written, flushed to disk and renamed into place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = itertools.count()

    def write(self, rows: Sequence[Row]) -> None:
        """Keep rows durably. Raises `OSError` when the disk cannot."""
        self._write(rows, SUFFIX)

    def quarantine(self, row: Row) -> None:
        """Keep a row that the database refuses, out of the way, for people."""
        self._write([row], BAD)

    def drain(self, store: Callable[[Sequence[Row]], Sequence[Row]]) -> int:
        """Give every spooled batch to `store`, oldest first, and delete it when that returned.

        `store` returns the rows it refuses: they, and files that cannot be read, are quarantined. One drainer at a
        time over all processes; returns how many rows went. What `store` raises ends the drain and keeps the file.
        """
        drained = 0
        if not any(self._files()):
            return 0
        with self._alone() as mine:
            if not mine:
                return 0
            for path in self._files():
                try:
                    rows = [_row(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
                except (ValueError, KeyError, TypeError):
                    path.rename(path.with_suffix(BAD))
                    continue
                refused = store(rows)
                for row in refused:
                    self.quarantine(row)
                path.unlink()
                drained += len(rows) - len(refused)
        return drained

    def quarantined(self) -> int:
        """How many files wait for people."""
        return sum(1 for _ in self.folder.glob(f"*{BAD}")) if self.folder.is_dir() else 0

    def waiting(self) -> int:
        """How many batches wait."""
        return sum(1 for _ in self._files())

    def _files(self) -> Iterator[Path]:
        if not self.folder.is_dir():
            return iter(())
        return iter(sorted(self.folder.glob(f"*{SUFFIX}")))

    def _write(self, rows: Sequence[Row], suffix: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._count)}"
        scratch, path = self.folder / f"{name}.part", self.folder / f"{name}{suffix}"
        try:
            with scratch.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(_plain(row)) + "\n" for row in rows)
                file.flush()
                os.fsync(file.fileno())
            scratch.rename(path)
        except OSError:
            with suppress(OSError):
                scratch.unlink()
            raise
        directory = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        with (self.folder / "drain.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def _plain(row: Row) -> dict[str, Any]:
    return {
        "event_id": row.event_id,
        "person": row.person,
        "type": row.type,
        "message_id": row.message_id,
        "said_at": row.said_at.isoformat(),
        "received_at": row.received_at.isoformat(),
        "redelivered": row.redelivered,
        "sealed": base64.b64encode(row.sealed).decode(),
    }


def _row(value: dict[str, Any]) -> Row:
    return Row(
        event_id=value["event_id"],
        person=value["person"],
        type=value["type"],
        message_id=value["message_id"],
        said_at=datetime.fromisoformat(value["said_at"]),
        received_at=datetime.fromisoformat(value["received_at"]),
        redelivered=value["redelivered"],
        sealed=base64.b64decode(value["sealed"]),
    )
