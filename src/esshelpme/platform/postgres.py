"""Which database the program uses, and who may start and stop the embedded one.

Three locks in the data folder, all freed by the kernel however their holder dies: `up.lock` (one supervisor),
`postgres.users` (shared by commands while they use the database; the last one out stops a server that nobody
supervises), `postgres.start` (held for the moment of starting or stopping).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from esshelpme.platform.cluster import Cluster
from esshelpme.platform.config import Config
from esshelpme.platform.dsn import django_database
from esshelpme.platform.errors import Refusal
from esshelpme.platform.files import writable_dir
from esshelpme.platform.locks import FileLock


def database_url(config: Config) -> str:
    """The database's URL: DATABASE_URL, or the embedded server's (which this does not start)."""
    if config.database_url_given is not None:
        return config.database_url_given
    return Cluster(writable_dir(config.data_dir)).url


def database_settings(config: Config) -> dict[str, Any]:
    """The entry for Django's DATABASES, without pooling or health checks."""
    return django_database(database_url(config))


def up_lock(data_dir: Path) -> FileLock:
    """The lock that the one supervisor of a data folder holds."""
    return FileLock(data_dir / "up.lock")


def supervised(data_dir: Path) -> bool:
    """Whether a supervisor runs on this data folder."""
    lock = up_lock(data_dir)
    free = lock.acquire(shared=True)
    lock.release()
    return not free


def take_over(cluster: Cluster, say: Callable[[str], None]) -> None:
    """For the supervisor, holding `up.lock`: end a server left by commands or a crash, and prepare the
    folder.

    Waits up to a minute for commands that still use it. Raises Refusal when they do not end or it cannot be
    prepared.
    """
    users = FileLock(cluster.home / "postgres.users")
    if not users.acquire():
        say("Waiting for a command that uses the database…")
        if not users.acquire(timeout=60):
            raise Refusal("A command still uses the embedded database: end it and try again.")
    try:
        with FileLock(cluster.home / "postgres.start"):
            cluster.stop()
            cluster.prepare()
    finally:
        users.release()


@contextmanager
def in_use(config: Config, say: Callable[[str], None] = lambda line: None) -> Iterator[None]:
    """Make sure that the database runs while a command works.

    A server that nobody else needs is stopped after.
    """
    if config.database_url_given is not None:
        yield
        return
    home = writable_dir(config.data_dir)
    cluster = Cluster(home, say=say)
    users, start = FileLock(home / "postgres.users"), FileLock(home / "postgres.start")
    with start:
        users.acquire(shared=True, timeout=None)
        if supervised(home):
            cluster.wait_ready(lambda: supervised(home), timeout=120)
        elif not cluster.ready():
            _start(cluster)
    try:
        yield
    finally:
        with start:
            users.release()
            if users.acquire():
                if not supervised(home):
                    cluster.stop()
                users.release()


@contextmanager
def temporary(home: Path, *, durable: bool, say: Callable[[str], None] = lambda line: None) -> Iterator[str]:
    """A server in the empty folder `home` for as long as the block; yields its URL.

    `durable`: with every guarantee of the real one (benchmarks); otherwise fast and forgetful (tests).
    """
    cluster = Cluster(home, throwaway=not durable, say=say)
    cluster.prepare()
    with cluster.log_file.open("wb") as log:
        child = cluster.spawn(output=log, die_with_parent=True)
    try:
        cluster.wait_ready(lambda: child.poll() is None)
        yield cluster.url
    finally:
        cluster.stop()
        child.wait()


def _start(cluster: Cluster) -> None:
    cluster.prepare()
    with cluster.log_file.open("wb") as log:
        child = cluster.spawn(output=log, die_with_parent=False)
    cluster.wait_ready(lambda: child.poll() is None)
