"""Dialogs of an incident's actions, and doing them: the same actions, rules and fields as the API's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from esshelpme.access.guard import guarded
from esshelpme.access.log import looked
from esshelpme.access.officer import Refused
from esshelpme.access.roles import Right
from esshelpme.console import call_script, unit_choice
from esshelpme.console.incident_page import active_codes, page_of
from esshelpme.console.incidents import fetched, officer_of, since
from esshelpme.console.nearby import nearby
from esshelpme.dispatch.actions import ACTIONS, UnknownAction, perform
from esshelpme.dispatch.acts import BadField
from esshelpme.dispatch.models import CallTask
from esshelpme.incidents.access import NoSuchIncident
from esshelpme.incidents.models import Incident
from esshelpme.incidents.place import place_of
from esshelpme.incidents.states import Disposition, Kind, NotAllowed
from esshelpme.platform.clock import now
from esshelpme.platform.ids import show_ref
from esshelpme.words import has, say
from esshelpme.words.pages import language_of

PLACE_FIELDS = ("lat", "lng", "accuracy_m", "address")
HANDOVER_TO = ("191", "1669", "1323", "1300")


@require_GET
@guarded(Right.SEE_INCIDENT)
def dialog(request: HttpRequest, ref: str, action: str) -> HttpResponse:
    """The form of one action, filled with what is known."""
    if action not in ACTIONS:
        raise Http404
    row = fetched(request, ref)
    return render(request, "console/dialog.html", _dialog_context(request, row, action, request.GET.dict()))


@require_GET
@guarded(Right.DISPATCH)
def units(request: HttpRequest, ref: str) -> HttpResponse:
    """The picker's list, by a search or by the types wanted."""
    row = fetched(request, ref)
    return render(request, "console/parts/units.html", {"units": _units(row, request.GET), "incident": row})


@require_POST
@guarded(Right.SEE_INCIDENT)
def act(request: HttpRequest, ref: str, action: str) -> HttpResponse:
    """Do it. Conflicts and bad fields come back in the dialog with everything that was typed."""
    officer, at = officer_of(request), now()
    row = fetched(request, ref)
    try:
        perform(officer, row.ref, action, fields_of(request.POST), at=at)
    except UnknownAction:
        raise Http404 from None
    except Refused:
        return _problem(request, row, action, 403, say("console.act_refused", language_of(request)))
    except NoSuchIncident:
        raise Http404 from None
    except NotAllowed as error:
        return _conflict(request, row, action, error)
    except BadField as error:
        return _invalid(request, row, action, {error.path: str(error)})
    except ValidationError as error:
        return _invalid(request, row, action, field_errors(error, language_of(request)))
    if not request.headers.get("HX-Request"):
        return redirect("console_incident", ref=show_ref(row.ref))
    response = HttpResponse(status=204)
    done = {"ref": row.ref, "action": action, "text": _done_words(action, language_of(request))}
    response["HX-Trigger"] = json.dumps({"ess:done": done})
    return response


def fields_of(given: Mapping[str, str]) -> dict[str, Any]:
    """A form's fields as an action's: blanks are absent, the place's are together."""
    fields: dict[str, Any] = {name: value for name, value in given.items() if value.strip()}
    location = {name: fields.pop(name) for name in PLACE_FIELDS if name in fields}
    if "lat" in location or "lng" in location:
        fields["location"] = location
    return fields


def field_errors(error: ValidationError, language: str) -> dict[str, str]:
    """One sentence for each field, in the page's language where the catalogue knows the kind of fault."""
    found = {}
    for fault in error.errors():
        path = ".".join(str(part) for part in fault["loc"])
        key = f"fault.{fault['type']}"
        found[path] = say(key, language) if has(key, language) else say("fault.default", language)
    return found


