"""What every template knows: the deployment's name and how pages are shown."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from esshelpme.words import say
from esshelpme.words.pages import language_of, theme_of


def brand(request: HttpRequest) -> dict[str, Any]:
    """Name, language, theme, and whether the simulator plays LINE."""
    language = language_of(request)
    return {
        "language": language,
        "theme": theme_of(request),
        "service_name": say("brand.name", language),
        "simulated": settings.CONFIG.simulated,
        "map_style_url": settings.CONFIG.map_style_url,
        "officer": getattr(request, "officer", None),
    }
