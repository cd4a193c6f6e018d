"""Which processes of this machine are a given PostgreSQL, by /proc where there is one."""

from __future__ import annotations

import os
from pathlib import Path


def servers_of(folder: Path) -> list[int]:
    """All PostgreSQL processes that work in `folder`, children of a postmaster that is gone included."""
    proc = Path("/proc")
    numbers = [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()] if proc.is_dir() else []
    return [number for number in numbers if is_server_of(number, folder)]


def is_server_of(number: int, folder: Path) -> bool:
    """Whether process `number` is a PostgreSQL of `folder`: each has it as its working folder."""
    proc = Path("/proc") / str(number)
    if not Path("/proc/self").exists():
        return not ended(number)  # no /proc: PostgreSQL's own check of the pid file must do
    try:
        return (
            proc.joinpath("cwd").resolve() == folder.resolve()
            and "postgres" in proc.joinpath("comm").read_text()
        )
    except OSError:
        return False


def ended(number: int) -> bool:
    """Whether process `number` is gone, or only waits for its parent to notice."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    try:
        return (
            Path(f"/proc/{number}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()[0]
            == "Z"
        )
    except OSError:
        return False
