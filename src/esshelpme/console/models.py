"""Who has which page open: so that two people on one incident see each other."""

from __future__ import annotations

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
