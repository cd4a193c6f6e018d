"""Messages of things long past: recorded as sent, so that nobody's phone rings for them now."""

from __future__ import annotations

from django.db.models import F

from esshelpme.outbox.models import OutboundMessage


def mark_sent(incident_id: int) -> int:
    """Take the waiting messages of an incident that is told after the event as sent; returns how many."""
    return OutboundMessage.objects.filter(
        incident_id=incident_id, state=OutboundMessage.State.WAITING
    ).update(state=OutboundMessage.State.SENT, sealed=None, attempts=1, finished_at=F("created_at"))
