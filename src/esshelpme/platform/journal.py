"""The supervisor's one log.

Every line with its time and process, coloured at a terminal, JSON for machines.
"""

from __future__ import annotations

import json
import sys
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TextIO

from esshelpme.platform.clock import now, stamp

SUPERVISED: Final = "ESS_SUPERVISED"
"""Set by the supervisor for its children: `colour` or `plain`."""

PROCESS: Final = "ESS_PROCESS"
"""The child's name in the supervisor's table."""

_COLOURS: Final = (36, 35, 34, 32, 33, 96, 95, 94)
_WIDTH: Final = 9


def as_json(given: bool | None) -> bool:
    """Whether to write JSON: as configured, else when standard output is no terminal."""
    return not sys.stdout.isatty() if given is None else given


@dataclass(frozen=True)
class Journal:
    """Writes to `stream`; `machine` chooses JSON lines, `colour` escape codes in the lines for people."""

    machine: bool
    colour: bool
    stream: TextIO = sys.stdout

    def line(self, process: str, text: str) -> None:
        """One line of a process's output, as it came."""
        if not self.machine:
            self._write(f"{datetime.now().astimezone():%H:%M:%S} {self._tag(process)} {text}")
            return
        record = _parsed(text) or {"timestamp": stamp(now()), "level": "info", "event": text}
        self._write(json.dumps({**record, "process": process}, ensure_ascii=False))

    def note(self, process: str, text: str) -> None:
        """Something the supervisor itself has to say about a process."""
        if self.machine:
            record = {"timestamp": stamp(now()), "level": "warning", "event": text, "process": process}
            self._write(json.dumps(record, ensure_ascii=False))
        else:
            self.line(process, f"\x1b[33m{text}\x1b[0m" if self.colour else text)

    def say(self, text: str) -> None:
        """A line or block for the person who started us.

        As it is at a terminal, one event each line in JSON.
        """
        if not self.machine:
            self._write(text)
            return
        for line in filter(None, map(str.strip, text.splitlines())):
            self.line("ess", line)

    def _tag(self, process: str) -> str:
        padded = f"{process:<{_WIDTH}}"
        if not self.colour:
            return padded
        return f"\x1b[{_COLOURS[zlib.crc32(process.encode()) % len(_COLOURS)]}m{padded}\x1b[0m"

    def _write(self, text: str) -> None:
        try:
            self.stream.write(f"{text}\n")
            self.stream.flush()
        except (BrokenPipeError, ValueError):
            pass  # nobody reads any more; the processes go on


def _parsed(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
