"""Handing a shift over: a picture of what is open, a free text, and the signatures of two different people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from esshelpme.access.models import Account
from esshelpme.access.officer import Officer, officer_of_account
from esshelpme.access.roles import Right
from esshelpme.console.models import ShiftHandover
from esshelpme.console.targets import BOARD_STATUSES
from esshelpme.dispatch.models import Alarm, CallTask, Need
from esshelpme.incidents import inbox
from esshelpme.incidents.access import visible_to
from esshelpme.incidents.models import Message
from esshelpme.incidents.states import NotAllowed
from esshelpme.intake import set_aside
from esshelpme.platform.clock import stamp
from esshelpme.privacy.sealing import CannotUnseal, installation_key, seal, unseal

MOST_INCIDENTS = 300
MOST_COUNTED = 1000
LONGEST_NOTE = 5000


def draft(officer: Officer, *, at: datetime) -> dict[str, Any]:
    """What is open now within the officer's reach: references, codes and counts, no words about people."""
    rows = visible_to(officer).filter(status__in=[s.value for s in BOARD_STATUSES], exercise=False)
    incidents = list(rows.order_by("priority", "created_at")[:MOST_INCIDENTS])
    ids = [row.pk for row in incidents]
    alarms = _count(Alarm.objects.filter(incident_id__in=ids, acknowledged_at__isnull=True))
    calls = _count(CallTask.objects.filter(incident_id__in=ids, status=CallTask.Status.OPEN))
    unread = _count(
        Message.objects.filter(incident_id__in=ids, direction=Message.Direction.IN, seen_at__isnull=True)
    )
    holders = _holders(ids)
    system = Alarm.objects.filter(incident__isnull=True, acknowledged_at__isnull=True).order_by("raised_at")
    return {
        "at": stamp(at),
        "total": rows.count(),
        "by_status": dict(Counter(rows.values_list("status", flat=True))),
        "alarms": sum(alarms.values()),
        "calls": sum(calls.values()),
        "unread": sum(unread.values()),
        "inbox": inbox.count_unseen(most=MOST_COUNTED),
        "set_aside": set_aside.count_unseen(most=MOST_COUNTED),
        "system": list(system.values_list("reason", flat=True)[:50]),
        "incidents": [
            {
                "ref": row.ref,
                "kind": row.kind,
                "status": row.status,
                "priority": row.priority,
                "area": row.subdistrict or row.district or row.province,
                "since": stamp(row.created_at),
                "discreet": row.discreet,
                "cancel_asked": row.cancel_requested_at is not None,
                "alarms": alarms.get(row.pk, 0),
                "calls": calls.get(row.pk, 0),
                "unread": unread.get(row.pk, 0),
                "units": holders.get(row.pk, []),
            }
            for row in incidents
        ],
    }


def sign_out(officer: Officer, *, note: str, nonce: str, at: datetime) -> ShiftHandover:
    """The outgoing person signs: the picture of this moment is kept with the text. The same `nonce` twice is once.

    The caller has made sure that it is them (their password). Raises `NotAllowed` (NO_ACCOUNT).
    """
    officer.require(Right.HAND_OVER_SHIFT)
    if officer.account_id is None:
        raise NotAllowed("NO_ACCOUNT", "a shift is handed over by people")
    before = ShiftHandover.objects.filter(nonce=nonce).first()
    if before is not None and before.outgoing_id == officer.account_id:
        return before
    try:
        with transaction.atomic():
            return ShiftHandover.objects.create(
                nonce=nonce,
                areas=list(officer.areas),
                snapshot=draft(officer, at=at),
                sealed_note=_seal(note[:LONGEST_NOTE]) if note else None,
                outgoing_id=officer.account_id,
                outgoing_signed_at=at,
            )
    except IntegrityError:  # sent twice at the same instant
        return ShiftHandover.objects.get(nonce=nonce, outgoing_id=officer.account_id)


def sign_in(handover_id: int, account: Account, *, at: datetime) -> ShiftHandover:
    """The incoming person signs. Raises `NotAllowed` (SAME_PERSON, NO_RIGHT, REACH, ALREADY) and `DoesNotExist`."""
    row = ShiftHandover.objects.get(pk=handover_id)
    incoming = officer_of_account(account)
    if account.pk == row.outgoing_id:
        raise NotAllowed("SAME_PERSON", "a shift is signed by two different people")
    if not incoming.may(Right.HAND_OVER_SHIFT):
        raise NotAllowed("NO_RIGHT", "this account takes over no shifts")
    if not _reaches(incoming.areas, row.areas):
        raise NotAllowed("REACH", "this account does not see all that is handed over")
    signed = ShiftHandover.objects.filter(pk=row.pk, incoming__isnull=True).update(
        incoming=account, incoming_signed_at=at
    )
    if not signed:
        raise NotAllowed("ALREADY", "this shift was taken over already")
    row.refresh_from_db()
    return row


def visible(officer: Officer) -> QuerySet[ShiftHandover]:
    """Handovers of areas that lie within the officer's own, the newest first."""
    rows = ShiftHandover.objects.select_related("outgoing", "incoming").order_by("-outgoing_signed_at", "-pk")
    if not officer.areas:
        return rows
    mine = Q(outgoing_id=officer.account_id) | Q(incoming_id=officer.account_id)
    fitting = [pk for pk, areas in rows.values_list("pk", "areas")[:2000] if _reaches(officer.areas, areas)]
    return rows.filter(mine | Q(pk__in=fitting))


def note_of(row: ShiftHandover) -> str | None:
    """The free text; None when there was none, or its time is over."""
    if row.sealed_note is None:
        return None
    try:
        return unseal(_key(), row.sealed_note).decode()
    except CannotUnseal:
        return None


def old_notes(*, before: datetime, most: int) -> list[int]:
    """Handovers from before then whose text is still here."""
    rows = ShiftHandover.objects.filter(outgoing_signed_at__lt=before, sealed_note__isnull=False)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def empty_notes(ids: Sequence[int], *, at: datetime) -> None:
    """The words go; references, counts and signatures stay."""
    ShiftHandover.objects.filter(pk__in=ids).update(sealed_note=None)


def _reaches(own: Sequence[str], areas: Sequence[str]) -> bool:
    if not own:
        return True
    return bool(areas) and all(any(code.startswith(mine) for mine in own) for code in areas)


def _count(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(Counter(rows.values_list("incident_id", flat=True)))


def _holders(incident_ids: Sequence[int]) -> dict[int, list[str]]:
    """Codes of the units that hold a need, by incident."""
    found: dict[int, list[str]] = {}
    held = Need.objects.filter(incident_id__in=incident_ids, holder__isnull=False).order_by("-lead", "pk")
    for incident_id, code in held.values_list("incident_id", "holder__unit__code"):
        found.setdefault(incident_id, []).append(code)
    return found


def _seal(note: str) -> bytes:
    return seal(_key(), note.encode("utf-8", "surrogatepass"))


def _key() -> bytes:
    return installation_key("handovers", settings.SECRET_KEY)
