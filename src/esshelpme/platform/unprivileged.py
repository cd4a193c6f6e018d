"""Whom a server that must not be root runs as, and how that user reaches its folders.

PostgreSQL refuses to run as root. When we are root, it runs as the system user `esshelpme` (made when absent;
`nobody` where users cannot be made), and that one user, nobody else, is let through the closed folders on the
way by a POSIX ACL entry; where the file system knows no ACLs the folder gets search permission for others,
never permission to list it.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

USER: Final = "esshelpme"
_ACL: Final = "system.posix_acl_access"
_ACL_USER_OBJ, _ACL_USER, _ACL_GROUP_OBJ, _ACL_MASK, _ACL_OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID: Final = 0xFFFFFFFF
_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Identity:
    """A user by numbers; `uid` None means: as ourselves."""

    uid: int | None
    gid: int | None

    def owns(self, path: Path) -> bool:
        """Whether `path` belongs to this user."""
        return path.stat().st_uid == (os.geteuid() if self.uid is None else self.uid)


def identity(folder: Path) -> Identity:
    """Who runs a server on `folder`.

    Ourselves; when we are root, the folder's present owner or an unprivileged user.
    """
    if os.geteuid() != 0:
        return Identity(None, None)
    if folder.exists() and (info := folder.stat()).st_uid != 0:
        return Identity(info.st_uid, info.st_gid)
    entry = _unprivileged_user()
    return Identity(entry.pw_uid, entry.pw_gid)


def _unprivileged_user() -> pwd.struct_passwd:
    for attempt in range(2):
        try:
            return pwd.getpwnam(USER)
        except KeyError:
            tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
            if attempt or tool is None:
                break
            order = [tool, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
            subprocess.run(order, capture_output=True, check=False)
    return pwd.getpwnam("nobody")


def let_through(who: Identity, paths: Iterable[Path]) -> None:
    """Let `who` pass every folder above each of `paths` (and the path itself, when a folder)."""
    if who.uid is None or who.gid is None:
        return
    for path in paths:
        for folder in (path, *path.resolve().parents):
            if folder.is_dir() and not _may_search(folder, who.uid, who.gid):
                _grant_search(folder, who.uid)


def _may_search(folder: Path, uid: int, gid: int) -> bool:
    info = folder.stat()
    if info.st_uid == uid:
        return bool(info.st_mode & stat.S_IXUSR)
    if info.st_gid == gid:
        return bool(info.st_mode & stat.S_IXGRP)
    # With an ACL the group's bits are its mask: a `chmod 700` leaves our entry there and makes it void.
    granted = any(tag == _ACL_USER and ident == uid and perm & 1 for tag, perm, ident in _entries(folder))
    return bool(info.st_mode & stat.S_IXOTH) or (granted and bool(info.st_mode & stat.S_IXGRP))


def _entries(folder: Path) -> list[tuple[int, int, int]]:
    try:
        raw = os.getxattr(folder, _ACL)
    except OSError:
        return []
    return [struct.unpack_from("<HHI", raw, at) for at in range(4, len(raw), 8)]


def _grant_search(folder: Path, uid: int) -> None:
    mode = folder.stat().st_mode
    entries = _entries(folder) or [
        (_ACL_USER_OBJ, mode >> 6 & 7, _NO_ID),
        (_ACL_GROUP_OBJ, mode >> 3 & 7, _NO_ID),
        (_ACL_MASK, mode >> 3 & 7, _NO_ID),
        (_ACL_OTHER, mode & 7, _NO_ID),
    ]
    kept = [
        (tag, perm | 1 if tag == _ACL_MASK else perm, ident) for tag, perm, ident in entries if ident != uid
    ]
    ordered = sorted([*kept, (_ACL_USER, 1, uid)], key=lambda entry: (entry[0], entry[2]))
    try:
        os.setxattr(
            folder, _ACL, struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in ordered)
        )
    except OSError:
        folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def before_exec(who: Identity, on_parent_death: signal.Signals | None) -> Callable[[], None]:
    """A `preexec_fn`: its own session, `who`'s rights, and (Linux) a signal when its parent dies."""
    parent = os.getpid()

    def prepare() -> None:
        os.setsid()
        if who.uid is not None and who.gid is not None:
            os.setgroups([])
            os.setgid(who.gid)
            os.setuid(who.uid)
        # After setuid: changing the user clears the request.
        if on_parent_death is not None:
            die_with_parent(on_parent_death)
            if os.getppid() != parent:
                os.kill(os.getpid(), on_parent_death)

    return prepare


def die_with_parent(by: signal.Signals) -> None:
    """Ask the kernel to send this process `by` when the process that started it dies (Linux.

    Elsewhere nothing).
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
