"""The live feed: complete, in order, resumable, and only what the officer may hear."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.test import AsyncClient

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Role
from esshelpme.conftest import AT, CHIANG_MAI
from esshelpme.console import stream as stream_module
from esshelpme.console.feed import Step, connect, feed, position, read_position
from esshelpme.console.stream import hears
from esshelpme.console.tests.conftest import Open
from esshelpme.incidents import changes
from esshelpme.incidents.models import Incident

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 10.0
# An open transaction anywhere in the server holds the feed back, also one of a test that runs beside this one: it
# waits for it, and loses nothing.
HELD_BACK_S = 60.0


class Listener:
    """Reads server-sent events from a streaming response."""

    def __init__(self, response: Any) -> None:
        self._source = response._iterator
        self._chunks: AsyncIterator[bytes] = response.streaming_content
        self._events: list[dict[str, str]] = []

    async def step(self) -> dict[str, Any]:
        """The next step, with its position."""
        while True:
            event = await self.event()
            if event.get("event") == "step":
                return {"position": event["id"], **json.loads(event["data"])}

    async def event(self) -> dict[str, str]:
        while not self._events:
            chunk = await asyncio.wait_for(anext(self._chunks), PATIENCE_S)
            for block in chunk.decode().strip().split("\n\n"):
                self._events.append(dict(line.split(": ", 1) for line in block.split("\n")))
        return self._events.pop(0)

    async def close(self) -> None:
        # As when a browser goes away: the handler's task is cancelled down to the generator itself.
        await self._chunks.aclose()  # type: ignore[attr-defined]
        await self._source.aclose()


async def listen(account: Any, **headers: str) -> Listener:
    client = AsyncClient()
    await client.aforce_login(account, backend="django.contrib.auth.backends.ModelBackend")
    response = await client.get("/console/stream", headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    return Listener(response)


@sync_to_async
def note(incident: Incident, text: str) -> None:
    with transaction.atomic():
        changes.note(changes.lock(incident.pk), text, at=AT, by="staff:somebody")


@pytest.fixture
def incident(open_incident: Open) -> Incident:
    return open_incident()


async def test_a_change_is_told_and_whoever_was_away_misses_nothing(account: Any, incident: Incident) -> None:
    officer = await sync_to_async(account)()
    here = await listen(officer)
    await here.event()  # retry
    await here.event()  # the first beat
    reading = asyncio.create_task(here.step())
    await asyncio.sleep(0)  # let it begin to listen
    await _until(lambda: bool(feed()._listeners) and feed()._ready.is_set())
    await note(incident, "one")
    first = await reading
    assert (first["ref"], first["type"]) == (incident.ref, "NOTE_ADDED")
    await here.close()

    await note(incident, "two")
    await note(incident, "three")
    back = await listen(officer, **{"Last-Event-ID": first["position"]})
    told = [await back.step(), await back.step()]
    assert [step["seq"] for step in told] == [first["seq"] + 1, first["seq"] + 2]
    await note(incident, "four")
    assert (await back.step())["seq"] == first["seq"] + 3
    await back.close()
    await _until(lambda: feed()._task is None)  # nobody listens: nobody reads


async def test_a_transaction_that_ends_late_is_not_skipped(account: Any, incident: Incident) -> None:
    before = await sync_to_async(position)()
    other = await sync_to_async(_second_incident)(incident)
    settings = connection.settings_dict
    slow = await psycopg.AsyncConnection.connect(
        **{k: v for k, v in {"dbname": settings["NAME"], "user": settings["USER"], "host": settings["HOST"],
                             "port": settings["PORT"], "password": settings["PASSWORD"]}.items() if v}
    )  # fmt: skip
    # An older transaction holds a step that is not committed yet, a younger one commits before it.
    await slow.execute(
        "INSERT INTO incidents_timelineevent (incident_id, seq, at, type, actor, data, hash)"
        " VALUES (%s, %s, now(), 'NOTE_ADDED', 'staff:slow', '{}', '')",
        (other.pk, other.timeline_length + 1),
    )
    await note(incident, "younger")
    place = read_position(before)
    assert place is not None
    told = await feed().since(place, at_most=100)
    assert told is not None
    assert all(step.ref != incident.ref or step.type != "NOTE_ADDED" for step in told)
    await slow.commit()
    await slow.close()
    notes: list[str] = []
    deadline = asyncio.get_running_loop().time() + HELD_BACK_S
    while len(notes) < 2 and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)
        told = await feed().since(place, at_most=100)
        assert told is not None
        notes = [step.ref for step in told if step.type == "NOTE_ADDED"]
    assert notes == [other.ref, incident.ref]


async def test_too_long_away_means_loading_anew(account: Any, incident: Incident) -> None:
    assert await feed().since((0, 0), at_most=1) is None
    async with await connect() as db:
        assert db.autocommit


@pytest.mark.parametrize("text", ["", "1", "a-b", "1-2-3", "99999999999999999999999-1", "-1-2"])
def test_a_position_that_is_none(text: str) -> None:
    assert read_position(text) is None


def test_hearing_follows_areas_like_seeing(open_incident: Open) -> None:
    far = open_incident(point=CHIANG_MAI)
    step = Step(1, 1, far.ref, "NOTE_ADDED", 1, 0.0, far.province, far.district, far.subdistrict, False)
    nowhere = Step(1, 1, "X", "NOTE_ADDED", 1, 0.0, "", "", "", False)
    here = Officer(actor="staff:a", role=Role.CALL_TAKER, areas=("50",))
    elsewhere = Officer(actor="staff:b", role=Role.CALL_TAKER, areas=("10",))
    partner = Officer(actor="staff:c", role=Role.RESPONDER, agency_id=1)
    assert hears(here, "", step)
    assert not hears(elsewhere, "", step)
    assert hears(elsewhere, "", nowhere)  # without a place it is everybody's
    assert not hears(partner, "", step)
    assert hears(partner, far.ref, step)  # its own page was checked when it opened
    assert not hears(here, "OTHER", step)


async def test_roles_without_a_board_hear_nothing_of_it(account: Any) -> None:
    client = AsyncClient()
    await client.aforce_login(
        await sync_to_async(account)("RESPONDER"), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert (await client.get("/console/stream")).status_code == 404


def _second_incident(incident: Incident) -> Incident:
    from esshelpme.contacts.people import contact_for
    from esshelpme.incidents.opening import ReportIn, open_incident

    with transaction.atomic():
        contact = contact_for(channel="PHONE", address="+6620000000", at=AT)
        return open_incident(ReportIn(contact=contact, channel="PHONE", kind="OTHER"), at=AT, by="staff:a")[0]


async def _until(true: Any) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not true():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)


async def test_a_stream_ends_now_and_then_so_that_the_right_to_hear_is_looked_at_anew(
    account: Any, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "LASTS_S", 0.3)
    monkeypatch.setattr(stream_module, "BEAT_S", 0.05)
    here = await listen(await sync_to_async(account)())
    ended = False
    for _ in range(100):
        try:
            await here.event()
        except StopAsyncIteration:
            ended = True
            break
    assert ended
    await here.close()


async def test_a_beat_tells_the_place_reached_also_past_steps_of_other_areas(
    account: Any, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "BEAT_S", 0.3)
    monkeypatch.setattr(stream_module, "LASTS_S", HELD_BACK_S)
    here = await listen(await sync_to_async(account)(areas=["50"]))
    event: dict[str, str] = {}
    while "id" not in event:
        await note(incident, "elsewhere")
        event = await here.event()
    assert event["event"] == "beat"
    await here.close()
