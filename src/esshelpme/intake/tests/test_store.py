"""Events are durable before they are acknowledged: in the database by shared commits, else in the spool."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from esshelpme.intake.models import InboundEvent
from esshelpme.intake.spool import Spool
from esshelpme.intake.store import NotStored, insert_rows
from esshelpme.intake.tests.post import NOWHERE, Gate, Storing, database, during, event_of, put, row, stored

pytestmark = pytest.mark.django_db(transaction=True)
# LINE gives up after two seconds.
PATIENCE = 2.0


def test_what_was_put_is_in_the_table_sealed(tmp_path: Path) -> None:
    assert put([[row(event_of("Ua", "ช่วยด้วย", id="E1"))]], folder=tmp_path) == [None]
    event = InboundEvent.objects.get(event_id="E1")
    assert (event.person, event.type, event.state) == ("Ua", "message", InboundEvent.State.WAITING)
    assert event.sealed is not None
    assert "ช่วยด้วย".encode() not in bytes(event.sealed)


def test_the_same_event_many_times_at_once_is_one_row(tmp_path: Path) -> None:
    same = row(event_of("Ua", id="E1"))
    assert put([[same]] * 20 + [[same, same]], folder=tmp_path) == [None] * 21
    assert stored() == ["E1"]


def test_a_bad_row_does_not_take_its_neighbours(tmp_path: Path) -> None:
    rows = [row(event_of(f"U{number}", id=f"E{number}")) for number in range(5)]
    rows[2] = replace(rows[2], person="\x00")  # PostgreSQL's text holds no NUL
    rows[3] = replace(rows[3], type="\ud800")  # nor what cannot be encoded
    assert put([rows], folder=tmp_path) == [None]
    assert stored() == ["E0", "E1", "E4"]
    assert Spool(tmp_path).quarantined() == 2
    assert Spool(tmp_path).waiting() == 0


def test_a_bad_row_that_cannot_even_be_quarantined_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    blocked = tmp_path / "file" / "spool"  # a folder that cannot be made

    async def scene() -> list[BaseException | None]:
        bad = replace(row(event_of("Ua", id="BAD")), person="\x00")
        async with Storing(database(), blocked) as store:
            results = [(await asyncio.gather(store.put([bad]), return_exceptions=True))[0] for _ in range(4)]
            await asyncio.sleep(0.6)  # the writers try the database again
            return [*results, *await asyncio.gather(store.put([row(event_of("Ub", id="GOOD"))]))]

    *refused, good = during(scene)
    assert all(isinstance(result, NotStored) for result in refused)
    assert good is None
    assert stored() == ["GOOD"]


def test_without_a_database_the_spool_keeps_them(tmp_path: Path) -> None:
    assert put([[row(event_of("Ua", id="E1"))]], conninfo=NOWHERE, folder=tmp_path) == [None]
    assert Spool(tmp_path).waiting() == 1
    assert "สวัสดี" not in next(tmp_path.glob("*.events")).read_text()


def test_without_either_nobody_is_told_that_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    results = put([[row(event_of("Ua"))]] * 3, conninfo=NOWHERE, folder=tmp_path / "file")
    assert all(isinstance(result, NotStored) for result in results)


def test_a_database_that_takes_connections_and_says_nothing_is_away_in_time(tmp_path: Path) -> None:
    async def scene() -> float:
        async with Gate() as gate, Storing(gate.conninfo, tmp_path) as store:
            gate.shut()
            began = time.monotonic()
            await asyncio.gather(*(store.put([row(event_of(f"U{n}", id=f"E{n}"))]) for n in range(8)))
            return time.monotonic() - began

    assert during(scene) < PATIENCE
    assert Spool(tmp_path).waiting() >= 1


def test_a_database_that_stops_in_the_middle_of_a_commit_is_away_in_time_and_comes_back(
    tmp_path: Path,
) -> None:
    async def scene() -> list[float]:
        waited = []
        async with Gate() as gate, Storing(gate.conninfo, tmp_path) as store:
            await asyncio.gather(*(store.put([row(event_of(f"U{n}", id=f"A{n}"))]) for n in range(8)))
            gate.shut()
            for n in range(3):  # both writers, then with none left
                began = time.monotonic()
                await asyncio.gather(*(store.put([row(event_of(f"U{m}", id=f"B{n}{m}"))]) for m in range(4)))
                waited.append(time.monotonic() - began)
            gate.open()
            while not await _is_back(store):  # noqa: ASYNC110  # the store itself is asked
                await asyncio.sleep(0.1)  # the store itself is asked
        return waited

    async def _is_back(store: object) -> bool:
        await store.put([row(event_of("Uz", id="C"))])  # type: ignore[attr-defined]
        return await asyncio.to_thread(_in_database, "C")

    assert max(during(scene)) < PATIENCE
    with psycopg.connect(database(), autocommit=True) as connection:
        Spool(tmp_path).drain(lambda rows: insert_rows(connection, rows))
    assert sorted(stored()) == sorted(
        [f"A{n}" for n in range(8)] + [f"B{n}{m}" for n in range(3) for m in range(4)] + ["C"]
    )


def test_a_locked_table_is_no_reason_to_let_line_wait(tmp_path: Path) -> None:
    with psycopg.connect(database()) as other:
        other.execute("LOCK TABLE intake_inboundevent")
        began = time.monotonic()
        assert put([[row(event_of("Ua", id="E1"))]], folder=tmp_path) == [None]
        assert time.monotonic() - began < PATIENCE
    assert Spool(tmp_path).waiting() == 1


def _in_database(event_id: str) -> bool:
    with psycopg.connect(database()) as connection:
        cursor = connection.execute("SELECT 1 FROM intake_inboundevent WHERE event_id = %s", [event_id])
        return cursor.fetchone() is not None
