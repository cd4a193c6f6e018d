"""Traces of the web form: over after a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from esshelpme.web.models import Arrival


def traces(*, before: datetime, most: int) -> list[int]:
    """Traces from before then."""
    return list(Arrival.objects.filter(at__lt=before).order_by("pk").values_list("pk", flat=True)[:most])


def drop_traces(ids: Sequence[int], *, at: datetime) -> None:
    """Drop them whole."""
    Arrival.objects.filter(pk__in=ids).delete()
