"""Transfers in and out with other services: who, their reference, and which ended incidents lack a name."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from esshelpme.access.guard import guarded
from esshelpme.access.log import looked_at_all
from esshelpme.access.roles import Right
from esshelpme.console.desk import done, given, not_done, number, officer_of
from esshelpme.console.history import actor_words
from esshelpme.incidents import transfers
from esshelpme.incidents.access import NoSuchIncident
from esshelpme.incidents.states import NotAllowed
from esshelpme.platform.clock import now
from esshelpme.platform.ids import read_ref, show_ref
from esshelpme.words.pages import language_of


@require_GET
@guarded(Right.DISPATCH)
def page(request: HttpRequest) -> HttpResponse:
    """The newest first; `other` one service only, `unwritten=1` only those still to be completed."""
    officer, at = officer_of(request), now()
    other, unwritten = given(request, "other", 100), given(request, "unwritten") == "1"
    before = number(given(request, "before"))
    rows, following = transfers.transfers(officer, before=before, other=other, unwritten=unwritten)
    looked_at_all(officer, what="TRANSFER", refs=sorted({row.incident.ref for row in rows}), at=at)
    query = {"other": other, "unwritten": "1" if unwritten else ""}
    context = {
        "page": "transfers",
        "rows": [(row, actor_words(row.by, language_of(request))) for row in rows],
        "services": transfers.SERVICES,
        "other": other,
        "unwritten": unwritten,
        "missing": transfers.count_unwritten(officer),
        "before": before,
        "next": following,
        "query": urlencode({name: value for name, value in query.items() if value}),
        "server_time": int(at.timestamp() * 1000),
    }
    return render(request, "console/transfers.html", context)


@require_POST
@guarded(Right.RUN_INCIDENT)
def receive(request: HttpRequest) -> HttpResponse:
    """Write down a transfer that came in with an incident."""
    ref, source, name = given(request, "ref"), given(request, "from", 100), given(request, "name", 100)
    if read_ref(ref) is None or not source or not name:
        not_done(request, "TRANSFER_FIELDS")
        return redirect("console_transfers")
    try:
        incident = transfers.receive(
            officer_of(request),
            ref,
            source=source,
            external_ref=given(request, "external_ref", 100),
            name=name,
            note=given(request, "note", 2000),
            at=now(),
        )
    except NoSuchIncident:
        not_done(request, "NO_INCIDENT")
    except NotAllowed as error:
        not_done(request, error.code)
    else:
        done(request, "transfer_received", ref=show_ref(incident.ref))
    return redirect("console_transfers")


@require_POST
@guarded(Right.RUN_INCIDENT)
def complete(request: HttpRequest, event_id: int) -> HttpResponse:
    """Write the other side's name down afterwards."""
    name = given(request, "name", 100)
    if not name:
        not_done(request, "EMPTY")
        return redirect("console_transfers")
    try:
        transfers.complete(
            officer_of(request),
            event_id,
            name=name,
            external_ref=given(request, "external_ref", 100),
            at=now(),
        )
    except NoSuchIncident:
        raise Http404 from None
    except NotAllowed as error:
        not_done(request, error.code)
    else:
        done(request, "transfer_named")
    return redirect("console_transfers")