def _dialog_context(
    request: HttpRequest, row: Incident, action: str, given: Mapping[str, str]
) -> dict[str, Any]:
    officer, language, at = officer_of(request), language_of(request), now()
    context: dict[str, Any] = {
        "incident": row,
        "ref": show_ref(row.ref),
        "action": action,
        "given": given,
        "form_template": f"console/forms/{action}.html",
        "seen": given.get("seen") or row.timeline_length,
        "ended": not row.is_open,
    }
    if action == "close":
        context["dispositions"] = list(Disposition)
    elif action == "set_kind":
        context["kinds"] = list(Kind)
    elif action in ("assign", "accept_for"):
        context["units"] = _units(row, given)
        context["types"] = sorted({need.agency_type for need in row.needs.all()})
    elif action in ("backup", "call"):
        context["needs"] = list(dict.fromkeys(row.needs.values_list("agency_type", flat=True)))
    elif action in ("withdraw", "status_for"):
        shown = page_of(officer, row, language, at=at)
        context["active"] = active_codes(shown)
    elif action == "merge":
        place = place_of(row)
        context["nearby"] = nearby(
            officer,
            cell=row.cell,
            lat=place.lat if place else None,
            lng=place.lng if place else None,
            kind=row.kind,
            at=row.created_at,
            but=row,
        )
    elif action == "set_place":
        context["place"] = place_of(row) if officer.may(Right.SEE_PERSON) else None
    elif action == "handover":
        context |= {"numbers": HANDOVER_TO, **_script(request, row, None)}
    elif action == "call_done":
        task = _task(row, given.get("task", ""))
        context |= {"task": task, **_script(request, row, task)}
    return context


def _script(request: HttpRequest, row: Incident, task: CallTask | None) -> dict[str, Any]:
    officer, language = officer_of(request), language_of(request)
    looked(officer, what="INCIDENT", ref=row.ref, at=now())
    place = place_of(row) if officer.may(Right.SEE_PERSON) else None
    return {
        "script": call_script.script(row, place, language),
        "opening": call_script.opening(task, language),
    }


def _task(row: Incident, pk: str) -> CallTask | None:
    tasks = CallTask.objects.filter(incident=row, status=CallTask.Status.OPEN).select_related("need", "unit")
    return (tasks.filter(pk=pk) if pk.isdigit() else tasks.order_by("opened_at")).first()


def _units(row: Incident, given: Mapping[str, str]) -> list[unit_choice.UnitOption]:
    wanted = given.get("type", "")
    return unit_choice.options(
        row,
        place_of(row),
        search=given.get("q", "").strip()[:60],
        types=[wanted] if wanted else None,
        at=now(),
    )


def _conflict(request: HttpRequest, row: Incident, action: str, error: NotAllowed) -> HttpResponse:
    """Somebody (or a deadline) was faster: what changed since this page was drawn, and what was typed, kept."""
    language = language_of(request)
    key = f"conflict.{error.code}"
    why = say(key, language) if has(key, language) else say("conflict.default", language)
    given = request.POST.get("seen", "")
    changed = since(request, row, int(given)) if given.isdigit() and len(given) < 9 else []
    return _problem(request, row, action, 409, why, changed=changed)


def _invalid(request: HttpRequest, row: Incident, action: str, errors: dict[str, str]) -> HttpResponse:
    return _problem(request, row, action, 422, "", errors=errors)


def _problem(
    request: HttpRequest,
    row: Incident,
    action: str,
    status: int,
    why: str,
    *,
    errors: dict[str, str] | None = None,
    changed: list[Any] | None = None,
) -> HttpResponse:
    row.refresh_from_db()
    context = _dialog_context(request, row, action, request.POST.dict())
    context |= {"why": why, "errors": errors or {}, "changed": changed, "problem": True}
    if request.headers.get("HX-Request"):
        return render(request, "console/dialog.html", context, status=status)
    return render(request, "console/dialog_page.html", context, status=status)


def _done_words(action: str, language: str) -> str:
    key = f"console.done.{action}"
    return say(key, language) if has(key, language) else say("console.done.default", language)
