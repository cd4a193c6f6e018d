"""The embedded PostgreSQL starts anywhere, survives a kill -9 of everything, has never two owners."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from esshelpme.platform.cluster import Cluster
from esshelpme.platform.config import Config, load
from esshelpme.platform.dsn import django_database, without_password
from esshelpme.platform.errors import Refusal
from esshelpme.platform.postgres import database_settings, in_use, supervised, take_over, temporary, up_lock
from esshelpme.platform.probe import check_database
from esshelpme.platform.server_processes import ended


@pytest.fixture
def cluster(home: Path) -> Cluster:
    return Cluster(home, throwaway=True)


def started(cluster: Cluster) -> Callable[[], bool]:
    """Start it as a supervisor would, and say whether it still lives."""
    cluster.prepare()
    with cluster.log_file.open("wb") as log:
        child = cluster.spawn(output=log, die_with_parent=True)
    cluster.wait_ready(lambda: child.poll() is None)
    return lambda: child.poll() is None


def ask(url: str, question: LiteralString) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(question)
        row = cursor.fetchone() if cursor.description else None
        return row and row[0]


def test_a_fresh_folder_becomes_a_database_and_ends_with_the_block(home: Path) -> None:
    with temporary(home, durable=False) as url:
        assert ask(url, "SELECT current_user") == "esshelpme"
        assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert check_database(url) >= 180000
    assert Cluster(home).pid() is None


def test_the_real_one_loses_nothing_and_is_closed_to_others(home: Path) -> None:
    with temporary(home, durable=True) as url:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert ask(url, "SHOW " + setting) == "on"
        assert ask(url, "SHOW listen_addresses") == ""
        assert stat.S_IMODE(Cluster(home).socket_folder.stat().st_mode) == 0o700
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.replace(Cluster(home).password, "wrong"))
    assert stat.S_IMODE((home / "database-password").stat().st_mode) == 0o600


def test_a_kill_9_of_the_postmaster_is_recovered_from(home: Path) -> None:
    cluster = Cluster(home)
    alive = started(cluster)
    ask(cluster.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    number = cluster.pid()
    assert number is not None
    os.kill(number, signal.SIGKILL)
    while alive():
        pass
    assert (cluster.folder / "postmaster.pid").exists()
    assert cluster.pid() is None
    started(cluster)
    assert ask(cluster.url, "SELECT answer FROM kept") == 42
    cluster.stop()


def test_a_stale_pid_file_that_names_a_living_stranger_stops_nobody(cluster: Cluster) -> None:
    started(cluster)
    lines = (cluster.folder / "postmaster.pid").read_text().splitlines()
    cluster.stop()
    (cluster.folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert cluster.pid() is None
    started(cluster)
    cluster.stop()


def test_an_interrupted_creation_is_done_again(cluster: Cluster) -> None:
    (cluster.home / "postgres.new").mkdir()
    (cluster.home / "postgres.new" / "half").touch()
    started(cluster)
    cluster.stop()


def test_a_lost_password_file_is_replaced(cluster: Cluster) -> None:
    started(cluster)
    cluster.stop()
    (cluster.home / "database-password").unlink()
    again = Cluster(cluster.home, throwaway=True)
    assert again.password != cluster.password
    started(again)
    assert ask(again.url, "SELECT 1") == 1
    again.stop()


def test_a_path_too_long_for_a_socket_is_no_obstacle(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60) / "ข้อมูล"
    deep.mkdir(parents=True)
    with temporary(deep, durable=False) as url:
        assert ask(url, "SELECT 1") == 1
    folder = Cluster(deep).socket_folder
    assert len(str(folder)) < 60
    folder.rmdir()


def test_a_folder_of_another_release_is_refused(cluster: Cluster) -> None:
    cluster.prepare()
    (cluster.folder / "PG_VERSION").write_text("13\n")
    with pytest.raises(Refusal, match=r"made by PostgreSQL 13, this release brings \d+"):
        cluster.prepare()


def config_of(home: Path) -> Config:
    return load({"ESS_DATA_DIR": str(home)})


def test_a_command_starts_the_server_and_the_last_one_out_stops_it(home: Path) -> None:
    config = config_of(home)
    with in_use(config):
        number = Cluster(home).pid()
        assert number is not None
        with in_use(config):
            assert Cluster(home).pid() == number
        assert Cluster(home).pid() == number
    assert ended(number)


def test_a_command_joins_the_supervisors_server_and_leaves_it_running(home: Path) -> None:
    lock = up_lock(home)
    assert lock.acquire()
    cluster = Cluster(home, throwaway=True)
    take_over(cluster, print)
    started(cluster)
    number = cluster.pid()
    assert supervised(home)
    with in_use(config_of(home)):
        assert cluster.pid() == number
    assert cluster.pid() == number
    cluster.stop()
    lock.release()
    assert not supervised(home)


def test_a_supervisor_ends_a_server_that_nobody_supervises(home: Path) -> None:
    cluster = Cluster(home, throwaway=True)
    alive = started(cluster)
    take_over(cluster, print)
    assert not alive()


def test_a_second_supervisor_is_refused(home: Path) -> None:
    first, second = up_lock(home), up_lock(home)
    assert first.acquire()
    first.note("123 http://127.0.0.1:8000")
    assert not second.acquire()
    assert second.read().startswith("123 ")
    first.release()
    assert second.acquire()
    second.release()


@pytest.mark.parametrize(
    ("url", "host", "port", "name"),
    [
        ("postgresql://u:p%40@db.example:6432/ess?sslmode=require", "db.example", "6432", "ess"),
        ("postgresql://u:p@/ess?host=%2Frun%2Fpg", "/run/pg", "", "ess"),
        ("postgres://u@[::1]:5432/ess", "::1", "5432", "ess"),
    ],
)
def test_urls_become_what_django_wants(url: str, host: str, port: str, name: str) -> None:
    entry = django_database(url)
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == (host, port, name)
    assert "p@" not in without_password(url)


def test_a_given_database_is_used_and_none_is_started(home: Path) -> None:
    config = load({"ESS_DATA_DIR": str(home), "DATABASE_URL": "postgresql://u:p@db/ess"})
    with in_use(config):
        assert database_settings(config)["HOST"] == "db"
    assert not (home / "postgres").exists()


def test_an_unreachable_database_is_one_line_without_the_password() -> None:
    with pytest.raises(Refusal) as error:
        check_database("postgresql://u:hush@127.0.0.1:1/ess")
    assert "no connection to 127.0.0.1:1/ess" in str(error.value)
    assert "hush" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_user_who_may_not_create_tables_is_told_so(home: Path) -> None:
    with temporary(home, durable=False) as url:
        # The owner of one database is a guest in template1.
        guest = url.replace("/esshelpme?", "/template1?")
        with pytest.raises(Refusal, match="esshelpme may not create tables in"):
            check_database(guest)


def test_a_server_without_an_extension_is_told_which(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esshelpme.platform.probe.EXTENSIONS", ("pg_trgm", "no_such_thing"))
    with (
        temporary(home, durable=False) as url,
        pytest.raises(Refusal, match="lacks the extensions no_such_thing"),
    ):
        check_database(url)
