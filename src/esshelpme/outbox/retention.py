"""Messages that could not be delivered: their words are over after a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from esshelpme.outbox.models import OutboundMessage

FINISHED = (OutboundMessage.State.SENT, OutboundMessage.State.UNDELIVERED)


def undelivered(*, before: datetime, most: int) -> list[int]:
    """Finished messages from before then whose words are still here."""
    rows = OutboundMessage.objects.filter(state__in=FINISHED, created_at__lt=before, sealed__isnull=False)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def empty_bodies(ids: Sequence[int], *, at: datetime) -> None:
    """The words go, the fact stays."""
    OutboundMessage.objects.filter(pk__in=ids).update(sealed=None)


def finished(*, before: datetime, most: int) -> list[int]:
    """Finished messages from before then, words or not: they still name the LINE user."""
    rows = OutboundMessage.objects.filter(state__in=FINISHED, created_at__lt=before)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def drop_messages(ids: Sequence[int], *, at: datetime) -> None:
    """The rows go whole; that something was said is on the timelines."""
    OutboundMessage.objects.filter(pk__in=ids).delete()
