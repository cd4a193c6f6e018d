"""The report form, `/r` and `/r/CODE`: two taps, no cookie, no JavaScript needed.

No cross-site token is asked for: the form carries no one's authority, and a token in a cookie would fail in private
tabs and on pages left open. A form that another site sent is shown again, filled in, for one more tap.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from esshelpme.access.guard import public
from esshelpme.contacts.people import LANGUAGES
from esshelpme.intake.answers import KINDS
from esshelpme.intake.reporting import understand
from esshelpme.places import area_words, search
from esshelpme.platform.clock import now
from esshelpme.web import sending
from esshelpme.web.form import SPEAKS, Filled, Problem
from esshelpme.web.keys import made_at, new_form_key
from esshelpme.web.limits import limit
from esshelpme.web.photos import CappedMemory, Photos, read_photos
from esshelpme.web.respond import discreet, language_asked, network_address, page, see

log = structlog.get_logger(__name__)

UNREADABLE = (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
    MultiPartParserError,
    UnreadablePostError,
)
SUGGESTIONS = 5
_CODE = re.compile(r"[A-Za-z0-9_-]+")


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, code: str = "") -> HttpResponse:
    """Show the form, or take it: 303 to the status page."""
    if request.method != "POST":
        return _form(request, Filled(), code)
    request.upload_handlers = [CappedMemory(request)]
    try:
        filled = Filled.of(request.POST)
        files = request.FILES.getlist("photo")
    except UNREADABLE:
        return _form(request, Filled(), code, Problem("text", "r.too_big"), status=413)
    if made_at(filled.key) is None:
        filled = _keyed(filled)
    if request.POST.get("relang") in LANGUAGES:
        return _form(request, filled, code)
    photos = read_photos(files, too_big=getattr(request, "ess_too_big", 0))
    try:
        problem, status = _hindrance(request, filled)
        if problem is None:
            return _sent(request, _send(request, filled, _code(code), photos).secret, photos)
    except DatabaseError:
        log.exception("web_report_not_stored")
        problem, status = Problem("", "web.busy"), 503
    return _form(request, filled, code, problem, status=status)


@public
@csrf_exempt
@require_POST
def places(request: HttpRequest) -> HttpResponse:
    """Suggestions for a typed place. By POST, so that the words stay out of logs of addresses."""
    typed = request.POST.get("q", "")[: limit("PLACE_MAX")]
    language = language_asked(request)
    items: list[dict[str, str]] = []
    if len(typed.strip()) >= 2:
        codes = dict.fromkeys(found.code for found in search(typed, limit=SUGGESTIONS) if found.code)
        codes |= dict.fromkeys(found.code for found in understand(typed).places.candidates if found.code)
        items = [{"code": key, "words": area_words(key, language)} for key in list(codes)[:SUGGESTIONS]]
    return discreet(JsonResponse({"items": items}))


def _hindrance(request: HttpRequest, filled: Filled) -> tuple[Problem | None, int]:
    """What keeps the form from being sent just now, and the status that says so."""
    if problem := filled.problem():
        return problem, 422
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return Problem("", "r.confirm"), 403
    if not _confirmed(request) and sending.too_often(network_address(request), at=now()):
        return Problem("", "r.again"), 429
    return None, 200


def _send(request: HttpRequest, filled: Filled, code: str, photos: Photos) -> sending.Sent:
    common: dict[str, Any] = {
        "language": language_asked(request),
        "address": network_address(request),
        "at": now(),
        "source_code": code,
    }
    try:
        return sending.send(filled, photos=photos.good, **common)
    except (OperationalError, InterfaceError):
        raise  # the database is away: nothing can be kept now, the form is given back
    except Exception:
        # A fault of ours must not cost somebody their report.
        log.exception("web_report_kept_without_dispatch")
        return sending.keep_only(filled, **common)


def _sent(request: HttpRequest, secret: str, photos: Photos) -> HttpResponse:
    address = reverse("web:status", args=[secret])
    if photos.refused:
        address += "?photo=" + ",".join(photos.refused)
    if request.headers.get("Accept", "").startswith("application/json"):
        return discreet(JsonResponse({"next": address}))
    return see(address)


def _form(
    request: HttpRequest, filled: Filled, code: str, problem: Problem | None = None, *, status: int = 200
) -> HttpResponse:
    if not filled.key:
        filled = _keyed(filled)
    try:
        language = language_asked(request)
    except UNREADABLE:
        language = "th"
    context: dict[str, Any] = {
        "filled": filled,
        "kinds": KINDS,
        "speaks": SPEAKS,
        "problem": problem,
        "action": reverse("web:report_code", args=[_code(code)]) if _code(code) else reverse("web:report"),
        "asked": new_form_key(at=now()) if status in (403, 429) else "",
        "text_max": limit("TEXT_PART"),
        "place_max": limit("PLACE_MAX"),
        "photos_max": limit("PHOTOS_MAX"),
        "photo_mb": limit("PHOTO_BYTES") // 1024 // 1024,
    }
    response = page(request, "web/report.html", context, language=language, status=status)
    if status == 429:
        response["Retry-After"] = str(int(limit("CONFIRM_AFTER").total_seconds()))
    return response


def _confirmed(request: HttpRequest) -> bool:
    """Whether this is the second tap that was asked for, made by a person and not at once."""
    asked = made_at(request.POST.get("asked", ""))
    return asked is not None and now() - asked >= limit("CONFIRM_AFTER")


def _keyed(filled: Filled) -> Filled:
    return replace(filled, key=new_form_key(at=now()))


def _code(code: str) -> str:
    return code if _CODE.fullmatch(code) and len(code) <= limit("CODE_MAX") else ""
