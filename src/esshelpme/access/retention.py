"""The log of looks: over when nobody can complain any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from esshelpme.access.models import AccessLog


def looks(*, before: datetime, most: int) -> list[int]:
    """Looks from before then."""
    return list(AccessLog.objects.filter(at__lt=before).order_by("pk").values_list("pk", flat=True)[:most])


def drop_looks(ids: Sequence[int], *, at: datetime) -> None:
    """Drop them whole."""
    AccessLog.objects.filter(pk__in=ids).delete()
