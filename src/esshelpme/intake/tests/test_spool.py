"""The spool: whole or absent, in order, each once, and no bad file stops it."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from esshelpme.intake.rows import Row
from esshelpme.intake.spool import Spool
from esshelpme.intake.store import insert_rows
from esshelpme.intake.tests.post import arrives, database, event_of, row, stored


def letters(*names: str) -> list[Row]:
    return [row(event_of(f"U-{name}", id=name)) for name in names]


def taken(into: list[str]) -> object:
    def store(rows: Sequence[Row]) -> list[Row]:
        into.extend(row.event_id for row in rows)
        return []

    return store


def test_it_gives_back_the_same_rows_oldest_first(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    written = [letters(f"{n}a", f"{n}b") for n in range(20)]
    for rows in written:
        spool.write(rows)
    read: list[Row] = []

    def store(rows: Sequence[Row]) -> list[Row]:
        read.extend(rows)
        return []

    drained = spool.drain(store)
    assert read == [row for rows in written for row in rows]
    assert drained == 40
    assert spool.waiting() == 0


def test_an_empty_or_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert Spool(tmp_path / "none").waiting() == 0
    assert Spool(tmp_path / "none").drain(lambda rows: []) == 0
    assert Spool(tmp_path / "none").quarantined() == 0


def test_a_file_half_written_when_the_machine_stopped_was_never_acknowledged(tmp_path: Path) -> None:
    (tmp_path / "00000000000000000001-1-0.part").write_text('{"event_id": "E')
    assert Spool(tmp_path).waiting() == 0


def test_a_full_disk_is_said_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        Spool(tmp_path).write(letters("E1"))
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_fails_keeps_the_file_and_what_follows(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for name in ("E1", "E2", "E3"):
        spool.write(letters(name))
    seen: list[str] = []

    def store(rows: Sequence[Row]) -> list[Row]:
        if rows[0].event_id == "E2":
            raise psycopg.OperationalError("away again")
        seen.append(rows[0].event_id)
        return []

    with pytest.raises(psycopg.OperationalError):
        spool.drain(store)
    assert (seen, spool.waiting()) == (["E1"], 2)


def test_a_file_that_cannot_be_read_is_put_aside_for_people_and_stops_nobody(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    (tmp_path / "00000000000000000001-1-0.events").write_bytes(b"\xff\x00 no json")
    (tmp_path / "00000000000000000001-1-1.events").write_text(json.dumps({"event_id": "E0"}))
    spool.write(letters("E1"))
    seen: list[str] = []
    spool.drain(taken(seen))  # type: ignore[arg-type]
    assert seen == ["E1"]
    assert (spool.waiting(), spool.quarantined()) == (0, 2)


def test_two_drainers_at_once_give_each_row_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(30):
        spool.write(letters(f"E{number:02d}"))
    seen: list[str] = []
    threads = [threading.Thread(target=Spool(tmp_path).drain, args=(taken(seen),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [f"E{number:02d}" for number in range(30)]


@pytest.mark.django_db(transaction=True)
def test_the_database_back_has_them_in_order_and_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    arrives(
        event_of("Ua", id="E1")
    )  # stored, but the answer of the database was lost: it was spooled as well
    for rows in (letters("E1"), letters("E2", "E3"), letters("E4")):
        spool.write(rows)
    connection.ensure_connection()  # Django's own, as the worker uses
    assert spool.drain(lambda rows: insert_rows(connection.connection, rows)) == 4
    assert stored() == ["E1", "E2", "E3", "E4"]


@pytest.mark.django_db(transaction=True)
def test_a_spooled_row_that_the_database_refuses_does_not_hold_up_the_others(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    good, bad, third = letters("E1", "E2", "E3")
    spool.write([good, replace(bad, person="\x00"), third])
    spool.write(letters("E4"))
    with psycopg.connect(database(), autocommit=True) as other:
        assert spool.drain(lambda rows: insert_rows(other, rows)) == 3
    assert stored() == ["E1", "E3", "E4"]
    assert (spool.waiting(), spool.quarantined()) == (0, 1)
