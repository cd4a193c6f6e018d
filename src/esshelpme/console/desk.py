"""What the pages beside board and incident share: who acts, what is said after an action, sending a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from esshelpme.access.models import Account
from esshelpme.access.officer import Officer
from esshelpme.words import has, say
from esshelpme.words.pages import language_of

LARGEST_NUMBER = 2**63 - 1


def officer_of(request: HttpRequest) -> Officer:
    """The officer whom the guard let in."""
    officer: Officer = request.officer  # type: ignore[attr-defined]
    return officer


def account_of(request: HttpRequest) -> Account:
    """The account behind the session; the guard lets in nobody without."""
    assert isinstance(request.user, Account)
    return request.user


def done(request: HttpRequest, key: str, **values: Any) -> None:
    """Say on the next page what was done: `desk.done.KEY`."""
    messages.success(request, say(f"desk.done.{key}", language_of(request), **values))


def not_done(request: HttpRequest, code: str) -> None:
    """Say on the next page why nothing was done: `desk.fault.CODE`."""
    messages.warning(request, fault(request, code))


def fault(request: HttpRequest, code: str) -> str:
    """Why something was not done, in words."""
    language = language_of(request)
    for room in ("desk.fault", "conflict"):
        if has(f"{room}.{code}", language):
            return say(f"{room}.{code}", language)
    return say("conflict.default", language)


def given(request: HttpRequest, name: str, longest: int = 200) -> str:
    """A field of the form or the address, cleaned of what no text holds."""
    source = request.POST if request.method == "POST" else request.GET
    return source.get(name, "").replace("\x00", "").strip()[:longest]


def number(text: str) -> int | None:
    """A whole number a database key can hold; None for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    value = int(text)
    return value if value <= LARGEST_NUMBER else None
