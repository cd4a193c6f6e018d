"""The reporter's own page, `/t/SECRET`. Who knows the address may act; nothing done here can stop help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from esshelpme.access.guard import public
from esshelpme.contacts.people import LANGUAGES, choose_language
from esshelpme.incidents.changes import lock
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.incidents.tell import tell
from esshelpme.intake import wishes
from esshelpme.platform.clock import now
from esshelpme.web import saying
from esshelpme.web.form import read_point
from esshelpme.web.keys import new_form_key
from esshelpme.web.limits import limit
from esshelpme.web.photos import CappedMemory, add_photos, read_photos
from esshelpme.web.report_page import UNREADABLE
from esshelpme.web.respond import discreet, language_asked, page, see
from esshelpme.web.status import clock_words, incident_of, report_of, status_page
from esshelpme.words import say

log = structlog.get_logger(__name__)

NOTICES = frozenset({"old", "stale", "rate_thanks", "place_bad", "too_many"})
PHOTO_REASONS = frozenset({"too_big", "not_image", "too_many"})
WISHES: dict[str, Callable[..., wishes.Answer]] = {
    "quiet": wishes.quiet,
    "loud": wishes.loud,
    "cancel": wishes.cancel,
    "safe": wishes.safe,
    "not_solved": wishes.not_solved,
}


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest, secret: str) -> HttpResponse:
    """The page, and everything the person does on it."""
    report = report_of(secret)
    if report is None:
        return gone(request)
    return _act(request, report, secret) if request.method == "POST" else _show(request, report, secret)


@public
@require_GET
def latest(request: HttpRequest, secret: str) -> HttpResponse:
    """Only what changes, for the page's own polling: 304 while nothing did."""
    report = report_of(secret)
    if report is None:
        return gone(request)
    return _show(request, report, secret, template="web/_now.html")


@public
@require_GET
def write(request: HttpRequest, secret: str) -> HttpResponse:
    """A page that does not load itself again, so that what is typed stays: for phones without JavaScript."""
    report = report_of(secret)
    return gone(request) if report is None else _write(request, report, secret)


def gone(request: HttpRequest) -> HttpResponse:
    return page(request, "web/gone.html", {}, language=language_asked(request), status=404)


def _show(
    request: HttpRequest, report: Report, secret: str, *, template: str = "web/status.html", notice: str = ""
) -> HttpResponse:
    at = now()
    assert report.contact is not None
    language = report.contact.language
    shown = status_page(report, at=at)
    tag = f'"{shown.version}"'
    fragment = template == "web/_now.html"
    if fragment and request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        context = {
            "shown": shown,
            "secret": secret,
            "address": reverse("web:status", args=[secret]),
            "notice": notice or _notice(request, shown.mode, language),
            "photo_notice": _photo_notice(request, shown.mode, language),
            "once": new_form_key(at=at),
            "time": clock_words(at, language, at=at),
        }
        response = page(request, template, context, language=language)
    response["ETag"] = tag
    return discreet(response)


def _write(
    request: HttpRequest, report: Report, secret: str, *, text: str = "", notice: str = ""
) -> HttpResponse:
    assert report.contact is not None
    shown = status_page(report, at=now())
    context = {
        "shown": shown,
        "address": reverse("web:status", args=[secret]),
        "once": new_form_key(at=now()),
        "about": "place" if request.GET.get("about") == "place" else "message",
        "text": text,
        "notice": notice,
    }
    status = 429 if notice else 200
    return page(request, "web/write.html", context, language=report.contact.language, status=status)


def _act(request: HttpRequest, report: Report, secret: str) -> HttpResponse:
    request.upload_handlers = [CappedMemory(request)]
    try:
        action = request.POST.get("a", "")
    except UNREADABLE:
        return _back(request, report, secret, photo="too_big")
    try:
        with transaction.atomic():
            incident = lock(incident_of(report).pk)
            result = _do(request, action, report, incident, at=now())
    except DatabaseError:
        log.exception("web_status_not_stored", action=action[:20])
        assert report.contact is not None
        notice = say("web.busy", report.contact.language)
        return _write(request, report, secret, text=request.POST.get("text", ""), notice=notice)
    if result == "too_many":
        assert report.contact is not None
        key = "quiet.web_too_many" if incident.discreet else "t.too_many"
        text = request.POST.get("text", "")
        return _write(request, report, secret, text=text, notice=say(key, report.contact.language))
    photo = result.partition(":")[2] if result.startswith("photo:") else ""
    return _back(request, report, secret, notice="" if photo else result, photo=photo)


