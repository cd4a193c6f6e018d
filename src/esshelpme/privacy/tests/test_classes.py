"""Every stored field has said what it tells about a person, and no word of anybody lies in the clear."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import BinaryField, Field, ForeignKey, Model

from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import contact_for
from esshelpme.directory.models import Member
from esshelpme.incidents.opening import ReportIn
from esshelpme.intake.reporting import open_report
from esshelpme.intake.tests.post import event_of, queued
from esshelpme.intake.tests.stage import Stage
from esshelpme.privacy.classes import CLASSES, Privacy
from esshelpme.privacy.models import Content

SECRETS = ("ZQXmarigold", "ZQXtulip", "ZQXlily", "ZQX0819999999")


def models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("esshelpme.")]


def fields() -> Iterator[tuple[str, Field]]:  # type: ignore[type-arg]
    for model in models():
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            yield model._meta.label, field


def test_every_field_has_a_class() -> None:
    missing = [
        f"{label}.{field.name}" for label, field in fields() if field.name not in CLASSES.get(label, {})
    ]
    assert missing == [], "say in privacy/classes.py what these tell about a person"


def test_the_table_names_nothing_that_is_gone() -> None:
    there = {(label, field.name) for label, field in fields()}
    assert [key for key in ((m, f) for m in CLASSES for f in CLASSES[m]) if key not in there] == []


def test_what_is_sealed_is_bytes_or_a_content() -> None:
    for label, field in fields():
        if CLASSES.get(label, {}).get(field.name) is Privacy.SEALED:
            content = isinstance(field, ForeignKey) and field.related_model is Content
            assert content or isinstance(field, BinaryField), f"{label}.{field.name}"


def test_what_leads_to_contents_is_sealed() -> None:
    for label, field in fields():
        if isinstance(field, ForeignKey) and field.related_model is Content:
            assert CLASSES[label][field.name] is Privacy.SEALED, f"{label}.{field.name}"


@pytest.mark.django_db
def test_after_a_whole_story_no_words_lie_in_the_clear_and_addresses_only_where_the_table_says() -> None:
    stage = Stage()
    stage.unit("POL", "POLICE")
    flower, tulip, lily, phone = SECRETS
    stage.say("U-zqxperson", f"ช่วยด้วย เขามีมีด {flower}")
    stage.press("U-zqxperson", "a=kind&v=ASSAULT")
    stage.send("U-zqxperson", "location", latitude=13.729, longitude=100.524, title=tulip, address=tulip)
    stage.say("U-zqxperson", flower)
    told = [told for told in stage.told("U-POL-A") if told.has("accept")]
    stage.press("U-POL-A", told[0].data("accept"))
    stage.say("U-POL-A", f"note {lily}")
    stage.staff(stage.incident, "note", text=lily)
    stage.staff(stage.incident, "message", text=lily)
    queued(event_of("U-zqxperson", flower))
    open_report(
        ReportIn(
            contact=contact_for(channel=Contact.Channel.PHONE, address="1", at=stage.at),
            channel="PHONE",
            kind="ASSAULT",
            text=flower,
            reporter={"name": tulip, "phone": phone},
        ),
        at=stage.at,
        by="staff:narin",
    )
    assert Member.objects.exists()

    for table, label in ((model._meta.db_table, model._meta.label) for model in models()):
        for word in SECRETS:
            assert not _rows(table, word), f"{word} lies in the clear in {label}"
    for label, field in fields():
        column = None if field.many_to_many else field.column
        if column and _cells(apps.get_model(label)._meta.db_table, column, "zqxperson"):
            assert CLASSES[label][field.name] is Privacy.PSEUDONYM, (
                f"{label}.{field.name} holds a person's address"
            )


def _rows(table: str, word: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s OR t::text ILIKE %s",  # a table of ours
            [f"%{word}%", f"%{word.encode().hex()}%"],
        )
        return int(cursor.fetchone()[0])


def _cells(table: str, column: str, word: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM {table} WHERE "{column}"::text ILIKE %s', [f"%{word}%"])
        return int(cursor.fetchone()[0])
