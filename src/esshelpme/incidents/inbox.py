"""The centre's inbox: what people said without an incident. Answered, seen, or joined to an incident by staff.

Everything here is per person: one card for each, the one who has waited longest first, so that a flood of one
person hides nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet

from esshelpme.contacts.models import Contact
from esshelpme.incidents.models import Incident, Message
from esshelpme.incidents.states import OPEN, NotAllowed
from esshelpme.outbox.line_messages import text as line_text
from esshelpme.outbox.send import put
from esshelpme.platform.writing import writing
from esshelpme.privacy.content import keep
from esshelpme.privacy.models import Content

LONGEST_ANSWER = 1000
SHOWN_A_PERSON = 12
SENT = "inbox:"


@dataclass(frozen=True, slots=True)
class Thread:
    """One person with unseen messages, and what was said lately, oldest first."""

    contact: Contact
    first: int  # the oldest unseen message: the cursor of pages
    last: int  # the newest message shown: what "seen" means
    unseen: int
    messages: Sequence[Message]
    open_incident: Incident | None


def unseen() -> QuerySet[Message]:
    """Messages that wait for somebody at the centre (index `message_inbox`)."""
    return Message.objects.filter(
        incident__isnull=True, direction=Message.Direction.IN, seen_at__isnull=True, contact__isnull=False
    )


def count_unseen(*, most: int) -> int:
    """How many persons wait, counted up to `most`."""
    persons = unseen().order_by().values("contact_id").distinct()
    return len(persons[:most])


def threads(*, after: int = 0, most: int = 30) -> list[Thread]:
    """Persons who wait, the longest first, from the cursor `after` (a `Thread.first`) on."""
    waiting = (
        unseen()
        .values("contact_id")
        .annotate(first=Min("pk"), count=Count("pk"))
        .filter(first__gt=after)
        .order_by("first")[:most]
    )
    rows = list(waiting)
    contacts = Contact.objects.in_bulk([row["contact_id"] for row in rows])
    standing = {
        incident.contact_id: incident
        for incident in Incident.objects.filter(contact_id__in=contacts, status__in=[s.value for s in OPEN])
    }
    return [
        _thread(contacts[row["contact_id"]], row["first"], row["count"], standing.get(row["contact_id"]))
        for row in rows
    ]


def mark_seen(contact_id: int, *, upto: int, at: datetime) -> int:
    """Somebody has looked at what this person said up to message `upto`. Later ones stay unseen. Twice is once."""
    return unseen().filter(contact_id=contact_id, pk__lte=upto).update(seen_at=at)


def answer(contact_id: int, words: str, *, nonce: str, at: datetime, by: str) -> Message:
    """Write to a person over LINE, silently: nobody knows who holds the phone. The same `nonce` twice is once.

    Raises `NotAllowed` (NO_LINE, BLOCKED, HAS_INCIDENT) where the words would not reach, or belong to an incident.
    """
    with writing():
        contact = Contact.objects.select_for_update().get(pk=contact_id)
        if contact.channel != Contact.Channel.LINE:
            raise NotAllowed("NO_LINE", "the person is not on LINE")
        if contact.blocked_at is not None:
            raise NotAllowed("BLOCKED", "the person has blocked the account")
        sent_before = Message.objects.filter(
            contact=contact, channel_message_id=f"{SENT}{nonce}"[:60]
        ).first()
        if sent_before is not None:
            return sent_before
        if Incident.objects.filter(contact=contact, status__in=[s.value for s in OPEN]).exists():
            raise NotAllowed("HAS_INCIDENT", "the person has an open incident: write there")
        content = keep(subject_id=contact.subject_id, kind=Content.Kind.TEXT, value=words, at=at)
        message = Message.objects.create(
            incident=None,
            contact=contact,
            direction=Message.Direction.OUT,
            type="TEXT",
            content=content,
            channel_message_id=f"{SENT}{nonce}"[:60],
            said_at=at,
            received_at=at,
            by=by,
        )
        put(
            recipient=contact.address,
            messages=[line_text(words)],
            what="words",
            at=at,
            silent=True,
            message_id=message.pk,
        )
        return message


def _thread(contact: Contact, first: int, count: int, standing: Incident | None) -> Thread:
    rows = list(
        Message.objects.filter(contact=contact, incident__isnull=True)
        .select_related("content", "media")
        .order_by("-pk")[:SHOWN_A_PERSON]
    )[::-1]
    return Thread(contact, first, rows[-1].pk, count, rows, standing)
