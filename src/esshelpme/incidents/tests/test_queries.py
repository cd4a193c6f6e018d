"""Pages of incidents walk an index, whatever the table's size."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Role
from esshelpme.incidents import queries
from esshelpme.incidents.models import Incident
from esshelpme.incidents.queries import Filters, Mark

pytestmark = pytest.mark.django_db
ROWS = 20_000
CENTRE = Officer(actor="staff:centre", role=Role.CALL_TAKER)


@pytest.fixture
def many(at: datetime) -> None:
    Incident.objects.bulk_create(
        [
            Incident(
                ref=f"{n:08d}",
                kind="SEXUAL" if n % 50 == 0 else "ASSAULT",
                status="DISPATCHING" if n % 100 == 0 else "CANCELLED",
                channel="LINE",
                province=str(10 + n % 80),
                created_at=at - timedelta(minutes=n),
                updated_at=at,
            )
            for n in range(ROWS)
        ],
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incidents_incident")


def plan(officer: Officer, filters: Filters, after: Mark | None = None) -> str:
    rows: QuerySet[Incident] = queries._after(queries._filtered(queries.visible_to(officer), filters), after)[
        :51
    ]
    return rows.explain(analyze=True)


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(), "incident_newest"),
        (Filters(status="DISPATCHING"), "incident_by_status"),
        (Filters(kind="SEXUAL"), "incident_by_kind"),
    ],
)
def test_the_first_page(many: None, filters: Filters, index: str) -> None:
    shown = plan(CENTRE, filters)
    assert f"using {index}" in shown
    assert "Seq Scan" not in shown
    assert "Sort" not in shown


def test_a_page_deep_inside(many: None, at: datetime) -> None:
    middle = Incident.objects.get(ref=f"{ROWS // 2:08d}")
    shown = plan(CENTRE, Filters(), Mark(middle.created_at, middle.pk))
    assert "using incident_newest" in shown
    assert "Rows Removed by Filter: 1\n" in shown, "only the last row of the page before is passed over"


def test_one_area(many: None) -> None:
    officer = Officer(actor="staff:cnx", role=Role.CALL_TAKER, areas=("50", "1001"))
    assert "Seq Scan" not in plan(officer, Filters())


def test_pages_meet_without_gap_or_overlap(many: None) -> None:
    seen: list[str] = []
    mark: Mark | None = None
    for _ in range(4):
        items, mark = queries.page(CENTRE, Filters(), after=mark, limit=100)
        seen += [item["ref"] for item in items]
    assert seen == [f"{n:08d}" for n in range(400)]
