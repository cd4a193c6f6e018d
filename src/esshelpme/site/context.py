"""What every template knows: the deployment's name and how pages are shown."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from esshelpme.words import say

LANGUAGE_COOKIE = "ess_language"
THEME_COOKIE = "ess_theme"


def language_of(request: HttpRequest) -> str:
    """The page's language: chosen by the person, else Thai."""
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, "th")
    return chosen if chosen in ("th", "en") else "th"


def brand(request: HttpRequest) -> dict[str, Any]:
    language = language_of(request)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "language": language,
        "theme": theme if theme in ("light", "dark") else "",
        "service_name": say("brand.name", language),
        "simulated": settings.CONFIG.simulated,
        "map_style_url": settings.CONFIG.map_style_url,
        "officer": getattr(request, "officer", None),
    }
