"""For roles without a board: the incidents that their agency was asked to take, the newest first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from esshelpme.access.guard import guarded
from esshelpme.access.roles import Right
from esshelpme.console.board import board, kind_words, where_words
from esshelpme.console.incidents import officer_of
from esshelpme.incidents.access import visible_to
from esshelpme.platform.clock import now
from esshelpme.platform.ids import show_ref
from esshelpme.words.pages import language_of

AT_MOST = 100
FIELDS = (
    "ref",
    "kind",
    "topic",
    "status",
    "province",
    "district",
    "subdistrict",
    "place_flag",
    "dangers",
    "exercise",
    "created_at",
    "updated_at",
)


@require_GET
@guarded(Right.SEE_INCIDENT)
def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in: the board, or one's own incidents."""
    if officer_of(request).may(Right.SEE_BOARD):
        response: HttpResponse = board(request)
        return response
    return redirect("console_mine")


@require_GET
@guarded(Right.SEE_INCIDENT)
def mine(request: HttpRequest) -> HttpResponse:
    """A list, not a board: nothing here must be watched."""
    officer, language = officer_of(request), language_of(request)
    found = visible_to(officer).order_by("-created_at", "-pk").values(*FIELDS)[:AT_MOST]
    rows: list[dict[str, Any]] = [
        {
            **row,
            "shown_ref": show_ref(row["ref"]),
            "kind_words": kind_words(row, language),
            "where": where_words(row, language),
        }
        for row in found
    ]
    context = {"page": "mine", "rows": rows, "server_time": int(now().timestamp() * 1000)}
    return render(request, "console/mine.html", context)
