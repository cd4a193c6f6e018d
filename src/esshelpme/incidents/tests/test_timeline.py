"""The timeline: gap-free, chained, append-only; erasing words leaves it whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import contact_for
from esshelpme.incidents import changes, timeline
from esshelpme.incidents.messages import hear
from esshelpme.incidents.models import Incident, Message, TimelineEvent
from esshelpme.incidents.opening import ReportIn, open_incident
from esshelpme.privacy.content import erase_subject, reveal

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 19, 14, tzinfo=UTC)


@pytest.fixture
def reporter() -> Contact:
    return contact_for(channel="LINE", address="U" + "1" * 32, at=AT)


@pytest.fixture
def incident(reporter: Contact) -> Incident:
    incident, _ = open_incident(
        ReportIn(contact=reporter, channel="LINE", kind="ASSAULT", text="พ่อเมาตีแม่"), at=AT, by="reporter"
    )
    return incident


def test_steps_are_numbered_from_one_without_gaps(incident: Incident) -> None:
    changes.note(incident, "บ้านสีฟ้า", at=AT, by="staff:a")
    assert [row.seq for row in incident.timeline.order_by("seq")] == [1, 2, 3]
    assert timeline.verify(incident) is None


@pytest.fixture(autouse=True)
def _constraints_at_once(db: None) -> None:
    """So that no deferred check waits when a test alters or truncates a table inside its transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # The suite switches this one off to clean up; here it is as everywhere else.
        cursor.execute("ALTER TABLE incidents_timelineevent ENABLE TRIGGER timeline_no_truncate")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incidents_timelineevent SET type = 'CLOSED'",
        "DELETE FROM incidents_timelineevent",
        "TRUNCATE incidents_timelineevent CASCADE",
    ],
)
def test_the_database_refuses_to_change_a_step(incident: Incident, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_refuses_a_gap(incident: Incident) -> None:
    with pytest.raises(DatabaseError, match="does not follow"), transaction.atomic():
        TimelineEvent.objects.create(incident=incident, seq=9, at=AT, type="X", actor="x", data={}, hash=b"")


def test_a_changed_step_breaks_the_chain(incident: Incident) -> None:
    with connection.cursor() as cursor:  # what somebody with the database's own rights could do
        cursor.execute("ALTER TABLE incidents_timelineevent DISABLE TRIGGER timeline_append_only")
        cursor.execute("UPDATE incidents_timelineevent SET actor = 'nobody' WHERE seq = 2")
        cursor.execute("ALTER TABLE incidents_timelineevent ENABLE TRIGGER timeline_append_only")
    broken = timeline.verify(incident)
    assert broken is not None
    assert broken.seq == 2


def test_steps_cut_off_at_the_end_are_noticed(incident: Incident) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE incidents_timelineevent DISABLE TRIGGER timeline_append_only")
        cursor.execute("DELETE FROM incidents_timelineevent WHERE seq = 2")
        cursor.execute("ALTER TABLE incidents_timelineevent ENABLE TRIGGER timeline_append_only")
    broken = timeline.verify(incident)
    assert broken is not None


def test_words_are_not_in_the_timeline_and_erasing_them_leaves_it_whole(
    incident: Incident, reporter: Contact
) -> None:
    message = hear(incident=incident, contact=reporter, type="TEXT", text="ห้อง 502", said_at=AT, at=AT)
    raw = str(list(incident.timeline.values_list("data", flat=True)))
    assert "ห้อง" not in raw
    assert "ตีแม่" not in raw
    assert reveal(message.content) == "ห้อง 502"

    erased = erase_subject(reporter.subject_id, because="ASKED", at=AT)

    assert erased >= 2
    assert reveal(Message.objects.select_related("content").get(pk=message.pk).content) is None
    incident.refresh_from_db()
    assert timeline.verify(incident) is None
