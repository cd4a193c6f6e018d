"""The shift hand-over: what is open now, a text, two signatures by two people, and the handovers of before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from esshelpme.access.guard import guarded
from esshelpme.access.log import looked
from esshelpme.access.models import Account
from esshelpme.access.roles import Right
from esshelpme.console import handovers
from esshelpme.console.desk import account_of, done, fault, given, not_done, number, officer_of
from esshelpme.console.models import ShiftHandover
from esshelpme.incidents.states import NotAllowed
from esshelpme.places import area_words
from esshelpme.platform.clock import now
from esshelpme.platform.ids import new_secret, show_ref
from esshelpme.words.pages import language_of

HISTORY = 30


@require_http_methods(["GET", "POST"])
@guarded(Right.HAND_OVER_SHIFT)
def page(request: HttpRequest) -> HttpResponse:
    """The draft of what is open, to be signed by whoever goes; below it the handovers of before."""
    officer, at = officer_of(request), now()
    problem = ""
    if request.method == "POST":
        if password_fits(request, account_of(request).username, request.POST.get("password", "")) is None:
            problem = "PASSWORD"
        else:
            row = handovers.sign_out(
                officer,
                note=given(request, "note", handovers.LONGEST_NOTE),
                nonce=given(request, "nonce", 64) or new_secret(96),
                at=at,
            )
            done(request, "signed_out")
            return redirect("console_handover_one", handover_id=row.pk)
    before = number(given(request, "before"))
    rows = handovers.visible(officer)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: HISTORY + 1])
    context = {
        "page": "handover",
        "snapshot": shown(request, handovers.draft(officer, at=at)),
        "nonce": given(request, "nonce", 64) or new_secret(96),
        "note": request.POST.get("note", "")[: handovers.LONGEST_NOTE],
        "problem": fault(request, problem) if problem else "",
        "rows": found[:HISTORY],
        "next": found[HISTORY - 1].pk if len(found) > HISTORY else None,
        "before": before,
        "server_time": int(at.timestamp() * 1000),
    }
    return render(request, "console/handover.html", context, status=422 if problem else 200)


@require_GET
@guarded(Right.HAND_OVER_SHIFT)
def one(request: HttpRequest, handover_id: int) -> HttpResponse:
    """One handover as it was, to read, print and sign."""
    return _page(request, _fetch(request, handover_id))


@require_POST
@guarded(Right.HAND_OVER_SHIFT)
def sign(request: HttpRequest, handover_id: int) -> HttpResponse:
    """The person who comes signs: with their own password, or at the desk of whoever goes, with name and password."""
    row = _fetch(request, handover_id)
    me = account_of(request)
    username = given(request, "username", 150) if me.pk == row.outgoing_id else me.username
    account = password_fits(request, username, request.POST.get("password", ""))
    if account is None:
        return _page(request, row, problem="PASSWORD", username=username, status=422)
    try:
        handovers.sign_in(row.pk, account, at=now())
    except NotAllowed as error:
        if error.code == "ALREADY":
            not_done(request, "TAKEN_OVER")
            return redirect("console_handover_one", handover_id=row.pk)
        return _page(request, row, problem=error.code, username=username, status=422)
    done(request, "signed_in")
    return redirect("console_handover_one", handover_id=row.pk)


def password_fits(request: HttpRequest, username: str, password: str) -> Account | None:
    """The active account behind a name and password, by the same door (and the same limits) as the sign-in."""
    if not username or not password:
        return None
    try:
        account = get_adapter(request).authenticate(request, username=username, password=password[:500])
    except ValidationError:  # too many tries
        return None
    return account if isinstance(account, Account) and account.is_active else None


def shown(request: HttpRequest, snapshot: dict[str, Any]) -> dict[str, Any]:
    """A snapshot with references, places and times as people read them."""
    language = language_of(request)
    return {
        **snapshot,
        "at": datetime.fromisoformat(snapshot["at"]),
        "more": max(0, snapshot["total"] - len(snapshot["incidents"])),
        "incidents": [
            {
                **row,
                "ref": show_ref(row["ref"]),
                "where": area_words(row["area"], language) if row["area"] else "",
                "since": datetime.fromisoformat(row["since"]),
            }
            for row in snapshot["incidents"]
        ],
    }


def _page(
    request: HttpRequest, row: ShiftHandover, *, problem: str = "", username: str = "", status: int = 200
) -> HttpResponse:
    at = now()
    looked(officer_of(request), what="HANDOVER", ref=f"HANDOVER/{row.pk}", at=at)
    context = {
        "page": "handover",
        "row": row,
        "snapshot": shown(request, row.snapshot),
        "note": handovers.note_of(row),
        "note_gone": row.sealed_note is None,
        "mine": row.outgoing_id == account_of(request).pk,
        "problem": fault(request, problem) if problem else "",
        "username": username,
        "server_time": int(at.timestamp() * 1000),
    }
    return render(request, "console/handover_one.html", context, status=status)


def _fetch(request: HttpRequest, handover_id: int) -> ShiftHandover:
    row = handovers.visible(officer_of(request)).filter(pk=handover_id).first()
    if row is None:
        raise Http404
    return row
