"""What of incidents is over: words, places, persons, media, and people long gone. Found here, removed by `privacy`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from esshelpme.contacts.models import Contact
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.incidents.states import ENDED
from esshelpme.privacy.content import erase_subject
from esshelpme.privacy.models import Content
from esshelpme.privacy.retention import held_subjects

# A picture or sticker sent shortly before the report belongs to it.
BEFORE_REPORT = timedelta(minutes=30)
GONE = "erased:"


def words_of_ended(*, before: datetime, most: int) -> list[int]:
    """Texts, places, names and numbers given for incidents that ended before then."""
    return _ids(_of_ended(before).exclude(kind=Content.Kind.MEDIA), most)


def media_of_ended(*, before: datetime, most: int) -> list[int]:
    """Pictures, voices and videos given for incidents that ended before then."""
    return _ids(_of_ended(before).filter(kind=Content.Kind.MEDIA), most)


def inbox(*, before: datetime, most: int) -> list[int]:
    """What was said without an incident and joined none."""
    rows = Message.objects.filter(incident__isnull=True, received_at__lt=before)
    kept = Content.objects.filter(removed_at__isnull=True).exclude(subject_id__in=held_subjects())
    return _ids(kept.filter(Q(pk__in=rows.values("content")) | Q(pk__in=rows.values("media"))), most)


def words_of_exercises(*, before: datetime, most: int) -> list[int]:
    """What was said in exercises."""
    exercises = Incident.objects.filter(exercise=True, created_at__lt=before)
    messages = Message.objects.filter(incident__in=exercises)
    reports = Report.objects.filter(incident__in=exercises)
    kept = Content.objects.filter(removed_at__isnull=True)
    return _ids(
        kept.filter(
            Q(pk__in=messages.values("content"))
            | Q(pk__in=messages.values("media"))
            | Q(pk__in=reports.values("text"))
            | Q(pk__in=reports.values("reporter"))
            | Q(pk__in=exercises.values("place"))
        ),
        most,
    )


def people_long_gone(*, before: datetime, most: int) -> list[int]:
    """Contacts not heard since then, without an incident that is open or ended later."""
    recent = _incidents_of(OuterRef("pk")).filter(~Q(status__in=ENDED) | Q(closed_at__gte=before))
    rows = (
        Contact.objects.filter(
            Q(last_heard_at__lt=before) | Q(last_heard_at__isnull=True), created_at__lt=before
        )
        .exclude(address__startswith=GONE)
        .exclude(subject_id__in=held_subjects())
        .filter(~Exists(recent))
        .order_by("pk")
    )
    return list(rows.values_list("pk", flat=True)[:most])


def forget_people(ids: Sequence[int], *, at: datetime) -> None:
    """Destroy the person's key and their address; the incident stays, of nobody."""
    for contact in Contact.objects.select_for_update().filter(pk__in=ids):
        erase_subject(contact.subject_id, because="RETENTION", at=at)
        contact.address = f"{GONE}{contact.pk}"
        contact.save(update_fields=["address"])


def _of_ended(before: datetime) -> QuerySet[Content]:
    """Contents older than `before` of people who reported, but those that belong to an incident still alive then."""
    alive = Incident.objects.filter(~Q(status__in=ENDED) | Q(closed_at__gte=before)).filter(
        Q(contact__subject=OuterRef("subject")) | Q(reports__contact__subject=OuterRef("subject")),
        created_at__lte=OuterRef("created_at") + BEFORE_REPORT,
    )
    return (
        Content.objects.filter(removed_at__isnull=True, created_at__lt=before)
        .exclude(subject_id__in=held_subjects())
        .filter(~Exists(alive))
    )


def _incidents_of(contact: OuterRef) -> QuerySet[Incident]:
    return Incident.objects.filter(Q(contact=contact) | Q(reports__contact=contact))


def _ids(rows: QuerySet[Content], most: int) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])
