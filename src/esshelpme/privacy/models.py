"""What people said, and the keys under which it is kept.

A person is a `Subject` with a key of their own; everything personal they gave us is a `Content` sealed under that
key. Other rooms hold only ids of contents. Removing one content, or destroying one key, therefore erases words,
names, places and media everywhere at once, while the timelines that point at them stay whole.
"""

from __future__ import annotations

from django.db import models


class Subject(models.Model):
    """A person whose words we keep. Erasing the person is destroying the key."""

    wrapped_key = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wrapped_key__isnull=False) | models.Q(erased_at__isnull=False),
                name="subject_has_key_or_is_erased",
            )
        ]


class Content(models.Model):
    """One thing a person gave us: a text, a place, a name, a number, a picture. Sealed, removable."""

    class Kind(models.TextChoices):
        TEXT = "TEXT"
        PLACE = "PLACE"
        PERSON = "PERSON"
        MEDIA = "MEDIA"

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    sealed = models.BinaryField(null=True)
    # The salt goes with the words: without it the digest on the timeline cannot be guessed back.
    salt = models.BinaryField(null=True)
    # Media bytes lie in the media folder, sealed under the same key.
    file = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_because = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["subject"], name="content_by_subject")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True, sealed__isnull=False, salt__isnull=False)
                | models.Q(removed_at__isnull=False, sealed__isnull=True, salt__isnull=True),
                name="content_kept_whole_or_removed_whole",
            )
        ]
