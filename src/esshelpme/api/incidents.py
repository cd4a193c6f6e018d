"""Reading incidents and acting on them, by the same rules as on the console."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router

from esshelpme.access.log import looked, looked_at_all
from esshelpme.access.roles import Right
from esshelpme.api import cursors
from esshelpme.api.auth import Bearer, officer_of
from esshelpme.api.openapi import action_body
from esshelpme.api.problems import FieldsWrong, Problem
from esshelpme.api.schemas import ActionIn, IncidentOut, ListQuery, PageOut, TimelineOut
from esshelpme.dispatch.actions import perform
from esshelpme.incidents import queries
from esshelpme.platform.clock import now
from esshelpme.platform.ids import read_ref

router = Router(tags=["Incidents"])
reads = Bearer(Right.SEE_INCIDENT)

LIMIT = 50


@router.get("/incidents", auth=reads, response=PageOut, summary="Incidents, newest first")
def list_incidents(request: HttpRequest, query: Query[ListQuery]) -> dict[str, Any]:
    """Pages by keyset: follow `next_cursor` until it is null. Exercises only with `exercise=true`."""
    officer = officer_of(request)
    try:
        after = cursors.read(query.cursor) if query.cursor else None
    except ValueError as error:
        raise FieldsWrong({"cursor": str(error)}) from error
    filters = queries.Filters(
        status=query.status, kind=query.kind, since=query.since, exercise=bool(query.exercise)
    )
    items, mark = queries.page(officer, filters, after=after, limit=query.limit or LIMIT)
    looked_at_all(officer, what="INCIDENT_LIST", refs=(item["ref"] for item in items), at=now())
    return {"items": items, "next_cursor": cursors.write(mark) if mark else None}


@router.get("/incidents/{ref}", auth=reads, response=IncidentOut, summary="One incident")
def get_incident(request: HttpRequest, ref: str) -> dict[str, Any]:
    officer = officer_of(request)
    found = queries.detail(officer, ref)
    looked(officer, what="INCIDENT", ref=found["ref"], at=now())
    return found


@router.get("/incidents/{ref}/timeline", auth=reads, response=TimelineOut, summary="All its steps, in order")
def get_timeline(request: HttpRequest, ref: str) -> dict[str, Any]:
    """`MESSAGE_IN`, `MESSAGE_OUT`, `NOTE_ADDED` and `REPORT_RECEIVED` show their words as `data.text`.

    They are joined in when read. After unsend or erasure `data.text` is null and `data.removed_at` is set.
    """
    officer = officer_of(request)
    steps = queries.timeline(officer, ref)
    looked(officer, what="TIMELINE", ref=read_ref(ref) or "", at=now())
    return {"items": steps}


@router.post(
    "/incidents/{ref}/actions",
    auth=reads,
    response={200: IncidentOut, 409: Problem},
    summary="Act on an incident",
    openapi_extra=action_body(),
)
def act(request: HttpRequest, ref: str, payload: ActionIn) -> dict[str, Any]:
    """What staff can do on the console, by the same rules; answers with the incident as it is then.

    An unknown action or a wrong field is 422; not allowed in this state, or done already, is 409.
    """
    officer, at = officer_of(request), now()
    with transaction.atomic():
        incident = perform(officer, ref, payload.action, payload.model_extra or {}, at=at)
        looked(officer, what="INCIDENT", ref=incident.ref, at=at)
        return queries.detail_after(officer, incident)
