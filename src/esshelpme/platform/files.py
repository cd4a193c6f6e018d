"""Small files that hold secrets or state: written whole or not at all, readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from esshelpme.platform.errors import Refusal


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text`, mode 600, atomically and durably: a crash leaves the old or the new."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def private_text(path: Path, make: Callable[[], str]) -> str:
    """The stripped text of `path`, made once by `make` when the file is absent.

    Two processes that race agree: the file is linked into place, and the loser reads the winner's.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        write_private(beside, make() + "\n")
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links: the race is then decided by rename
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        return path.read_text(encoding="utf-8").strip()


def writable_dir(path: Path) -> Path:
    """Make `path` and its parents; Refusal with one line when it cannot be written."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = path / f".probe.{secrets.token_hex(4)}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise Refusal(
            f"ESS_DATA_DIR: cannot write to {path} ({error.strerror}). "
            "Make it writable or set ESS_DATA_DIR to another folder."
        ) from error
    return path
