"""Traces by which floods are told from people. No address and no word is in them, and they live for a day."""

from __future__ import annotations

from django.db import models

from esshelpme.incidents.models import Report


class Arrival(models.Model):
    """One report that came over the web form: digests of where from and of its words, keyed anew every day."""

    address = models.CharField(max_length=32)
    words = models.CharField(max_length=32, blank=True, default="")
    report = models.ForeignKey(Report, on_delete=models.CASCADE)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "at"], name="arrival_by_address")]
