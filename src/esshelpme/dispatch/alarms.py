"""Alarms: raised once for a reason, acknowledged by a person."""

from __future__ import annotations

from datetime import datetime

from esshelpme.dispatch.models import Alarm
from esshelpme.dispatch.states import AlarmLevel
from esshelpme.incidents import timeline
from esshelpme.incidents.models import Incident
from esshelpme.incidents.states import NotAllowed


def raise_alarm(
    incident: Incident, level: AlarmLevel, reason: str, *, at: datetime, by: str = "system", detail: str = ""
) -> Alarm:
    """Raise an alarm on an incident whose row is locked; one that stands already is not raised twice."""
    standing = Alarm.objects.filter(
        incident=incident, level=level, reason=reason, acknowledged_at__isnull=True
    ).first()
    if standing is not None:
        return standing
    event = timeline.append(
        incident, "ALARM_RAISED", at=at, by=by, data={"level": level.value, "reason": reason}
    )
    return Alarm.objects.create(
        incident=incident, level=level, reason=reason, detail=detail[:200], seq=event.seq, raised_at=at
    )


def raise_system_alarm(reason: str, *, detail: str, at: datetime) -> Alarm:
    """Raise an alarm about the system itself; the same one that stands is kept."""
    standing = Alarm.objects.filter(
        incident__isnull=True, reason=reason, detail=detail[:200], acknowledged_at__isnull=True
    ).first()
    return standing or Alarm.objects.create(
        level=AlarmLevel.CENTRE, reason=reason, detail=detail[:200], raised_at=at
    )


def acknowledge(incident: Incident, seq: int, *, at: datetime, by: str) -> None:
    """A person has seen the alarm that step `seq` raised. Raises `NotAllowed` when it is gone or never was."""
    changed = Alarm.objects.filter(incident=incident, seq=seq, acknowledged_at__isnull=True).update(
        acknowledged_at=at, acknowledged_by=by
    )
    if not changed:
        raise NotAllowed("NO_ALARM", f"no standing alarm at step {seq}")
    timeline.append(incident, "ALARM_ACKNOWLEDGED", at=at, by=by, data={"seq": seq})


def acknowledge_system_alarm(alarm_id: int, *, at: datetime, by: str) -> bool:
    """A person has seen an alarm about the system itself; False when somebody had before."""
    return bool(
        Alarm.objects.filter(pk=alarm_id, incident__isnull=True, acknowledged_at__isnull=True).update(
            acknowledged_at=at, acknowledged_by=by
        )
    )


def settle(incident: Incident, *, at: datetime, by: str) -> None:
    """The incident has ended: its alarms need nobody any more."""
    for seq in Alarm.objects.filter(incident=incident, acknowledged_at__isnull=True).values_list(
        "seq", flat=True
    ):
        timeline.append(incident, "ALARM_ACKNOWLEDGED", at=at, by=by, data={"seq": seq, "because": "ENDED"})
    Alarm.objects.filter(incident=incident, acknowledged_at__isnull=True).update(
        acknowledged_at=at, acknowledged_by=by
    )
