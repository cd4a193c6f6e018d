"""What is happening: incidents, the reports that join them, what was said, and the timeline that never changes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from esshelpme.contacts.models import Contact
from esshelpme.incidents.states import OPEN, Disposition, Kind, Status
from esshelpme.platform.ids import show_ref
from esshelpme.privacy.models import Content


class Incident(models.Model):
    """An incident. Where exactly it is lies in `place` (sealed); the row holds areas and a coarse cell only."""

    ref = models.CharField(max_length=8, unique=True)
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in Kind])
    topic = models.CharField(max_length=20, blank=True, default="")
    status = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Status], default=Status.NEW)
    disposition = models.CharField(
        max_length=12, choices=[(d.value, d.value) for d in Disposition], null=True, blank=True
    )
    channel = models.CharField(max_length=8)
    # 1 highest … 5 lowest, with the reasons that led to it.
    priority = models.PositiveSmallIntegerField(default=3)
    priority_reasons = ArrayField(models.CharField(max_length=40), default=list)
    priority_by = models.CharField(max_length=120, blank=True, default="")
    discreet = models.BooleanField(default=True)
    exercise = models.BooleanField(default=False)
    dangers = ArrayField(models.CharField(max_length=10), default=list, blank=True)

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True)
    witness = models.BooleanField(default=False)
    safe_to_call = models.BooleanField(default=False)
    linked_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="linked")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")

    place = models.ForeignKey(Content, on_delete=models.PROTECT, null=True)
    place_source = models.CharField(max_length=6, blank=True, default="")
    place_accuracy_m = models.FloatField(null=True)
    place_said_at = models.DateTimeField(null=True)
    # SEA, ABROAD or BORDER (within 3 km of it); empty for an ordinary place.
    place_flag = models.CharField(max_length=8, blank=True, default="")
    place_ambiguous = models.BooleanField(default=False)
    province = models.CharField(max_length=2, blank=True, default="")
    district = models.CharField(max_length=4, blank=True, default="")
    subdistrict = models.CharField(max_length=6, blank=True, default="")
    # H3 cell of resolution 7 (about 5 km²): near enough to propose duplicates, too coarse to find a house.
    cell = models.CharField(max_length=16, blank=True, default="")

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    on_scene_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    said_safe_at = models.DateTimeField(null=True)
    safe_to_contact = models.BooleanField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)

    timeline_length = models.PositiveIntegerField(default=0)
    timeline_head = models.BinaryField(default=bytes)

    class Meta:
        constraints = [
            # A reporter has one open incident at a time; a second one is linked ("somebody else is in danger").
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(
                    status__in=[s.value for s in OPEN], linked_to__isnull=True, contact__isnull=False
                ),
                name="one_open_incident_per_reporter",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, disposition__isnull=False) | ~Q(status=Status.CLOSED),
                name="closed_with_a_disposition",
            ),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=5), name="priority_1_to_5"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="incident_newest"),
            models.Index(
                fields=["priority", "created_at"],
                condition=Q(status__in=[*(s.value for s in OPEN), Status.RESOLVED.value]),
                name="incident_board",
            ),
            models.Index(fields=["cell", "created_at"], condition=~Q(cell=""), name="incident_cell_time"),
            models.Index(fields=["contact", "-created_at"], name="incident_by_contact"),
            models.Index(fields=["province", "-created_at"], name="incident_by_province"),
            models.Index(fields=["status", "-created_at", "-id"], name="incident_by_status"),
            models.Index(fields=["kind", "-created_at", "-id"], name="incident_by_kind"),
        ]

    def __str__(self) -> str:
        return show_ref(self.ref)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class Report(models.Model):
    """What one person told us when they called for help. Several reports may join one incident."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="reports")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True)
    channel = models.CharField(max_length=8)
    kind = models.CharField(max_length=12)
    topic = models.CharField(max_length=20, blank=True, default="")
    text = models.ForeignKey(Content, on_delete=models.PROTECT, null=True, related_name="+")
    reporter = models.ForeignKey(Content, on_delete=models.PROTECT, null=True, related_name="+")
    witness = models.BooleanField(default=False)
    safe_to_call = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    # Idempotency of programs: the same id from the same token is the same report.
    token_id = models.BigIntegerField(null=True)
    external_id = models.CharField(max_length=200, null=True)
    # The reporter's own status page, /t/SECRET; only its digest is kept.
    status_digest = models.CharField(max_length=64, null=True, unique=True)
    # The placement through which the person found us, when known.
    source_code = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token_id", "external_id"],
                condition=Q(external_id__isnull=False),
                nulls_distinct=False,
                name="report_once_per_external_id",
            )
        ]


class Message(models.Model):
    """One thing said in a conversation, either way. Without an incident it waits in the centre's inbox."""

    class Direction(models.TextChoices):
        IN = "IN"
        OUT = "OUT"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="messages")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    # TEXT, IMAGE, VIDEO, AUDIO, FILE, STICKER, LOCATION, BUTTON, OTHER
    type = models.CharField(max_length=10)
    content = models.ForeignKey(Content, on_delete=models.PROTECT, null=True, related_name="+")
    media = models.ForeignKey(Content, on_delete=models.PROTECT, null=True, related_name="+")
    channel_message_id = models.CharField(max_length=60, blank=True, default="")
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()
    by = models.CharField(max_length=120)
    # Staff who have seen it; an unseen message of a reporter shows on the board.
    seen_at = models.DateTimeField(null=True)
    undelivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["incident", "id"], name="message_by_incident"),
            models.Index(
                fields=["channel_message_id"],
                condition=~Q(channel_message_id=""),
                name="message_by_channel_id",
            ),
            models.Index(
                fields=["received_at"],
                condition=Q(incident__isnull=True, direction="IN", seen_at__isnull=True),
                name="message_inbox",
            ),
            models.Index(
                fields=["incident"],
                condition=Q(direction="IN", seen_at__isnull=True),
                name="message_unseen",
            ),
        ]


class TimelineEvent(models.Model):
    """One step of an incident. Append-only by a database trigger; gap-free; each row seals the one before.

    `data` holds codes, ids and salted digests, never words. `tx` orders the live feed: a reader who takes only
    rows of transactions older than the oldest still running misses none (`pg_snapshot_xmin`).
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    type = models.CharField(max_length=30)
    actor = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "seq"], name="timeline_gap_free")]
        indexes = [
            models.Index(
                fields=["-id"],
                condition=Q(type__in=["HANDED_OVER", "TRANSFER_RECEIVED"]),
                name="timeline_transfers",
            )
        ]
