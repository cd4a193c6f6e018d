"""`/console/stream`: the feed as server-sent events, filtered by what the officer may see.

Events: `step` (id `TX-ID`, data `{"ref","type","seq","at"}`), `beat` every few seconds (the feed's clock),
`reload` when a listener was away for so long that its page must load anew.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from time import monotonic

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponseNotFound, StreamingHttpResponse
from django.http.response import HttpResponseBase

from esshelpme.access.guard import guarded
from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right, Scope
from esshelpme.console.feed import Feed, Step, feed, read_position
from esshelpme.incidents.access import NoSuchIncident, incident_for
from esshelpme.platform.clock import now

BEAT_S = 5.0
# Then the browser comes back by itself, and whether it still may hear is looked at anew: accounts are stopped,
# units taken off an incident.
LASTS_S = 300.0
# More than this and loading the page anew is cheaper for everybody.
CATCH_UP = 2000
RETRY_MS = 1500


@guarded(Right.SEE_INCIDENT)
async def stream(request: HttpRequest) -> HttpResponseBase:
    """`?incident=REF` narrows to one incident (all that roles without a board may hear)."""
    officer: Officer = request.officer  # type: ignore[attr-defined]
    only = ""
    if request.GET.get("incident"):
        try:
            incident = await sync_to_async(incident_for)(officer, request.GET["incident"])
        except NoSuchIncident:
            return HttpResponseNotFound()
        only = incident.ref
    elif not officer.may(Right.SEE_BOARD):
        return HttpResponseNotFound()
    # A stream lives for hours: it must not hold the database connection that its sign-in check used.
    await sync_to_async(_let_go)()
    given = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    response = StreamingHttpResponse(
        _events(feed(), officer, only, read_position(given)), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _let_go() -> None:
    """Give this thread's database connection back."""
    connection.close()


def hears(officer: Officer, only: str, step: Step) -> bool:
    """Whether this officer may hear of this step: as `incidents.access.visible_to`, on the step's areas."""
    if only:
        return step.ref == only
    if officer.scope is not Scope.AREA:
        return False
    if not officer.areas or not step.province:
        return True
    return bool({step.province, step.district, step.subdistrict} & set(officer.areas))


async def _events(
    source: Feed, officer: Officer, only: str, place: tuple[int, int] | None
) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY_MS}\n\n".encode()
    yield _beat()
    # Listening begins before the past is read, so that nothing falls between; what comes twice is dropped by place.
    queue = await source.listen()
    try:
        if place is not None:
            missed = await source.since(place, at_most=CATCH_UP)
            if missed is None:
                yield b"event: reload\ndata: {}\n\n"
                return
            for step in missed:
                place = step.place
                if hears(officer, only, step):
                    yield _step(step)
        beat_at, until = monotonic() + BEAT_S, monotonic() + LASTS_S
        while monotonic() < until:
            try:
                step_or_end = await asyncio.wait_for(queue.get(), max(0.0, beat_at - monotonic()))
            except TimeoutError:
                # With the place reached, heard or not: whoever comes back need not read all of that again.
                yield _beat(place)
                beat_at = monotonic() + BEAT_S
                continue
            if step_or_end is None:
                return
            if place is None or step_or_end.place > place:
                place = step_or_end.place
                if hears(officer, only, step_or_end):
                    yield _step(step_or_end)
    finally:
        source.forget(queue)


def _step(step: Step) -> bytes:
    data = json.dumps({"ref": step.ref, "type": step.type, "seq": step.seq, "at": step.at})
    return f"id: {step.position}\nevent: step\ndata: {data}\n\n".encode()


def _beat(place: tuple[int, int] | None = None) -> bytes:
    reached = f"id: {place[0]}-{place[1]}\n" if place is not None else ""
    return f'{reached}event: beat\ndata: {{"at": {int(now().timestamp() * 1000)}}}\n\n'.encode()
