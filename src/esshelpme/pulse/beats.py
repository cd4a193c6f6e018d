"""Beating, and asking who has beaten."""

from __future__ import annotations

from datetime import datetime, timedelta

from esshelpme.pulse.models import Heartbeat

# `/readyz` asks for a worker that has beaten within this (docs/operations.md).
WITHIN = timedelta(seconds=15)
EVERY = timedelta(seconds=3)


def beat(name: str, *, at: datetime) -> None:
    """Say that the process `name` works."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at})


def silent_for(name: str, *, at: datetime) -> timedelta | None:
    """How long a process has been silent; None when it never beat."""
    found = Heartbeat.objects.filter(name=name).first()
    return None if found is None else at - found.at
