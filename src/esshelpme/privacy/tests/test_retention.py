"""The retention table: what is over goes, what is not stays, and the chain of the timeline holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command

from esshelpme.conftest import AT, Town
from esshelpme.contacts.people import contact_for
from esshelpme.incidents.changes import cancel, lock
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.messages import hear
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.incidents.opening import ReportIn
from esshelpme.incidents.timeline import verify
from esshelpme.intake.reporting import open_report
from esshelpme.privacy.content import keep_file, reveal
from esshelpme.privacy.models import Content, Subject
from esshelpme.privacy.retention import RULES, due, enforce

DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_media_folder(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esshelpme.privacy.content.media_folder", lambda: tmp_path)


def incident_of(
    name: str, *, exercise: bool = False, ended_after: timedelta | None = timedelta()
) -> Incident:
    from django.db import transaction

    with transaction.atomic():
        contact = contact_for(channel="WEB", address=name, at=AT)
        incident, _ = open_report(
            ReportIn(
                contact=contact,
                channel="WEB",
                kind="GATHERING",
                text=f"คำของ {name}",
                reporter={"phone": "1"},
            ),
            at=AT,
            by="reporter",
            place=place_at(13.75, 100.5, source="GPS"),
            exercise=exercise,
        )
        incident = lock(incident.pk)
        message = hear(incident=incident, contact=contact, type="IMAGE", text=None, said_at=AT, at=AT)
        message.media = keep_file(subject_id=contact.subject_id, data=b"picture", about={"type": "x"}, at=AT)
        message.save()
        if ended_after is not None:
            cancel(incident, at=AT + ended_after, by="staff:x")
    return incident


def words(incident: Incident) -> str | None:
    return reveal(Report.objects.select_related("text").get(incident=incident).text)


def test_every_rule_has_a_reason_in_the_catalogue_and_functions_that_exist(town: Town) -> None:
    from esshelpme.words import has

    for rule in RULES:
        assert has(f"retention.{rule.code}")
        assert has(f"retention.{rule.code}_why")
    assert due(AT) == []


def test_pictures_go_first_then_the_words_then_the_person() -> None:
    incident = incident_of("a")
    enforce(AT + 364 * DAY)
    assert Content.objects.filter(removed_at__isnull=True, kind="MEDIA").count() == 1
    assert enforce(AT + 366 * DAY) == {"MEDIA": 1}
    assert words(incident) == "คำของ a"
    removed = enforce(AT + 731 * DAY)
    assert removed["WORDS"] >= 3
    assert removed["PEOPLE"] == 1
    assert words(incident) is None
    assert not Content.objects.filter(removed_at__isnull=True).exists()
    assert Subject.objects.get().erased_at is not None
    incident.refresh_from_db()
    assert verify(incident) is None
    assert enforce(AT + 732 * DAY) == {}


def test_what_belongs_to_an_open_incident_stays_however_old() -> None:
    incident = incident_of("open", ended_after=None)
    enforce(AT + 3650 * DAY)
    assert words(incident) == "คำของ open"
    assert Message.objects.get(media__isnull=False).media.removed_at is None  # type: ignore[union-attr]


def test_the_period_begins_when_the_incident_ends() -> None:
    incident = incident_of("late", ended_after=400 * DAY)
    enforce(AT + 1100 * DAY)
    assert words(incident) == "คำของ late"
    enforce(AT + 1131 * DAY)
    assert words(incident) is None


def test_exercises_are_forgotten_soon() -> None:
    exercise, real = incident_of("ex", exercise=True), incident_of("real")
    assert enforce(AT + 31 * DAY)["EXERCISES"] >= 3
    assert words(exercise) is None
    assert words(real) == "คำของ real"


def test_greetings_that_became_nothing_go_after_ninety_days() -> None:
    contact = contact_for(channel="LINE", address="U1", at=AT)
    hear(incident=None, contact=contact, type="TEXT", text="สวัสดี", said_at=AT, at=AT)
    assert enforce(AT + 89 * DAY) == {}
    assert enforce(AT + 91 * DAY) == {"INBOX": 1}


def test_who_has_a_reason_keeps_a_person(settings: pytest.FixtureRequest) -> None:
    incident = incident_of("held")
    settings.RETENTION_HOLDS = ["esshelpme.privacy.tests.test_retention.everybody"]  # type: ignore[attr-defined]
    enforce(AT + 3650 * DAY)
    assert words(incident) == "คำของ held"


def everybody() -> list[int]:
    return list(Subject.objects.values_list("pk", flat=True))


def test_a_deployment_sets_its_own_periods(settings: pytest.FixtureRequest) -> None:
    incident = incident_of("short")
    settings.RETENTION_DAYS = {"WORDS": 10, "MEDIA": None}  # type: ignore[attr-defined]
    enforce(AT + 11 * DAY)
    assert words(incident) is None
    assert Content.objects.filter(kind="MEDIA", removed_at__isnull=True).exists()


def test_nothing_names_a_line_user_after_ninety_days_without_a_reason() -> None:
    from esshelpme.intake.models import InboundEvent
    from esshelpme.outbox.models import OutboundMessage
    from esshelpme.outbox.send import put

    common = {"person": "U1", "type": "message", "said_at": AT, "received_at": AT, "next_try_at": AT}
    InboundEvent.objects.create(event_id="done", state=InboundEvent.State.DONE, **common)
    InboundEvent.objects.create(
        event_id="aside", state=InboundEvent.State.SET_ASIDE, sealed=b"words", **common
    )
    InboundEvent.objects.create(event_id="waits", state=InboundEvent.State.WAITING, sealed=b"words", **common)
    for _ in range(2):
        put(recipient="U1", messages=[{"type": "text", "text": "x"}], what="info", at=AT)
    sent = OutboundMessage.objects.order_by("pk")[0]
    OutboundMessage.objects.filter(pk=sent.pk).update(state=OutboundMessage.State.UNDELIVERED)
    assert enforce(AT + 8 * DAY) == {"UNDELIVERED": 1}
    assert enforce(AT + 31 * DAY) == {"RAW_EVENTS": 1}
    assert enforce(AT + 91 * DAY) == {"DONE_EVENTS": 2, "SENT": 1}
    # What has not been understood or sent yet is never over.
    assert InboundEvent.objects.get().event_id == "waits"
    assert OutboundMessage.objects.count() == 1


def test_the_command_can_only_look(capsys: pytest.CaptureFixture[str]) -> None:
    incident_of("b")
    call_command("enforce_retention", "--dry-run")
    assert not Content.objects.filter(removed_because="RETENTION").exists()
    call_command("enforce_retention")
