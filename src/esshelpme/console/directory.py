"""The directory: agencies, units and members to search, a unit's and a member's page, duty and LINE linking."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from esshelpme.access.guard import guarded
from esshelpme.access.log import did, looked, looked_at_all
from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.console.desk import done, given, not_done, officer_of
from esshelpme.directory.changes import set_on_duty
from esshelpme.directory.codes import AGENCY_TYPES
from esshelpme.directory.linking import CODE_LASTS, new_link_code, unlink
from esshelpme.directory.models import Agency, Member, Unit
from esshelpme.dispatch.duty import members_on_duty
from esshelpme.places import area_words, gazetteer, locate, unit_words
from esshelpme.platform.clock import now
from esshelpme.words.pages import language_of

PAGE = 50
SHIFTS_SHOWN = 20
AREAS_SHOWN = 30
TABS = ("units", "agencies", "members")


@require_GET
@guarded(Right.SEE_DIRECTORY)
def page(request: HttpRequest) -> HttpResponse:
    """Units, agencies or members by name or code, type and area; 50 a page."""
    officer, at, language = officer_of(request), now(), language_of(request)
    tab = given(request, "show")
    tab = tab if tab in TABS else "units"
    search, kind, area, duty = (given(request, name, 100) for name in ("q", "type", "area", "duty"))
    kind = kind if kind in AGENCY_TYPES else ""
    area = area if area in gazetteer().places else ""
    after = given(request, "after", 40)
    rows = _rows(tab, search=search, kind=kind, area=area, duty=duty)
    if after:
        rows = rows.filter(code__gt=after)
    found = list(rows.order_by("code")[: PAGE + 1])
    following = found[PAGE - 1].code if len(found) > PAGE else ""
    found = found[:PAGE]
    if tab == "members":
        looked_at_all(officer, what="MEMBER", refs=[member.code for member in found], at=at)
    query = {"show": tab, "q": search, "type": kind, "area": area, "duty": duty}
    context = {
        "page": "directory",
        "tab": tab,
        "rows": found,
        "search": search,
        "type": kind,
        "area": area,
        "duty": duty,
        "types": AGENCY_TYPES,
        "provinces": _provinces(language),
        "next": following,
        "after": after,
        "query": urlencode({name: value for name, value in query.items() if value}),
        "may_manage": officer.may(Right.MANAGE_DIRECTORY),
        "whole": not officer.areas,
    }
    return render(request, "console/directory.html", context)


@require_GET
@guarded(Right.SEE_DIRECTORY)
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """One unit: where its base is, what it goes to, who belongs to it, who is on duty now and next."""
    officer, at, language = officer_of(request), now(), language_of(request)
    row = _unit(code)
    members = list(row.members.order_by("code"))
    looked(officer, what="UNIT", ref=row.code, at=at)
    on_duty = (
        {member.pk for member in members_on_duty([row.pk], at=at).get(row.pk, [])} if row.on_duty else set()
    )
    context = {
        "page": "directory",
        "unit": row,
        "base": _where(row, language),
        "areas": [area_words(code, language) or code for code in row.areas[:AREAS_SHOWN]],
        "more_areas": max(0, len(row.areas) - AREAS_SHOWN),
        "members": [(member, member.pk in on_duty) for member in members],
        "shifts": row.shifts.filter(ends_at__gt=at)
        .select_related("member")
        .order_by("starts_at", "pk")[:SHIFTS_SHOWN],
        "has_shifts": row.shifts.exists(),
        "may_manage": manages(officer, row),
        "server_time": int(at.timestamp() * 1000),
        "now": at,
    }
    return render(request, "console/unit.html", context)


@require_POST
@guarded(Right.MANAGE_DIRECTORY)
def duty(request: HttpRequest, code: str) -> HttpResponse:
    """Put a unit on duty or off."""
    officer, row = officer_of(request), _managed(request, _unit(code))
    on = given(request, "on")
    if on not in ("0", "1"):
        not_done(request, "CHOICE")
    elif set_on_duty(row, on == "1"):
        did(officer, what="UNIT_ON_DUTY" if on == "1" else "UNIT_OFF_DUTY", ref=row.code, at=now())
        done(request, "on_duty" if on == "1" else "off_duty")
    else:
        not_done(request, "SAME")
    return redirect("console_unit", code=row.code)


@require_GET
@guarded(Right.SEE_DIRECTORY)
def member(request: HttpRequest, code: str) -> HttpResponse:
    """One member, and whether their LINE is linked."""
    return _member_page(request, _member(code))


@require_POST
@guarded(Right.MANAGE_DIRECTORY)
def link(request: HttpRequest, code: str) -> HttpResponse:
    """A one-time code for the member, shown once as text and as a QR picture. Earlier codes stop working."""
    officer, at, row = officer_of(request), now(), _member(code)
    _managed(request, row.unit)
    typed = new_link_code(row, at=at)
    did(officer, what="LINK_CODE_MADE", ref=row.code, at=at)
    response = _member_page(
        request, row, typed=typed, qr=qr_of(link_address(typed) or typed), opens=bool(link_address(typed))
    )
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@guarded(Right.MANAGE_DIRECTORY)
def unlink_line(request: HttpRequest, code: str) -> HttpResponse:
    """Release the member's LINE account. The form names the link it saw: an old page does not cut a newer one."""
    officer, row = officer_of(request), _member(code)
    _managed(request, row.unit)
    if row.line_user_id is None:
        not_done(request, "SAME")
    elif given(request, "linked_at") != _link_stamp(row):
        not_done(request, "CHANGED")
    else:
        unlink(row)
        did(officer, what="LINE_UNLINKED", ref=row.code, at=now())
        done(request, "unlinked")
    return redirect("console_member", code=row.code)


