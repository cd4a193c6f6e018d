"""The board: its page with 2,000 open incidents among 1,000,000 past ones, beside a bare indexed query."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from esshelpme.cli.bench._stand import Stand, percentile, stand
from esshelpme.cli.bench.results import BenchResult, Figure

ROWS = 100  # a page of the board

PAST, OPEN, UNITS = 1_000_000, 2_000, 2_000
ROUNDS = 30
GOAL_MS = 50.0
# Longer than the moment for which a drawn page is remembered: each round draws anew.
APART_S = 0.7
CONSOLES, CONSOLES_S = 32, 5.0


def run() -> BenchResult:
    """Fill, then ask for the page as a browser does: alone, each time anew; then as many consoles at once."""
    with stand() as at:
        fill()
        cookie = _signed_in()
        with at.web():
            first = _timed(lambda: _get(at, cookie))
            pages = []
            for _ in range(ROUNDS):
                time.sleep(APART_S)
                pages.append(_timed(lambda: _get(at, cookie)))
            many = _many(at, cookie)
        bare, queries, explained = _in_the_database()
    page = statistics.median(pages)
    return BenchResult(
        "board",
        [
            Figure("page p50", page, "ms", GOAL_MS),
            Figure("page p99", percentile(pages, 0.99), "ms", GOAL_MS),
            Figure("page, the first after a start", first, "ms"),
            Figure("its queries p50", queries, "ms", bare),
            Figure(f"pages with {CONSOLES} consoles at once", many, "1/s"),
        ],
        [
            f"{PAST:,} past and {OPEN:,} open incidents; page: all of HTTP, session, 100 rows, ribbon, to-do list; ",
            "limit of the page: the goal; of its queries: one bare indexed query for 100 open incidents, same run.",
            "EXPLAIN (ANALYZE) of the query for the rows:",
            explained,
        ],
    )


def fill() -> None:
    """2,000 units, 1,000,000 past and 2,000 open incidents with needs, offers, unread messages, calls and alarms."""
    import django

    django.setup()
    from django.db import connection

    _units()
    template = _template()
    with connection.cursor() as cursor:
        _copy_incidents(cursor, template, first=10_000_000, count=PAST, past=True)
        _copy_incidents(cursor, template, first=90_000_000, count=OPEN, past=False)
        for statement in _AROUND:
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def _units() -> None:
    from esshelpme.directory.models import Agency, Unit

    agency = Agency.objects.create(code="BENCH", type="POLICE", name_th="หน่วยทดสอบ", name_en="Bench")
    Unit.objects.bulk_create(
        Unit(
            code=f"BENCH-{n}",
            agency=agency,
            agency_type="POLICE",
            name_th=f"ชุดทดสอบ {n}",
            lat=6.0 + n % 14,
            lng=99.0 + n % 5,
            areas=[f"{10 + n % 80}"],
            kinds=["ASSAULT"],
        )
        for n in range(UNITS)
    )


def _template() -> Any:
    from esshelpme.incidents.models import Incident

    now = datetime.now(UTC) - timedelta(days=900)
    return Incident.objects.create(
        ref="00000000",
        kind="ASSAULT",
        status="CLOSED",
        disposition="HELPED",
        channel="LINE",
        priority=2,
        cell="8764a4b2affffff",
        province="10",
        district="1001",
        subdistrict="100101",
        created_at=now,
        updated_at=now,
    )


def _copy_incidents(cursor: Any, template: Any, *, first: int, count: int, past: bool) -> None:
    """Rows like the template, with what the board looks at spread as in life."""
    columns = [f.column for f in type(template)._meta.concrete_fields if f.column != "id"]
    ago = "(n %% 78000000) * interval '1 second'" if past else "(n %% 7200) * interval '1 second'"
    status = (
        "CASE WHEN n %% 20 = 0 THEN 'CANCELLED' ELSE 'CLOSED' END"
        if past
        else "(ARRAY['DISPATCHING','DISPATCHING','ACCEPTED','EN_ROUTE','ON_SCENE','RESOLVED'])[1 + n %% 6]"
    )
    given = {
        "ref": "lpad(n::text, 8, '0')",
        "kind": "(ARRAY['ASSAULT','CONFINEMENT','SEXUAL','DISTURBED','GATHERING','OTHER'])[1 + n %% 6]",
        "status": status,
        "disposition": "CASE WHEN n %% 20 = 0 THEN NULL ELSE 'HELPED' END" if past else "NULL",
        "priority": "1 + n %% 4",
        "province": "(10 + n %% 80)::text",
        "created_at": f"now() - {ago}",
        "updated_at": f"now() - {ago}",
        "accepted_at": "NULL" if past else f"now() - {ago} + interval '40 seconds'",
        "on_scene_at": "NULL" if past else f"now() - {ago} + interval '9 minutes'",
        "resolved_at": "NULL" if past else f"now() - {ago} + interval '30 minutes'",
    }
    values = ", ".join(given.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    cursor.execute(
        f"INSERT INTO incidents_incident ({names}) SELECT {values} "
        "FROM incidents_incident t, generate_series(%s, %s) n WHERE t.id = %s",
        [first, first + count - 1, template.pk],
    )


# ruff: noqa: S608  # constants of this module
_STANDING = "status IN ('DISPATCHING','ACCEPTED','EN_ROUTE','ON_SCENE','RESOLVED')"
_AROUND = (
    f"""INSERT INTO dispatch_need (incident_id, agency_type, number, lead, status, ring, opened_at)
        SELECT id, 'POLICE', 1, true, 'OPEN', 1, created_at FROM incidents_incident WHERE {_STANDING}""",
    f"""INSERT INTO dispatch_need (incident_id, agency_type, number, lead, status, ring, opened_at)
        SELECT id, 'SOCIAL', 1, false, 'OPEN', 1, created_at FROM incidents_incident WHERE {_STANDING}""",
    """INSERT INTO dispatch_assignment (code, incident_id, need_id, unit_id, status, via, external_ref, ring,
                                        reasons, offered_at)
       SELECT lpad(n.id::text || k, 8, 'A'), n.incident_id, n.id, u.id, 'OFFERED', 'LINE', '', 1, '{}', n.opened_at
       FROM dispatch_need n, generate_series(0, 2) k,
            LATERAL (SELECT id FROM directory_unit
                     WHERE id = (SELECT min(id) FROM directory_unit) + (n.id + k * 7) % 1990) u""",
    """UPDATE dispatch_assignment a SET status = 'ACCEPTED' FROM dispatch_need n, incidents_incident i
       WHERE a.need_id = n.id AND n.incident_id = i.id AND i.status <> 'DISPATCHING' AND a.code LIKE '%0' AND n.lead""",
    """UPDATE dispatch_need n SET holder_id = a.id, status = 'ACCEPTED'
       FROM dispatch_assignment a WHERE a.need_id = n.id AND a.status = 'ACCEPTED'""",
    f"""INSERT INTO incidents_message (incident_id, direction, type, channel_message_id, said_at, received_at, by)
        SELECT id, 'IN', 'TEXT', '', created_at, created_at, 'reporter' FROM incidents_incident
        WHERE {_STANDING} AND id % 3 = 0""",
    f"""INSERT INTO dispatch_calltask (incident_id, reason, target, phone, step, status, outcome, answered_by,
                                       external_ref, opened_at, closed_by)
        SELECT id, 'NOT_ACCEPTED', '191', '191', 0, 'OPEN', '', '', '', created_at, '' FROM incidents_incident
        WHERE {_STANDING} AND id % 2 = 0""",
    f"""INSERT INTO dispatch_alarm (incident_id, level, reason, detail, seq, raised_at, acknowledged_by)
        SELECT id, 'CENTRE', 'NOBODY_ACCEPTED', '', 1, created_at, '' FROM incidents_incident
        WHERE {_STANDING} AND id % 5 = 0""",
)


def _signed_in() -> str:
    from django.conf import settings
    from django.test import Client

    from esshelpme.access.models import Account

    account = Account.objects.create(username="bench", role="SUPERVISOR")
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _get(at: Stand, cookie: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", at.web_port, timeout=60)
    line.request("GET", "/console/", headers={"Cookie": cookie, "Host": "127.0.0.1"})
    answer = line.getresponse()
    body = answer.read()
    line.close()
    if answer.status != 200 or body.count(b"incident-row") < ROWS:
        raise RuntimeError(f"the board answered {answer.status} with {body.count(b'incident-row')} rows")


def _many(at: Stand, cookie: str) -> float:
    """Pages a second for as many consoles, each asking again at once."""
    until = time.monotonic() + CONSOLES_S

    def console(_: int) -> int:
        count = 0
        while time.monotonic() < until:
            _get(at, cookie)
            count += 1
        return count

    with ThreadPoolExecutor(CONSOLES) as pool:
        begin = time.monotonic()
        count = sum(pool.map(console, range(CONSOLES)))
        return count / (time.monotonic() - begin)


def _in_the_database() -> tuple[float, float, str]:
    """Milliseconds of the bare query and of all the page's queries, and the plan of the one for the rows."""
    from django.db import connection

    from esshelpme.access.models import Account
    from esshelpme.access.officer import officer_of_account
    from esshelpme.console import board_query
    from esshelpme.console.filters import Filters
    from esshelpme.console.todo import todo

    officer = officer_of_account(Account.objects.get(username="bench"))

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, ref, status, created_at FROM incidents_incident "
                "WHERE status IN ('NEW','DISPATCHING','ACCEPTED','EN_ROUTE','ON_SCENE','RESOLVED') "
                "ORDER BY priority, created_at LIMIT 100"
            )
            cursor.fetchall()

    def all_queries() -> None:
        now = datetime.now(UTC)
        board_query.page(officer, Filters(), at=now)
        board_query.counts(officer, at=now)
        todo(officer, at=now)

    rows = board_query.on_board(officer, Filters(), at=datetime.now(UTC)).values(*board_query.FIELDS)[:201]
    explained = rows.explain(analyze=True)
    medians = [statistics.median(_timed(what) for _ in range(ROUNDS)) for what in (bare, all_queries)]
    return medians[0], medians[1], explained


def _timed(what: Callable[[], None]) -> float:
    begin = time.perf_counter()
    what()
    return (time.perf_counter() - begin) * 1000
