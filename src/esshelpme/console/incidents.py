"""The incident page, its parts as they change, who else has it open, and what was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from esshelpme.access.guard import guarded
from esshelpme.access.log import looked
from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.console import presence
from esshelpme.console.feed import position
from esshelpme.console.history import lines
from esshelpme.console.incident_page import page_of
from esshelpme.console.media import file_response
from esshelpme.console.moment import Moment
from esshelpme.incidents import changes
from esshelpme.incidents.access import NoSuchIncident, incident_for
from esshelpme.incidents.models import Incident, Message
from esshelpme.platform.clock import now
from esshelpme.platform.ids import read_ref, show_ref
from esshelpme.words.pages import language_of

_looks: Moment[bool] = Moment(60.0, at_most=4096)


def officer_of(request: HttpRequest) -> Officer:
    """The officer whom the guard let in."""
    officer: Officer = request.officer  # type: ignore[attr-defined]
    return officer


def fetched(request: HttpRequest, ref: str) -> Incident:
    """The incident, or 404 when there is none within the officer's reach."""
    try:
        return incident_for(officer_of(request), ref)
    except NoSuchIncident:
        raise Http404 from None


@require_GET
@guarded(Right.SEE_INCIDENT)
def find(request: HttpRequest) -> HttpResponse:
    """From a typed reference to its page; anything else to the board's search."""
    text = request.GET.get("q", "")
    ref = read_ref(text)
    if ref is not None:
        try:
            return redirect("console_incident", ref=show_ref(incident_for(officer_of(request), ref).ref))
        except NoSuchIncident:
            pass
    response = redirect("console_board")
    response["Location"] += f"?{_query(text)}"
    return response


@require_GET
@guarded(Right.SEE_INCIDENT)
def incident(request: HttpRequest, ref: str) -> HttpResponse:
    """The whole page."""
    row, at = fetched(request, ref), now()
    feed_position = position()
    return render(
        request, "console/incident.html", {"feed_position": feed_position, **_context(request, row, at=at)}
    )


@require_GET
@guarded(Right.SEE_INCIDENT)
def parts(request: HttpRequest, ref: str) -> HttpResponse:
    """Every part that may have changed, to be put in place of the old ones."""
    row, at = fetched(request, ref), now()
    return render(request, "console/incident_parts.html", _context(request, row, at=at, swapped=True))


@require_POST
@guarded(Right.SEE_INCIDENT)
def here(request: HttpRequest, ref: str) -> HttpResponse:
    """A sign of life: who else has the page open. `gone=1` says goodbye; `seen=1`: the chat was looked at."""
    officer, row, at = officer_of(request), fetched(request, ref), now()
    if officer.account_id is None:
        raise Http404
    if request.POST.get("gone"):
        presence.gone(row, officer.account_id)
        return HttpResponse(status=204)
    if request.POST.get("seen") and officer.may(Right.RUN_INCIDENT):
        changes.see_messages(row, at=at, by=officer.actor)
    others = presence.here(row, officer.account_id, writing=bool(request.POST.get("writing")), at=at)
    return render(request, "console/parts/others.html", {"others": others})


@require_GET
@guarded(Right.SEE_PERSON)
def media(request: HttpRequest, message_id: int) -> HttpResponse:
    """A picture, voice or file as it was sent. Each look is logged."""
    message = (
        Message.objects.select_related("incident", "media").filter(pk=message_id, media__isnull=False).first()
    )
    if message is None or message.media is None or message.incident is None:
        raise Http404
    row = fetched(request, message.incident.ref)
    looked(officer_of(request), what="MEDIA", ref=f"{row.ref}/{message.pk}", at=now())
    response = file_response(message.media, str(message.pk))
    if response is None:
        raise Http404
    return response


def since(request: HttpRequest, row: Incident, seen: int) -> list[Any]:
    """What happened after step `seen`: shown to whoever acted on a stale page."""
    sees = officer_of(request).may(Right.SEE_PERSON)
    return lines(row, language_of(request), since=seen, with_words=sees)


def _context(request: HttpRequest, row: Incident, *, at: datetime, swapped: bool = False) -> dict[str, Any]:
    officer, language = officer_of(request), language_of(request)
    shown = page_of(officer, row, language, at=at)
    # A page that stays open fetches its parts at every step: that is one look a minute, not hundreds.
    key = (officer.actor, row.pk) if swapped else (officer.actor, row.pk, at)
    _looks.get(key, lambda: _log_look(officer, row, chat=shown.sees_person, at=at))
    return {
        "page": "incident",
        "swapped": swapped,
        "incident": row,
        "ref": show_ref(row.ref),
        "shown": shown,
        "server_time": int(at.timestamp() * 1000),
        **shown.parts,
    }


def _log_look(officer: Officer, row: Incident, *, chat: bool, at: datetime) -> bool:
    looked(officer, what="INCIDENT", ref=row.ref, at=at)
    if chat:
        looked(officer, what="CHAT", ref=row.ref, at=at)
    return True


def _query(text: str) -> str:
    return urlencode({"q": text[:100]})
