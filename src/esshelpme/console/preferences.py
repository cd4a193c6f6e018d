"""Language of the page: a cookie, so that it holds before and after sign-in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from esshelpme.access.guard import public
from esshelpme.words import LANGUAGES
from esshelpme.words.pages import LANGUAGE_COOKIE

A_YEAR_S = 365 * 86400


@require_POST
@public
def language(request: HttpRequest) -> HttpResponse:
    """Choose `language`, back to `next`."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/console/"
    response = HttpResponseRedirect(target)
    chosen = request.POST.get("language", "")
    if chosen in LANGUAGES:
        for name in {LANGUAGE_COOKIE, settings.LANGUAGE_COOKIE_NAME}:  # the second: texts of libraries
            response.set_cookie(
                name, chosen, max_age=A_YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
    return response
