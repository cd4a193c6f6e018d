"""What has to be sent, written in the same transaction as the change it tells of. A sender delivers it later."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class OutboundMessage(models.Model):
    """One call of LINE's reply or push (at most five message objects), to one recipient.

    `sealed` is the body's `messages`, sealed under the installation's key and emptied once delivered. The retry
    key stays the same over all tries, so that LINE shows the message once.
    """

    class State(models.IntegerChoices):
        WAITING = 0
        SENDING = 1
        SENT = 2
        UNDELIVERED = 3

    recipient = models.CharField(max_length=40)
    # What it tells, as a code of the catalogue ("loud.received", "offer"): for staff and statistics, not words.
    what = models.CharField(max_length=40)
    sealed = models.BinaryField(null=True)
    silent = models.BooleanField(default=False)
    reply_token = models.CharField(max_length=80, blank=True, default="")
    reply_until = models.DateTimeField(null=True)
    retry_key = models.UUIDField(unique=True)
    state = models.SmallIntegerField(choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True, default="")
    # The incident it belongs to and its message there, for the note when it cannot be delivered.
    incident_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    # The assignment whose offer this is, for another way to reach the officer.
    assignment_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at", "id"], condition=Q(state=0), name="outbox_waiting"),
            models.Index(fields=["recipient", "id"], condition=Q(state__in=[0, 1]), name="outbox_order"),
        ]
