"""The people we talk with, by channel: how to reach them, in which language, and whether they blocked us."""

from __future__ import annotations

from django.db import models

from esshelpme.privacy.models import Subject


class Contact(models.Model):
    """One person on one channel (LINE user id, web session, telephone number, partner's id)."""

    class Channel(models.TextChoices):
        LINE = "LINE"
        WEB = "WEB"
        PHONE = "PHONE"
        API = "API"

    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(max_length=80)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT)
    language = models.CharField(max_length=8, default="th")
    # DEFAULT, TEXT (guessed from what they wrote), PROFILE (LINE's), PERSON (chosen: never overwritten).
    language_from = models.CharField(max_length=8, default="DEFAULT")
    # When LINE was asked for the profile; null while it was not.
    profile_at = models.DateTimeField(null=True)
    blocked_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True)
    # To the day: what is kept of people who never come back is forgotten by it.
    last_heard_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "address"], name="contact_once_per_channel")
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(channel="LINE", profile_at=None),
                name="contact_without_profile",
            )
        ]
