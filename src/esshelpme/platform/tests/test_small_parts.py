"""Ports, files, locks, the server's own user: each says in one line what is wrong."""

from __future__ import annotations

import os
import socket
import stat
import struct
import subprocess
from pathlib import Path

import pytest

from esshelpme.platform import chromium
from esshelpme.platform.errors import Refusal
from esshelpme.platform.files import private_text, writable_dir, write_private
from esshelpme.platform.locks import FileLock
from esshelpme.platform.ports import free_port, refuse_if_taken
from esshelpme.platform.unprivileged import Identity, let_through

STRANGER = Identity(54321, 54321)


def test_a_used_port_is_told_in_one_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refusal, match=f"Port {port} is in use"):
            refuse_if_taken("127.0.0.1", port)
    refuse_if_taken("127.0.0.1", free_port())


def test_an_address_of_another_machine_is_told_in_one_line() -> None:
    with pytest.raises(Refusal, match=r"Cannot listen on 192\.0\.2\.1"):
        refuse_if_taken("192.0.2.1", free_port())


def test_private_files_are_made_once_and_read_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert private_text(path, lambda: "first") == "first"
    assert private_text(path, lambda: "second") == "first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_private(path, "third")
    assert path.read_text() == "third"
    assert os.listdir(tmp_path) == ["secret"]


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="ESS_DATA_DIR: cannot write to") as error:
        writable_dir(tmp_path / "file" / "below")
    assert "\n" not in str(error.value)


def test_readers_share_a_lock_and_a_writer_waits_for_them(tmp_path: Path) -> None:
    one, two, writer = (FileLock(tmp_path / "lock") for _ in range(3))
    assert one.acquire(shared=True)
    assert two.acquire(shared=True)
    assert not writer.acquire()
    one.release()
    two.release()
    assert writer.acquire()
    assert not one.acquire(shared=True, timeout=0.1)
    writer.release()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands servers to another user")
def test_only_the_servers_user_is_let_through_closed_folders(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    let_through(STRANGER, [closed / "data"])
    closed.chmod(0o700)  # somebody tidies up: the grant is void until the next start
    let_through(STRANGER, [closed / "data"])

    def stranger(*order: str) -> bool:
        done = subprocess.run(
            order, user=54321, group=54321, extra_groups=[], capture_output=True, check=False, cwd="/"
        )
        return done.returncode == 0

    assert stranger("stat", str(closed / "data"))
    assert not stranger("ls", str(closed))
    assert not closed.stat().st_mode & stat.S_IRWXO


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands servers to another user")
def test_letting_through_keeps_what_others_were_granted(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    let_through(Identity(11111, 11111), [folder])
    let_through(STRANGER, [folder])
    let_through(STRANGER, [folder])
    raw = os.getxattr(folder, "system.posix_acl_access")
    users = [ident for tag, _, ident in struct.iter_unpack("<HHI", raw[4:]) if tag == 2]
    assert users == [11111, 54321]


def test_without_chromium_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_chromium", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Refusal, match="install the package 'chromium'"):
        chromium.ensure_chromium(print)
