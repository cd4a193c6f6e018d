"""The live board: the page, its changed rows, and the pulse (ribbon, calls, alarms).

What many consoles ask for at once is made once: rows by their version, pages and pulses by scope for a moment.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from esshelpme.access.guard import guarded
from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.console import board_query
from esshelpme.console.board_query import BoardRow, Holding
from esshelpme.console.feed import position
from esshelpme.console.filters import Filters
from esshelpme.console.moment import Kept, Moment
from esshelpme.console.targets import Phase
from esshelpme.console.todo import todo
from esshelpme.dispatch.alarms import acknowledge_system_alarm
from esshelpme.incidents.place import WIDE_ABOVE_M
from esshelpme.incidents.states import Kind, Topic
from esshelpme.places import area_words
from esshelpme.platform.clock import now
from esshelpme.platform.ids import read_ref, show_ref
from esshelpme.words import say
from esshelpme.words.pages import language_of

MOMENT_S = 0.5
_pages: Moment[dict[str, Any]] = Moment(MOMENT_S)
_pulses: Moment[dict[str, Any]] = Moment(MOMENT_S)
_drawn: Kept[str] = Kept(20_000)
_items: Kept[str] = Kept(2_000)
MOST_REFS = 100


def scope_of(officer: Officer) -> Hashable:
    """What two officers must share to see the same board."""
    return officer.scope, officer.agency_id, officer.areas, officer.role


@require_GET
@guarded(Right.SEE_BOARD)
def board(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    officer: Officer = request.officer  # type: ignore[attr-defined]
    filters, language, at = Filters.of(request.GET.dict()), language_of(request), now()
    after = request.GET.get("after", "")
    # The feed's position is taken before the rows: what changes in between comes by the stream.
    feed_position = position()
    shown = page_of(officer, filters, language, after, at=at)
    context = {
        "page": "board",
        "filters": filters,
        "kinds": list(Kind),
        "after": after,
        "feed_position": feed_position,
        "server_time": int(at.timestamp() * 1000),
        **shown,
        **pulse_of(officer, filters, language, at=at),
    }
    return render(request, "console/board.html", context)


@require_GET
@guarded(Right.SEE_BOARD)
def changed(request: HttpRequest) -> HttpResponse:
    """The rows of some incidents as they are now, and the pulse: `{"rows": {REF: html | null}, …}`."""
    officer: Officer = request.officer  # type: ignore[attr-defined]
    filters, language, at = Filters.of(request.GET.dict()), language_of(request), now()
    given = request.GET.get("refs", "").split(",")
    refs = sorted({ref for text in given[:MOST_REFS] if (ref := read_ref(text))})
    rows = _pages.get(
        ("some", scope_of(officer), filters, language, tuple(refs)),
        lambda: {"rows": _rows_by_ref(officer, filters, language, refs, at=at)},
    )
    return JsonResponse({**rows, **pulse_of(officer, filters, language, at=at)})


def page_of(officer: Officer, filters: Filters, language: str, after: str, *, at: datetime) -> dict[str, Any]:
    """The drawn rows of one page, and the cursor of the next."""

    def make() -> dict[str, Any]:
        found = board_query.page(officer, filters, at=at, after=after)
        return {
            "rows": [html for _, html in draw(found.rows, language)],
            "next": found.after,
            "points": _points(found.rows, language),
        }

    return _pages.get(("page", scope_of(officer), filters, language, after), make)


def pulse_of(officer: Officer, filters: Filters, language: str, *, at: datetime) -> dict[str, Any]:
    """Ribbon and to-do list, drawn, and the number that waits (for the window's title)."""

    def make() -> dict[str, Any]:
        counts = board_query.counts(officer, at=at, exercise=filters.exercise)
        context = {"counts": counts, "filters": filters, "language": language}
        return {
            "waiting": counts.waiting,
            "ribbon": render_to_string("console/parts/ribbon.html", context),
            "todo": draw_todo(officer, language, at=at),
        }

    return _pulses.get(("pulse", scope_of(officer), filters, language), make)


def draw_todo(officer: Officer, language: str, *, at: datetime) -> str:
    """Alarms and calls; each item is drawn once, since nothing of it changes but its going."""
    found = todo(officer, at=at)
    items = [_item("alarm", alarm.pk, alarm, language) for alarm in found.alarms]
    items += [_item("call", call.pk, call, language) for call in found.calls]
    context = {"items": items, "more": found.more, "language": language}
    return render_to_string("console/parts/todo.html", context)


def _item(name: str, pk: int, shown: object, language: str) -> str:
    html = _items.get((name, pk, language))
    if html is None:
        html = render_to_string(f"console/parts/todo_{name}.html", {name: shown, "language": language})
        _items.put((name, pk, language), html)
    return html


def draw(rows: Sequence[BoardRow], language: str) -> list[tuple[BoardRow, str]]:
    """Each row's HTML; only rows that look different from the last time are drawn."""
    drawn = {id(row): _drawn.get((row.version, language)) for row in rows}
    fresh = [row for row in rows if drawn[id(row)] is None]
    board_query.fill_holdings(fresh)
    for row in fresh:
        html = render_to_string(
            "console/parts/row.html", {**row_context(row, language), "language": language}
        )
        _drawn.put((row.version, language), html)
        drawn[id(row)] = html
    return [(row, str(drawn[id(row)])) for row in rows]


def row_context(row: BoardRow, language: str) -> dict[str, Any]:
    """Everything the row's template shows."""
    facts, clock = row.facts, row.clock
    no_call = facts["discreet"] or not facts["safe_to_call"]
    return {
        "row": row,
        "incident": facts,
        "ref": show_ref(facts["ref"]),
        "kind": kind_words(facts, language),
        "where": where_words(facts, language),
        "clock": clock,
        "waiting": clock.phase is Phase.WAITING,
        "who": who_words(row.holdings, language),
        "no_call": no_call,
        "signs": no_call or row.unseen or row.calls or row.alarms or facts["cancel_requested_at"],
        "wide": (facts["place_accuracy_m"] or 0) > WIDE_ABOVE_M,
        "target": duration_words(clock.target_s, language),
        "due": int(clock.due.timestamp()),
        "alarms": [reason for reason in dict.fromkeys(row.alarms) if reason != "CANCEL_REQUESTED"][:2],
        "point": row.point,
    }


def duration_words(seconds: int, language: str) -> str:
    """A target in words: minutes, or hours from two on."""
    if seconds >= 7200 and seconds % 3600 == 0:
        return say("console.hours", language, count=seconds // 3600)
    return say("console.minutes", language, count=seconds // 60)


def where_words(facts: dict[str, Any], language: str) -> str:
    """The place in words: never finer than a subdistrict."""
    if facts["place_flag"] == "ABROAD":
        return say("place.abroad", language)
    if facts["place_flag"] == "SEA":
        return say("place.sea", language)
    code = facts["subdistrict"] or facts["district"] or facts["province"]
    return area_words(code, language) if code else say("place.unknown", language)


def who_words(holdings: Sequence[Holding], language: str) -> list[dict[str, Any]]:
    """Who has each need: the unit's name, or how many are asked, or nobody."""
    shown = []
    for holding in holdings:
        name = holding.unit_en if language == "en" else holding.unit_th
        if name:
            words, state = name, "held"
        elif holding.status == "HANDED_OVER":
            words, state = say("console.handed_over", language), "held"
        elif holding.asked:
            words, state = say("console.asked", language, count=holding.asked), "asked"
        else:
            words, state = say("console.nobody", language), "nobody"
        shown.append({"need": holding.need, "lead": holding.lead, "words": words, "state": state})
    return shown


def kind_words(facts: dict[str, Any], language: str) -> str:
    """The kind; for "something else" its topic, when one was named."""
    if facts["kind"] == Kind.OTHER and facts["topic"] in set(Topic) - {Topic.OTHER}:
        return say(f"topic.{facts['topic']}", language)
    return say(f"kind.{facts['kind']}", language)


def _rows_by_ref(
    officer: Officer, filters: Filters, language: str, refs: list[str], *, at: datetime
) -> dict[str, str | None]:
    html: dict[str, str | None] = dict.fromkeys(refs)
    if refs:
        rows = board_query.some(officer, filters, refs, at=at)
        html |= {row.facts["ref"]: drawn for row, drawn in draw(rows, language)}
    return html


def _points(rows: Sequence[BoardRow], language: str) -> list[dict[str, Any]]:
    return [
        {"ref": row.facts["ref"], "lat": point[0], "lng": point[1], "phase": int(row.clock.phase)}
        for row in rows
        if (point := row.point) is not None
    ]


@require_POST
@guarded(Right.RUN_INCIDENT)
def acknowledge_system(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """An alarm about the system itself was seen. Twice is once."""
    officer: Officer = request.officer  # type: ignore[attr-defined]
    acknowledge_system_alarm(alarm_id, at=now(), by=officer.actor)
    _pulses.clear()
    return HttpResponse(status=204)
