"""Signs of life of the long-running processes."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a process last said that it works."""

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()
