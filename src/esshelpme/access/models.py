"""Accounts of staff, tokens of programs, and the log of who looked at whom."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from esshelpme.access.roles import Role
from esshelpme.directory.models import Agency, Member


class Accounts(UserManager["Account"]):
    """Django's own, but whoever is made by `createsuperuser` is an administrator here."""

    def create_superuser(self, *args: Any, **fields: Any) -> Account:
        fields.setdefault("role", Role.ADMINISTRATOR)
        return super().create_superuser(*args, **fields)


class Account(AbstractUser):
    """A person who signs in to the console."""

    role = models.CharField(
        max_length=20, choices=[(r.value, r.value) for r in Role], default=Role.CALL_TAKER
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True)
    # TIS-1099 codes of 2, 4 or 6 digits; empty means the whole country.
    areas = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    member = models.OneToOneField(Member, on_delete=models.SET_NULL, null=True, blank=True)

    objects = Accounts()  # type: ignore[misc]  # the stubs fix the manager of AbstractUser


class ApiToken(models.Model):
    """A bearer token of a program. Only its digest is kept."""

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role])
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True)
    areas = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class AccessLog(models.Model):
    """Who looked at which person's record, when, by which way. Only added to, until its retention period ends."""

    at = models.DateTimeField(db_index=True)
    who = models.CharField(max_length=120)
    role = models.CharField(max_length=20)
    what = models.CharField(max_length=30)
    ref = models.CharField(max_length=40, db_index=True)
    via = models.CharField(max_length=10)

    class Meta:
        indexes = [models.Index(fields=["who", "-id"], name="looks_of_somebody")]
