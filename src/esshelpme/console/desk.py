"""What the pages beside board and incident share: who acts, what is said after an action, sending a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from esshelpme.access.models import Account
from esshelpme.access.officer import Officer
from esshelpme.console.incidents import SHOWN_TYPES
from esshelpme.privacy.content import reveal_file, reveal_mapping
from esshelpme.privacy.models import Content
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


def file_response(content: Content, name: str) -> HttpResponse | None:
    """Media as it was sent: shown when a browser can do no harm with it, otherwise offered. None when removed."""
    about = reveal_mapping(content) or {}
    data = reveal_file(content)
    if data is None:
        return None
    kind = str(about.get("type", "")).split(";")[0].strip().lower()
    shown = kind in SHOWN_TYPES
    response = HttpResponse(data, content_type=kind if shown else "application/octet-stream")
    response["Content-Disposition"] = "inline" if shown else f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
