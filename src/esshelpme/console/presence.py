"""Signs of life of open incident pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from esshelpme.console.models import Presence
from esshelpme.incidents.models import Incident

# The page says "here" every 10 s; one missed sign is forgiven.
GONE_AFTER = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Other:
    name: str
    writing: bool


def here(incident: Incident, account_id: int, *, writing: bool, at: datetime) -> list[Other]:
    """Note that the account has the page open; returns who else has."""
    Presence.objects.bulk_create(
        [Presence(incident=incident, account_id=account_id, at=at, writing=writing)],
        update_conflicts=True,
        unique_fields=["incident", "account"],
        update_fields=["at", "writing"],
    )
    rows = (
        Presence.objects.filter(incident=incident, at__gte=at - GONE_AFTER)
        .exclude(account_id=account_id)
        .select_related("account")
        .order_by("account__username")
    )
    return [Other(row.account.get_full_name() or row.account.username, row.writing) for row in rows]


def gone(incident: Incident, account_id: int) -> None:
    """The page was closed."""
    Presence.objects.filter(incident=incident, account_id=account_id).delete()
