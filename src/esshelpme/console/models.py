"""What the console itself keeps: who has which page open, and shifts handed over."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from esshelpme.access.models import Account
from esshelpme.incidents.models import Incident


class Presence(models.Model):
    """An account with an incident's page open; `at` is its last sign of life. Old rows are overwritten or ignored."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    at = models.DateTimeField()
    writing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "account"], name="presence_once")]


class ShiftHandover(models.Model):
    """One shift handed to the next, signed by both. Append-only but for the second signature.

    `snapshot` holds references, codes and counts, never words about people; the free text is sealed under the
    installation's key and emptied when its time is over (privacy.retention, HANDOVERS).
    """

    nonce = models.CharField(max_length=64, unique=True)
    # The areas of the outgoing person: who may read it. Empty: the whole country.
    areas = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    snapshot = models.JSONField()
    sealed_note = models.BinaryField(null=True)
    outgoing = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="shifts_handed_over")
    outgoing_signed_at = models.DateTimeField()
    incoming = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, related_name="shifts_taken_over"
    )
    incoming_signed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-outgoing_signed_at"], name="handover_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(incoming__isnull=True, incoming_signed_at__isnull=True)
                | models.Q(incoming__isnull=False, incoming_signed_at__isnull=False),
                name="handover_signed_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(incoming__isnull=True) | ~models.Q(incoming=models.F("outgoing")),
                name="handover_by_two_people",
            ),
        ]