def _do(request: HttpRequest, action: str, report: Report, incident: Incident, *, at: datetime) -> str:
    """Do one thing under the incident's lock; returns the code of a notice, or nothing."""
    assert report.contact is not None
    if action in WISHES:
        return _answered(WISHES[action](incident, at=at), incident, report, at=at)
    if action == "rate":
        return _rate(request.POST.get("v", ""), incident, report, at=at)
    if action == "language":
        if (code := request.POST.get("v", "")) in LANGUAGES:
            choose_language(report.contact, language=code, chosen_by="PERSON")
        return ""
    if _flooded(incident, report, at=at):
        return "too_many"
    once = request.POST.get("once", "")[:60]
    again = bool(once) and saying.said_once(incident, report.contact, once)
    return "" if again else _said(request, action, report, incident, once, at=at)


def _rate(stars: str, incident: Incident, report: Report, *, at: datetime) -> str:
    if not wishes.may_rate(incident):
        return "old"
    answer = wishes.rate(incident, int(stars) if stars in {"1", "2", "3", "4", "5"} else 0, at=at)
    return _answered(answer, incident, report, at=at)


def _said(
    request: HttpRequest, action: str, report: Report, incident: Incident, once: str, *, at: datetime
) -> str:
    text = request.POST.get("text", "").replace("\r\n", "\n").strip()[: limit("TEXT_MAX")]
    if action == "message" and text:
        saying.say_words(incident, report, text, once=once, at=at)
    if action in ("message", "photo"):
        return _photos(request, report, incident, once, at=at)
    if action == "place":
        found = saying.say_place(incident, report, read_point(request.POST), text, once=once, at=at)
        return "" if found else "place_bad"
    if action == "which":
        return "" if saying.choose_place(incident, request.POST.get("c", "")[:8], at=at) else "stale"
    return ""


def _photos(request: HttpRequest, report: Report, incident: Incident, once: str, *, at: datetime) -> str:
    photos = read_photos(request.FILES.getlist("photo"), too_big=getattr(request, "ess_too_big", 0))
    if add_photos(incident, report, photos.good, at=at, once=once):
        saying.tell_of_media(incident, at=at)
    return "photo:" + ",".join(photos.refused) if photos.refused else ""


def _answered(answer: wishes.Answer, incident: Incident, report: Report, *, at: datetime) -> str:
    """Say the answer in the conversation; what concerns an ended incident becomes a notice instead."""
    if not answer.kept:
        return answer.what
    tell(incident, answer.what, at=at, only=None if answer.everyone else report.contact)
    return ""


def _flooded(incident: Incident, report: Report, *, at: datetime) -> bool:
    recent = Message.objects.filter(
        incident=incident,
        contact=report.contact,
        direction=Message.Direction.IN,
        received_at__gt=at - limit("STATUS_WINDOW"),
    )
    most: int = limit("STATUS_POSTS")
    return recent.count() >= most


def _back(
    request: HttpRequest, report: Report, secret: str, *, notice: str = "", photo: str = ""
) -> HttpResponse:
    """To the page again (303); the page's own script gets the changed part at once."""
    if request.headers.get("X-Part") == "now":
        fresh = report_of(secret)
        if fresh is None:
            return gone(request)
        assert fresh.contact is not None
        how = "quiet" if incident_of(fresh).discreet else "loud"
        words = _notice_words(notice, how, fresh.contact.language) or _photo_words(
            photo, how, fresh.contact.language
        )
        return _show(request, fresh, secret, template="web/_now.html", notice=words)
    address = reverse("web:status", args=[secret])
    if notice:
        address += f"?n={notice}"
    elif photo:
        address += f"?photo={photo}"
    return see(address)


def _notice(request: HttpRequest, mode: str, language: str) -> str:
    return _notice_words(request.GET.get("n", ""), mode, language)


def _notice_words(code: str, mode: str, language: str) -> str:
    if code not in NOTICES:
        return ""
    if code in ("place_bad", "too_many"):
        return say(f"quiet.web_{code}" if mode == "quiet" else f"t.{code}", language)
    return say(f"{mode}.{code}", language)


def _photo_notice(request: HttpRequest, mode: str, language: str) -> str:
    return _photo_words(request.GET.get("photo", ""), mode, language)


def _photo_words(codes: str, mode: str, language: str) -> str:
    reasons = [code for code in codes.split(",") if code in PHOTO_REASONS]
    if not reasons:
        return ""
    values = {"mb": limit("PHOTO_BYTES") // 1024 // 1024, "n": limit("PHOTOS_MAX")}
    why = " · ".join(say(f"photo.{reason}", language, **values) for reason in dict.fromkeys(reasons))
    return why if mode == "quiet" else say("photo.not_kept", language, why=why)
