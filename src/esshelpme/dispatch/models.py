"""Who goes, by when: needs, offers and assignments, telephone call tasks, alarms, deadlines."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from esshelpme.directory.codes import AGENCY_TYPES
from esshelpme.directory.models import Member, Unit
from esshelpme.dispatch.states import (
    LIVE,
    AlarmLevel,
    AssignmentStatus,
    DeadlineKind,
    NeedStatus,
)
from esshelpme.incidents.models import Incident


class Need(models.Model):
    """One type of agency an incident needs. The first accept wins it, by one conditional UPDATE on `holder`.

    `number` 1 is the need itself; 2 and more are backup asked for by who is there.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="needs")
    agency_type = models.CharField(max_length=12, choices=[(t, t) for t in AGENCY_TYPES])
    number = models.PositiveSmallIntegerField(default=1)
    lead = models.BooleanField(default=False)
    status = models.CharField(max_length=12, default=NeedStatus.OPEN)
    holder = models.OneToOneField("Assignment", on_delete=models.PROTECT, null=True, related_name="held_need")
    ring = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "agency_type", "number"], name="need_once_per_incident"
            ),
            models.UniqueConstraint(fields=["incident"], condition=Q(lead=True), name="one_leading_need"),
        ]


class Assignment(models.Model):
    """A need offered to a unit, and what became of it."""

    code = models.CharField(max_length=8, unique=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="assignments")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assignments")
    status = models.CharField(max_length=10, default=AssignmentStatus.OFFERED)
    via = models.CharField(max_length=8, default="LINE")  # LINE, PHONE, CONSOLE, API
    external_ref = models.CharField(max_length=100, blank=True, default="")
    ring = models.PositiveSmallIntegerField(default=1)
    distance_km = models.FloatField(null=True)
    reasons = ArrayField(models.CharField(max_length=40), default=list)
    offered_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True)
    en_route_at = models.DateTimeField(null=True)
    on_scene_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need", "unit"],
                condition=Q(status__in=[s.value for s in LIVE]),
                name="unit_once_per_need",
            )
        ]
        indexes = [
            models.Index(fields=["incident"], name="assignment_by_incident"),
            models.Index(
                fields=["unit"], condition=Q(status__in=[s.value for s in LIVE]), name="assignment_live"
            ),
            models.Index(
                fields=["accepted_by"],
                condition=Q(status__in=["ACCEPTED", "EN_ROUTE", "ON_SCENE"]),
                name="assignment_of_member",
            ),
        ]


class OfferRecipient(models.Model):
    """A member to whom an offer was pushed, and their answer."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="recipients")
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    line_user_id = models.CharField(max_length=40)
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assignment", "member"], name="member_once_per_offer")]


class CallTask(models.Model):
    """Somebody at the centre must telephone: whom, why, and what came of it."""

    class Status(models.TextChoices):
        OPEN = "OPEN"
        DONE = "DONE"
        DROPPED = "DROPPED"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="call_tasks")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, null=True, related_name="call_tasks")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True)
    # ASK_PLACE asks the reporter in the chat; the others are numbers to call.
    reason = models.CharField(max_length=30)
    target = models.CharField(max_length=200)
    phone = models.CharField(max_length=30, blank=True, default="")
    # Where in the list of numbers this is: the next one follows when nobody answers.
    step = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    outcome = models.CharField(max_length=20, blank=True, default="")
    answered_by = models.CharField(max_length=100, blank=True, default="")
    external_ref = models.CharField(max_length=100, blank=True, default="")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need"],
                condition=Q(status="OPEN", need__isnull=False),
                name="one_open_call_task_per_need",
            )
        ]
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(status="OPEN"), name="call_task_open"),
            models.Index(fields=["incident"], name="call_task_by_incident"),
        ]


class Alarm(models.Model):
    """Something a person at the centre must see and acknowledge. Without an incident: about the system itself."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="alarms")
    level = models.CharField(max_length=10, choices=[(a.value, a.value) for a in AlarmLevel])
    reason = models.CharField(max_length=30)
    detail = models.CharField(max_length=200, blank=True, default="")
    # The timeline step that raised it: `acknowledge {seq}` names it.
    seq = models.PositiveIntegerField(null=True)
    raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["raised_at"], condition=Q(acknowledged_at__isnull=True), name="alarm_standing"
            ),
            models.Index(fields=["incident"], name="alarm_by_incident"),
        ]


class Deadline(models.Model):
    """What must be looked at by when. Written with the state it belongs to; the clock process runs what is due.

    One row for each kind, incident and need: a new time takes the place of the one before.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="deadlines")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, null=True)
    kind = models.CharField(max_length=20, choices=[(d.value, d.value) for d in DeadlineKind])
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "need", "kind"], nulls_distinct=False, name="one_deadline_of_a_kind"
            )
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(done_at__isnull=True), name="deadline_due"),
        ]
