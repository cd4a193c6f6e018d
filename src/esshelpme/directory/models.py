"""Who can help: agencies, their units, the units' members, and who is on duty when."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from esshelpme.directory.codes import AGENCY_TYPES, CONTACTS, MEMBER_ROLES, REACHES


def _choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


class Agency(models.Model):
    """An organisation: a ministry office, a police station, a hospital, a school, an NGO."""

    code = models.CharField(max_length=40, unique=True)
    type = models.CharField(max_length=12, choices=_choices(AGENCY_TYPES))
    name_th = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True, default="")
    duty_phone = models.CharField(max_length=30, blank=True, default="")

    class Meta:
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.code


class Unit(models.Model):
    """People who go out together, with a base, kinds of incident and capabilities.

    `agency_type` repeats the agency's type so that one index answers "the nearest POLICE".
    """

    code = models.CharField(max_length=40, unique=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="units")
    agency_type = models.CharField(max_length=12, choices=_choices(AGENCY_TYPES))
    name_th = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True, default="")
    subtype = models.CharField(max_length=30, blank=True, default="")
    lat = models.FloatField()
    lng = models.FloatField()
    radius_km = models.FloatField(default=30)
    areas = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    reach = models.CharField(max_length=8, choices=_choices(REACHES), default="ROAD")
    kinds = ArrayField(models.CharField(max_length=12), default=list)
    capabilities = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    contact = models.CharField(max_length=8, choices=_choices(CONTACTS), default="LINE")
    duty_phone = models.CharField(max_length=30, blank=True, default="")
    line_group_id = models.CharField(max_length=40, null=True, blank=True)
    on_duty = models.BooleanField(default=True)

    class Meta:
        indexes = [GinIndex(fields=["areas"], name="unit_areas")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lat__gte=-90, lat__lte=90, lng__gte=-180, lng__lte=180),
                name="unit_on_earth",
            ),
            models.CheckConstraint(condition=models.Q(radius_km__gte=0), name="unit_radius_not_negative"),
        ]

    def __str__(self) -> str:
        return self.code


class Member(models.Model):
    """A person of a unit. With a `line_user_id` they get offers on their own LINE."""

    code = models.CharField(max_length=40, unique=True)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="members")
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=30, blank=True, default="")
    line_user_id = models.CharField(max_length=40, null=True, blank=True, db_index=True)
    line_verified_at = models.DateTimeField(null=True)
    role = models.CharField(max_length=20, choices=_choices(MEMBER_ROLES), default="RESPONDER")
    authority = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.code


class LinkCode(models.Model):
    """A one-time code by which a member binds their LINE account, typed in the 1:1 chat or scanned as a QR."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Shift(models.Model):
    """When members of a unit are on duty. A unit without any shift follows `Unit.on_duty` alone."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="shifts")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, blank=True, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["unit", "ends_at"], name="shift_by_unit_end")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_ends_after_it_starts"
            )
        ]
