"""Raw events that were kept because nobody could understand them: over after their time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from esshelpme.intake.models import InboundEvent


def raw_events(*, before: datetime, most: int) -> list[int]:
    """Events received before then whose words are still here; those that wait to be understood are never over."""
    rows = InboundEvent.objects.filter(received_at__lt=before, sealed__isnull=False).exclude(
        state=InboundEvent.State.WAITING
    )
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def empty_events(ids: Sequence[int], *, at: datetime) -> None:
    """The words go, the fact stays."""
    InboundEvent.objects.filter(pk__in=ids).update(sealed=None)


def old_events(*, before: datetime, most: int) -> list[int]:
    """Finished events received before then, words or not: they still name the LINE user."""
    rows = InboundEvent.objects.filter(received_at__lt=before).exclude(state=InboundEvent.State.WAITING)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def drop_events(ids: Sequence[int], *, at: datetime) -> None:
    """The rows go whole; what they led to is on the timelines."""
    InboundEvent.objects.filter(pk__in=ids).delete()
