"""Pages of incidents walk an index, whatever the table's size."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Role
from esshelpme.incidents import queries
from esshelpme.incidents.access import visible_to
from esshelpme.incidents.models import Incident
from esshelpme.incidents.queries import Filters, Mark

pytestmark = pytest.mark.django_db
ROWS = 30_000
CENTRE = Officer(actor="staff:centre", role=Role.CALL_TAKER)


@pytest.fixture
def many(at: datetime) -> None:
    """One incident a minute, made by one statement: references count from the newest, 00000000."""
    row = Incident(
        ref="00000000", kind="ASSAULT", status="CANCELLED", channel="LINE", created_at=at, updated_at=at
    )
    row.save()
    columns = [str(field.column) for field in Incident._meta.concrete_fields if field.column != "id"]
    changed = {
        "ref": "lpad(n::text, 8, '0')",
        "kind": "CASE WHEN n % 3 = 0 THEN 'SEXUAL' ELSE kind END",
        "status": "CASE WHEN n % 3 = 0 THEN 'DISPATCHING' ELSE status END",
        "province": "(10 + n % 80)::text",
        "created_at": "created_at - n * interval '1 minute'",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO incidents_incident ({', '.join(columns)}) "
            f"SELECT {', '.join(changed.get(column, column) for column in columns)} "
            f"FROM incidents_incident, generate_series(1, {ROWS - 1}) AS n ORDER BY n DESC"
        )
        cursor.execute("ANALYZE incidents_incident")


def plan(officer: Officer, filters: Filters, after: Mark | None = None) -> str:
    rows: QuerySet[Incident] = queries._after(queries._filtered(visible_to(officer), filters), after)[:51]
    return rows.explain(analyze=True)


def test_a_page_walks_an_index_and_stops(many: None, at: datetime) -> None:
    middle = Incident.objects.get(ref=f"{ROWS // 2:08d}")
    somewhere = Officer(actor="staff:cnx", role=Role.CALL_TAKER, areas=("50", "1001"))
    for officer, filters, after in (
        (CENTRE, Filters(), None),
        (CENTRE, Filters(status="DISPATCHING"), None),
        (CENTRE, Filters(kind="SEXUAL"), None),
        (CENTRE, Filters(since=at - timedelta(days=5)), None),
        (CENTRE, Filters(), Mark(middle.created_at, middle.pk)),
        (somewhere, Filters(), None),
    ):
        shown = plan(officer, filters, after)
        assert "Seq Scan" not in shown, (filters, shown)
        assert "Sort" not in shown, (filters, shown)
    deep = plan(CENTRE, Filters(), Mark(middle.created_at, middle.pk))
    assert "Rows Removed by Filter: 1\n" in deep, "only the last row of the page before is passed over"


def test_pages_meet_without_gap_or_overlap(many: None) -> None:
    seen: list[str] = []
    mark: Mark | None = None
    for _ in range(4):
        items, mark = queries.page(CENTRE, Filters(), after=mark, limit=100)
        seen += [item["ref"] for item in items]
    assert seen == [f"{n:08d}" for n in range(400)]
