"""Who looked at what, and who changed who may look: the access log, the newest first."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from esshelpme.access.guard import guarded
from esshelpme.access.models import AccessLog
from esshelpme.access.roles import Right
from esshelpme.console.desk import given, number
from esshelpme.platform.ids import read_ref, show_ref

PAGE = 100


@require_GET
@guarded(Right.SEE_AUDIT)
def page(request: HttpRequest) -> HttpResponse:
    """Filtered by reference or by person; pages by key, so that a year of looks costs nothing."""
    ref, who = given(request, "ref", 40), given(request, "who", 120)
    before = number(given(request, "before"))
    rows = AccessLog.objects.order_by("-pk")
    if ref:
        rows = rows.filter(ref=read_ref(ref) or ref)
    if who:
        rows = rows.filter(who__in=[who, f"staff:{who}", f"token:{who}"])
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    context = {
        "page": "audit",
        "rows": [(row, _incident(row.ref)) for row in found[:PAGE]],
        "next": found[PAGE - 1].pk if len(found) > PAGE else None,
        "before": before,
        "ref": ref,
        "who": who,
        "query": urlencode({name: value for name, value in (("ref", ref), ("who", who)) if value}),
    }
    return render(request, "console/audit.html", context)


def _incident(ref: str) -> str:
    """The reference as a link to its incident, where it is one."""
    stored = read_ref(ref) if len(ref) == 8 else None
    return show_ref(stored) if stored else ""
