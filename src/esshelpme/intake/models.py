"""What arrived, before it is understood; and where each conversation stands."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from esshelpme.contacts.models import Contact
from esshelpme.incidents.models import Incident, Message


class InboundEvent(models.Model):
    """One webhook event as it came, stored before it was acknowledged.

    `sealed` is the event's JSON under the installation's key; it is emptied once the event has become a step, since
    its words then live under the person's own key. What cannot be understood stays, for staff.
    """

    class State(models.IntegerChoices):
        WAITING = 0
        DONE = 1
        SET_ASIDE = 2
        SKIPPED = 3

    event_id = models.CharField(max_length=64, unique=True)
    # Whom it is in order with: the LINE user, else the group or room, else nobody.
    person = models.CharField(max_length=64)
    type = models.CharField(max_length=30)
    # LINE's own message id, so that "unsend" finds what it takes back even here.
    message_id = models.CharField(max_length=60, blank=True, default="")
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()
    redelivered = models.BooleanField(default=False)
    sealed = models.BinaryField(null=True)
    state = models.SmallIntegerField(choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True, default="")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(state=0), name="inbound_waiting"),
            models.Index(fields=["person", "said_at", "id"], condition=Q(state=0), name="inbound_in_order"),
            models.Index(fields=["received_at"], condition=Q(state__in=[2, 3]), name="inbound_set_aside"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="inbound_by_message"),
        ]


class Conversation(models.Model):
    """Where one person's conversation stands."""

    class Step(models.TextChoices):
        IDLE = "IDLE"
        KIND = "KIND"  # asked what is happening

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE)
    step = models.CharField(max_length=8, choices=Step.choices, default=Step.IDLE)
    step_at = models.DateTimeField(null=True)
    # The incident that messages join.
    incident = models.ForeignKey(Incident, on_delete=models.SET_NULL, null=True)
    # "Somebody else is in danger" was pressed: the next report opens a second, linked incident.
    for_other = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True)
    window_from = models.DateTimeField(null=True)
    window_count = models.PositiveIntegerField(default=0)


class TakenBack(models.Model):
    """A message the person unsent. It may come before the message itself: what comes late is dropped."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    channel_message_id = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "channel_message_id"], name="taken_back_once")
        ]


class MediaToFetch(models.Model):
    """Media that LINE holds for a while and we must copy at once."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE)
    channel_message_id = models.CharField(max_length=60)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(done_at__isnull=True), name="media_waiting")
        ]
