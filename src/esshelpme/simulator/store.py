"""What the simulator remembers over a ``kill -9``: a journal of JSON values, appended to before each answer.

One ``write`` of a few lines costs microseconds and survives the death of the process (not of the machine,
which a simulator need not); a database transaction for each call cost as much as the rest of the call. The
journal is read, and rewritten without its past, when the simulator starts. Media lie beside it, a file each.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")


class Store:
    """Values by kind and key. ``folder`` None remembers nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._pending: list[bytes] = []
        self._loaded: dict[str, dict[str, Any]] = {}
        self._file = -1
        self._media: Path | None = None
        if folder is None:
            return
        self._media = folder / "media"
        self._media.mkdir(parents=True, exist_ok=True)
        self._journal = folder / "journal.jsonl"
        self._replay()
        self._rewrite()
        self._file = os.open(self._journal, os.O_WRONLY | os.O_APPEND)

    def put(self, kind: str, key: str, value: Any) -> None:
        """Remember ``value`` (anything JSON knows) at the next commit."""
        if self._file >= 0:
            self._pending.append(_line(kind, key, value))

    def forget(self, kind: str, key: str) -> None:
        """Remember no longer, from the next commit on."""
        self.put(kind, key, None)

    def commit(self) -> None:
        """Write what was put since the last commit, all or nothing."""
        if self._pending:
            lines, self._pending = b"".join(self._pending), []
            os.write(self._file, lines)

    def read(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Every value of ``kind`` as the journal left it at the start, in the order they were first put."""
        yield from self._loaded.get(kind, {}).items()

    def loaded(self) -> None:
        """Everything has been read: let go of it."""
        self._loaded = {}

    def clear(self) -> None:
        """Forget everything, media too."""
        self._pending = []
        if self._file < 0 or self._media is None:
            return
        os.ftruncate(self._file, 0)
        shutil.rmtree(self._media, ignore_errors=True)
        self._media.mkdir()

    def close(self) -> None:
        """Write what is left and close the journal."""
        self.commit()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    # media ------------------------------------------------------------------------------------------------

    def put_bytes(self, name: str, data: bytes) -> None:
        """Keep a medium's bytes now."""
        if self._media is not None and _NAME.match(name):
            (self._media / name).write_bytes(data)

    def read_bytes(self, name: str) -> bytes | None:
        """A medium's bytes."""
        if self._media is None or not _NAME.match(name):
            return None
        path = self._media / name
        return path.read_bytes() if path.is_file() else None

    def forget_bytes(self, name: str) -> None:
        """Remove a medium now."""
        if self._media is not None and _NAME.match(name):
            (self._media / name).unlink(missing_ok=True)

    # the journal ------------------------------------------------------------------------------------------

    def _replay(self) -> None:
        if not self._journal.exists():
            return
        with self._journal.open("rb") as lines:
            for line in lines:
                try:
                    kind, key, value = json.loads(line.decode("utf-8", "surrogatepass"))
                except ValueError:
                    # The line that was being written when the process died: nobody was answered for it.
                    continue
                values = self._loaded.setdefault(kind, {})
                if value is None:
                    values.pop(key, None)
                else:
                    values[key] = value

    def _rewrite(self) -> None:
        fresh = self._journal.with_suffix(".new")
        with fresh.open("wb") as out:
            for kind, values in self._loaded.items():
                out.writelines(_line(kind, key, value) for key, value in values.items())
        fresh.replace(self._journal)


def _line(kind: str, key: str, value: Any) -> bytes:
    return json.dumps([kind, key, value], ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
