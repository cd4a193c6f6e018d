"""What the simulator remembers over a ``kill -9``: one table of named JSON values in SQLite.

A commit under WAL with ``synchronous=OFF`` costs some ten microseconds and survives the death of the process
(not of the machine, which a simulator need not); so every call is committed before it is answered.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Store:
    """Values by kind and key. ``folder`` None remembers nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._pending: list[tuple[str, str, bytes]] = []
        self._db: sqlite3.Connection | None = None
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            folder / "simulator.sqlite3", check_same_thread=False, isolation_level=None
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS thing (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )

    def put(self, kind: str, key: str, value: Any) -> None:
        """Remember ``value`` (anything JSON knows) at the next commit."""
        if self._db is not None:
            self._pending.append(
                (kind, key, json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
            )

    def put_bytes(self, kind: str, key: str, value: bytes) -> None:
        """Remember raw bytes at the next commit."""
        if self._db is not None:
            self._pending.append((kind, key, value))

    def forget(self, kind: str, key: str) -> None:
        """Remove one value now."""
        if self._db is not None:
            self.commit()
            self._db.execute("DELETE FROM thing WHERE kind = ? AND key = ?", (kind, key))

    def commit(self) -> None:
        """Write what was put since the last commit, in one transaction."""
        if not self._pending or self._db is None:
            return
        pending, self._pending = self._pending, []
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO thing VALUES (?, ?, ?)", pending)
        self._db.execute("COMMIT")

    def read(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Every value of ``kind`` in the order of its keys."""
        for key, body in self._rows(kind):
            yield key, json.loads(body.decode("utf-8", "surrogatepass"))

    def read_bytes(self, kind: str, key: str) -> bytes | None:
        """One raw value."""
        if self._db is None:
            return None
        row = self._db.execute("SELECT body FROM thing WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return bytes(row[0]) if row else None

    def clear(self) -> None:
        """Forget everything."""
        self._pending = []
        if self._db is not None:
            self._db.execute("DELETE FROM thing")

    def close(self) -> None:
        """Write what is left and close the file."""
        self.commit()
        if self._db is not None:
            self._db.close()
            self._db = None

    def _rows(self, kind: str) -> list[tuple[str, bytes]]:
        if self._db is None:
            return []
        return self._db.execute("SELECT key, body FROM thing WHERE kind = ? ORDER BY key", (kind,)).fetchall()
