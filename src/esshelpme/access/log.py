"""The log of looks and of changes to who may look: written whenever somebody opens a record about a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from esshelpme.access.models import AccessLog
from esshelpme.access.officer import Officer


def looked(officer: Officer, *, what: str, ref: str, at: datetime) -> None:
    """Note that `officer` opened `what` (INCIDENT, CHAT, MEDIA, CASE …) of `ref`."""
    AccessLog.objects.create(at=at, who=officer.actor, role=officer.role, what=what, ref=ref, via=officer.via)


def looked_at_all(officer: Officer, *, what: str, refs: Iterable[str], at: datetime) -> None:
    """Note one look at many records (a list that shows where people are), each by its own row."""
    AccessLog.objects.bulk_create(
        [
            AccessLog(at=at, who=officer.actor, role=officer.role, what=what, ref=ref, via=officer.via)
            for ref in refs
        ]
    )


def did(officer: Officer, *, what: str, ref: str, at: datetime) -> None:
    """Note that `officer` changed something that has no timeline of its own: an account, a token, the directory."""
    looked(officer, what=what, ref=ref[:40], at=at)
