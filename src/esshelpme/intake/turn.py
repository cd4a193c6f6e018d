"""One turn of a conversation: the person, where they stand, and the one free answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import contact_for, heard_from
from esshelpme.dispatch.models import Assignment
from esshelpme.dispatch.states import ACTIVE
from esshelpme.incidents.changes import lock
from esshelpme.incidents.models import Incident, Report
from esshelpme.incidents.states import OPEN
from esshelpme.intake.heard import Heard
from esshelpme.intake.meaning import Situation
from esshelpme.intake.models import Conversation
from esshelpme.outbox.line_messages import Message
from esshelpme.outbox.send import ReplyToken, put
from esshelpme.platform.ids import read_ref

# After that long, "what is happening?" is no longer the question a text answers.
QUESTION_STANDS = timedelta(hours=2)
AFTER_THE_END = timedelta(hours=24)


@dataclass(slots=True)
class Turn:
    """What a step works with. `incident`, when there is one, is locked."""

    heard: Heard
    contact: Contact
    conversation: Conversation
    incident: Incident | None
    task: Assignment | None
    at: datetime
    reply: ReplyToken | None

    @property
    def language(self) -> str:
        return self.contact.language

    def take_reply(self) -> ReplyToken | None:
        """The reply token, once: a second answer of the same turn goes by push."""
        token, self.reply = self.reply, None
        return token

    def situation(self) -> Situation:
        asked = self.conversation
        fresh = asked.step_at is not None and self.at - asked.step_at <= QUESTION_STANDS
        return Situation(
            has_open=self.incident is not None,
            lacks_place=self.incident is not None and self.incident.place_id is None,
            lacks_kind=self.incident is not None and self.incident.kind == "UNKNOWN",
            asked_kind=asked.step == Conversation.Step.KIND and fresh,
            for_other=asked.for_other and fresh,
            has_task=self.task is not None,
        )

    def answer(self, messages: Sequence[Message], what: str, *, silent: bool = False) -> None:
        """Say something that belongs to no incident: without a sound while a discreet one is open, or when asked to."""
        put(
            recipient=self.contact.address,
            messages=messages,
            what=what,
            at=self.at,
            reply=self.take_reply(),
            silent=silent or (self.incident is not None and self.incident.discreet),
        )

    def step(self, step: Conversation.Step, *, for_other: bool = False) -> None:
        self.conversation.step, self.conversation.step_at = step, self.at
        self.conversation.for_other = for_other
        self.conversation.save(update_fields=["step", "step_at", "for_other"])

    def joined(self, incident: Incident) -> None:
        """From now on messages join this incident."""
        self.incident = incident
        self.conversation.incident = incident
        self.conversation.step, self.conversation.for_other = Conversation.Step.IDLE, False
        self.conversation.save(update_fields=["incident", "step", "for_other"])


def conversation_of(line_user_id: str, *, at: datetime) -> Conversation:
    """The person's conversation, begun at the first sight of them. The worker holds the person meanwhile."""
    found = (
        Conversation.objects.select_related("contact")
        .filter(contact__channel=Contact.Channel.LINE, contact__address=line_user_id)
        .first()
    )
    if found is not None:
        heard_from(found.contact, at=at)
        return found
    contact = contact_for(channel=Contact.Channel.LINE, address=line_user_id, at=at)
    return Conversation.objects.create(contact=contact)


def current_incident(conversation: Conversation) -> Incident | None:
    """The open incident that messages join, locked; a merged one leads to the one it joined."""
    if conversation.incident_id is None:
        return None
    incident = lock(conversation.incident_id)
    while incident.merged_into_id is not None:
        incident = lock(incident.merged_into_id)
    if incident.status in OPEN:
        return incident
    # The latest has ended: an earlier one of the same person may still be open.
    other = (
        Incident.objects.filter(contact_id=conversation.contact_id, status__in=OPEN)
        .order_by("-created_at")
        .values_list("pk", flat=True)
        .first()
    )
    return lock(other) if other is not None else None


def just_ended(conversation: Conversation, *, at: datetime) -> Incident | None:
    """The person's latest incident, when it ended within a day; locked. Words that follow belong to it."""
    if conversation.incident_id is None:
        return None
    incident = lock(conversation.incident_id)
    ended = incident.closed_at or incident.resolved_at
    return incident if ended is not None and at - ended <= AFTER_THE_END else None


def own_incident(turn: Turn, ref: str) -> Incident | None:
    """The incident a button names, if this person reported it; locked."""
    stored = read_ref(ref or "")
    if stored is None:
        return None
    found = Incident.objects.filter(ref=stored).first()
    if found is None:
        return None
    mine = (
        found.contact_id == turn.contact.pk
        or Report.objects.filter(incident=found, contact=turn.contact).exists()
    )
    if not mine and found.merged_into_id is None:
        return None
    incident = lock(found.pk)
    if incident.merged_into_id is not None:
        incident = lock(incident.merged_into_id)
        mine = mine or Report.objects.filter(incident=incident, contact=turn.contact).exists()
    return incident if mine else None


def task_of(line_user_id: str) -> Assignment | None:
    """The latest accepted assignment of the member behind a LINE account."""
    return (
        Assignment.objects.filter(
            accepted_by__line_user_id=line_user_id, status__in=[status.value for status in ACTIVE]
        )
        .select_related("incident", "accepted_by")
        .order_by("-accepted_at")
        .first()
    )