def link_address(typed: str) -> str | None:
    """The address that opens the 1:1 chat with the code typed in; None without an official account's basic id.

    https://developers.line.biz/en/docs/messaging-api/using-line-url-scheme/ (opening a chat with a text).
    """
    basic_id = settings.CONFIG.line_basic_id
    return f"https://line.me/R/oaMessage/{quote(basic_id, safe='')}/?{quote(typed)}" if basic_id else None


def qr_of(text: str) -> SafeString:
    """A QR picture as SVG that takes its size from the style sheet."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=3, dark="#000", light="#fff"
    )
    return SafeString(out.getvalue().decode())


def manages(officer: Officer, row: Unit) -> bool:
    """Whether an officer changes this unit: the right, and an area of theirs in which it works or has its base."""
    if not officer.may(Right.MANAGE_DIRECTORY):
        return False
    if not officer.areas:
        return True
    codes = row.areas or [_base_code(row)]
    return any(code.startswith(own) for code in codes for own in officer.areas)


def _member_page(request: HttpRequest, row: Member, **more: Any) -> HttpResponse:
    officer, at = officer_of(request), now()
    looked(officer, what="MEMBER", ref=row.code, at=at)
    context = {
        "page": "directory",
        "member": row,
        "unit": row.unit,
        "linked_at": _link_stamp(row),
        "shifts": row.shifts.filter(ends_at__gt=at).order_by("starts_at")[:SHIFTS_SHOWN],
        "may_manage": manages(officer, row.unit),
        "lasts": int(CODE_LASTS.total_seconds() // 60),
        "server_time": int(at.timestamp() * 1000),
        **more,
    }
    return render(request, "console/member.html", context)


def _link_stamp(row: Member) -> str:
    return row.line_verified_at.isoformat() if row.line_verified_at else "linked" if row.line_user_id else ""


def _rows(tab: str, *, search: str, kind: str, area: str, duty: str) -> QuerySet[Any]:
    rows: QuerySet[Any]
    if tab == "agencies":
        rows = Agency.objects.annotate(unit_count=Count("units"))
        rows = rows.filter(type=kind) if kind else rows
        rows = rows.filter(pk__in=_in_area(area).values("agency")) if area else rows
        return rows.filter(_named(search, "code", "name_th", "name_en")) if search else rows
    if tab == "members":
        rows = Member.objects.select_related("unit")
        rows = rows.filter(unit__agency_type=kind) if kind else rows
        rows = rows.filter(unit__in=_in_area(area)) if area else rows
        rows = rows.filter(unit__on_duty=duty == "on") if duty in ("on", "off") else rows
        return rows.filter(_named(search, "code", "name", "unit__name_th")) if search else rows
    rows = _in_area(area) if area else Unit.objects.all()
    rows = rows.select_related("agency").annotate(
        member_count=Count("members", filter=Q(members__active=True)),
        linked_count=Count("members", filter=Q(members__active=True, members__line_user_id__isnull=False)),
    )
    rows = rows.filter(agency_type=kind) if kind else rows
    rows = rows.filter(on_duty=duty == "on") if duty in ("on", "off") else rows
    return rows.filter(_named(search, "code", "name_th", "name_en", "agency__name_th")) if search else rows


def _named(search: str, *fields: str) -> Q:
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{field}__icontains": search})
    return condition


def _in_area(code: str) -> QuerySet[Unit]:
    """Units answering for the area, for part of it, or for what it lies in."""
    wider = [code[:digits] for digits in (2, 4, 6) if digits <= len(code)]
    inner = [other for other in gazetteer().places if other.startswith(code)]
    return Unit.objects.filter(areas__overlap=[*wider, *inner])


def _provinces(language: str) -> list[tuple[str, str]]:
    rows = [(code, unit_words(code, language)) for code in gazetteer().places if len(code) == 2]
    return sorted(rows, key=lambda row: row[1])


def _base_code(row: Unit) -> str:
    try:
        return locate(row.lat, row.lng).area.code or ""
    except ValueError:
        return ""


def _where(row: Unit, language: str) -> str:
    code = _base_code(row)
    return area_words(code, language) if code else ""


def _unit(code: str) -> Unit:
    row = Unit.objects.select_related("agency").filter(code=code).first()
    if row is None:
        raise Http404
    return row


def _member(code: str) -> Member:
    row = Member.objects.select_related("unit__agency").filter(code=code).first()
    if row is None:
        raise Http404
    return row


def _managed(request: HttpRequest, row: Unit) -> Unit:
    if not manages(officer_of(request), row):
        raise Http404
    return row
