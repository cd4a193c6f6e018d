"""What every public page shares: language, exit, and headers that leave nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from esshelpme.contacts.people import LANGUAGES
from esshelpme.web.limits import limit

OTHER = {"th": "en", "en": "th"}


def language_asked(request: HttpRequest) -> str:
    """The language in the address or the form (`lang`), else Thai. No cookie is set or read."""
    posted = request.POST if request.method == "POST" else {}
    for asked in (posted.get("relang"), posted.get("lang"), request.GET.get("lang")):
        if asked in LANGUAGES:
            return str(asked)
    return "th"


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    language: str,
    status: int = 200,
    private: bool = True,
) -> HttpResponse:
    """A public page. `private`: never stored by browser or proxy, and not for search engines."""
    shared = {
        "language": language,
        "other_language": OTHER[language],
        "exit_url": limit("EXIT_URL"),
        "refresh_seconds": limit("REFRESH_SECONDS"),
    }
    response = render(request, template, {**shared, **context}, status=status)
    response["Content-Language"] = language
    return discreet(response, private=private)


def discreet(response: HttpResponse, *, private: bool = True) -> HttpResponse:
    """Headers by which the page is not kept and the next one does not learn of it."""
    response["Referrer-Policy"] = "no-referrer"
    response["Permissions-Policy"] = "geolocation=(self), camera=(self), microphone=(self)"
    response["Vary"] = "Accept, Accept-Encoding"
    if private:
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def see(address: str) -> HttpResponse:
    """After a POST: go and see (303), so that reload and back send nothing twice."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return discreet(response)


def network_address(request: HttpRequest) -> str:
    """Where a request comes from: as seen by the outermost of our own `WEB_PROXIES` reverse proxies."""
    hops = getattr(settings, "WEB_PROXIES", 0)
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if hops and len(passed) >= hops:
        return passed[-hops]
    return str(request.META.get("REMOTE_ADDR", ""))
