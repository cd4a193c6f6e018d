"""The language and theme of a page: chosen by the person, kept in a cookie of their own."""

from __future__ import annotations

from typing import Protocol

from esshelpme.words import DEFAULT, LANGUAGES

LANGUAGE_COOKIE = "ess_language"
THEME_COOKIE = "ess_theme"
THEMES = ("light", "dark")


class HasCookies(Protocol):
    """What is needed of a request."""

    COOKIES: dict[str, str]


def language_of(request: HasCookies) -> str:
    """The page's language; Thai until the person chooses."""
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT


def theme_of(request: HasCookies) -> str:
    """`light`, `dark`, or empty for the device's own."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else ""
