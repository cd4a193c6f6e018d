"""A call-taker reads the inbox and sees that somebody needs help: an incident is opened for them, over their LINE."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from esshelpme.contacts.models import Contact
from esshelpme.incidents import inbox
from esshelpme.incidents.changes import lock
from esshelpme.incidents.messages import join_inbox
from esshelpme.incidents.models import Incident
from esshelpme.incidents.opening import ReportIn
from esshelpme.incidents.place import Place
from esshelpme.incidents.states import OPEN
from esshelpme.incidents.tell import location_button, tell
from esshelpme.intake.models import Conversation
from esshelpme.intake.reporting import INBOX_JOINS, open_report
from esshelpme.intake.work import LOCK_CLASS
from esshelpme.platform.writing import writing
from esshelpme.words import say


def open_for(
    contact: Contact,
    *,
    kind: str,
    place: Place | None,
    at: datetime,
    by: str,
    dangers: Iterable[str] = (),
) -> tuple[Incident, bool]:
    """Open an incident for a person of the inbox, as if they had pressed the button; what they said joins it.

    Dispatch begins at once where the place is known; otherwise the person is asked for it. Returns the incident and
    whether it is new: somebody who has an open one keeps it, however often this is pressed.
    """
    with writing():
        _hold(contact.address)
        since = _since(contact, at=at)
        standing = (
            Incident.objects.filter(contact=contact, status__in=[s.value for s in OPEN])
            .order_by("-created_at")
            .first()
        )
        if standing is not None:
            incident = lock(standing.pk)
            join_inbox(incident, contact, since=since, at=at)
            return incident, False
        incident, _ = open_report(
            ReportIn(contact=contact, channel=contact.channel, kind=kind),
            at=at,
            by=by,
            place=place,
            dangers=dangers,
        )
        _later_messages_join(contact, incident)
        join_inbox(incident, contact, since=since, at=at)
        if place is None:
            words = say("quiet.place" if incident.discreet else "ask.place", contact.language)
            quick = [location_button(incident, contact.language)]
            tell(incident, "words", at=at, quick=quick, only=contact, words=words)
        else:
            abroad = incident.place_flag == "ABROAD"
            tell(incident, "received_abroad" if abroad else "received", at=at, only=contact)
        return incident, True


def _later_messages_join(contact: Contact, incident: Incident) -> None:
    Conversation.objects.update_or_create(
        contact=contact,
        defaults={"incident": incident, "step": Conversation.Step.IDLE, "for_other": False},
    )


def _since(contact: Contact, *, at: datetime) -> datetime:
    """From when on the inbox belongs to the incident: the oldest unseen message, or half an hour ago."""
    oldest = (
        inbox.unseen().filter(contact=contact).order_by("pk").values_list("received_at", flat=True).first()
    )
    recent = at - INBOX_JOINS
    return min(oldest, recent) if oldest is not None else recent


def _hold(person: str) -> None:
    """Wait for the worker that turns this person's events into steps, and hold the person meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_CLASS, person])
