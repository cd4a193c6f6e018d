"""Single changes of one incident: each checks the state, writes the row and the timeline.

The caller holds the row lock (`lock`) and an open transaction. What follows for units and offers is composed one
room above, in `dispatch.actions`; nothing here knows of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from esshelpme.incidents import timeline
from esshelpme.incidents.models import Incident, Message
from esshelpme.incidents.place import PLACE_FIELDS, Place, keep_place
from esshelpme.incidents.priority import HIGHEST, LOWEST, priority
from esshelpme.incidents.states import (
    ENDED,
    REOPEN_WITHIN_HOURS,
    Danger,
    Disposition,
    Kind,
    NotAllowed,
    Status,
    may_follow,
)
from esshelpme.platform.writing import kept
from esshelpme.privacy.content import digest, keep
from esshelpme.privacy.models import Content

STAMPS: dict[Status, str] = {
    Status.DISPATCHING: "dispatched_at",
    Status.ACCEPTED: "accepted_at",
    Status.ON_SCENE: "on_scene_at",
    Status.RESOLVED: "resolved_at",
    Status.CLOSED: "closed_at",
    Status.CANCELLED: "closed_at",
}


def lock(incident_id: int) -> Incident:
    """The incident's row, locked until the transaction ends. Every change begins here.

    Within one `writing()` block it is one object, however often it is locked.
    """
    found: Incident = kept(
        ("incident", incident_id),
        lambda: (
            Incident.objects.select_for_update(of=("self",))
            .select_related("contact", "place")
            .get(pk=incident_id)
        ),
    )
    return found


def change_status(incident: Incident, after: Status, *, at: datetime, by: str, **data: Any) -> None:
    """Move to another status. Raises `NotAllowed` when the machine does not know the step."""
    before = Status(incident.status)
    if before == after:
        return
    if not may_follow(before, after):
        raise NotAllowed("STATUS", f"{before} cannot become {after}")
    incident.status = after
    fields = ["status"]
    stamp_field = STAMPS.get(after)
    if stamp_field and getattr(incident, stamp_field) is None:
        setattr(incident, stamp_field, at)
        fields.append(stamp_field)
    timeline.changed(incident, *fields)
    timeline.append(
        incident, "STATUS_CHANGED", at=at, by=by, data={"from": before.value, "to": after.value, **data}
    )


def set_kind(incident: Incident, kind: str, *, at: datetime, by: str) -> bool:
    """Change the kind and with it the priority. False when it is that already."""
    if incident.kind == kind:
        return False
    before, incident.kind = incident.kind, Kind(kind)
    timeline.changed(incident, "kind")
    timeline.append(incident, "KIND_CHANGED", at=at, by=by, data={"from": before, "to": incident.kind})
    reprioritise(incident, at=at, by=by)
    return True


def add_dangers(incident: Incident, dangers: Iterable[str], *, at: datetime, by: str) -> list[str]:
    """Add signs of danger; returns the new ones."""
    new = [d.value for d in Danger if d in set(dangers) and d not in incident.dangers]
    if new:
        incident.dangers = [d.value for d in Danger if d in incident.dangers or d in new]
        timeline.changed(incident, "dangers")
        timeline.append(incident, "DANGER_ADDED", at=at, by=by, data={"dangers": new})
        reprioritise(incident, at=at, by=by)
    return new


def reprioritise(incident: Incident, *, at: datetime, by: str) -> None:
    """Recompute the priority unless staff have set it; their choice is only ever raised by a new danger."""
    result = priority(incident.kind, incident.dangers, discreet=incident.discreet)
    level = min(result.level, incident.priority) if incident.priority_by else result.level
    incident.priority_reasons = list(result.reasons)
    if level != incident.priority:
        timeline.append(
            incident,
            "PRIORITY_CHANGED",
            at=at,
            by=by,
            data={"from": incident.priority, "to": level, "reasons": list(result.reasons)},
        )
        incident.priority = level
    timeline.changed(incident, "priority", "priority_reasons")


def set_priority(incident: Incident, level: int, *, note: str, at: datetime, by: str) -> None:
    """Staff set the priority, with their reason. Raises `NotAllowed` when it is that already."""
    if not HIGHEST <= level <= LOWEST:
        raise ValueError(f"priority {level}: {HIGHEST} to {LOWEST}")
    if incident.priority == level and incident.priority_by:
        raise NotAllowed("SAME", "the priority is that already")
    before, incident.priority, incident.priority_by = incident.priority, level, by
    timeline.changed(incident, "priority", "priority_by")
    timeline.append(
        incident,
        "PRIORITY_CHANGED",
        at=at,
        by=by,
        data={
            "from": before,
            "to": level,
            "reasons": list(incident.priority_reasons),
            **_words(incident, note, at=at),
        },
    )


def set_place(
    incident: Incident, place: Place, *, subject_id: int, said_at: datetime, at: datetime, by: str
) -> None:
    """Set or correct the place. The one before stays in content, so that staff can see how it changed."""
    first = incident.place_id is None
    content = keep_place(incident, place, subject_id=subject_id, at=at)
    incident.place_said_at = said_at
    timeline.changed(incident, *PLACE_FIELDS)
    timeline.append(
        incident,
        "PLACE_SET" if first else "PLACE_CHANGED",
        at=at,
        by=by,
        data={
            "content": content.pk,
            "digest": digest(content),
            "source": place.source,
            "accuracy_m": None if place.accuracy_m is None else round(place.accuracy_m),
            "area": place.area,
            **({"flag": place.flag} if place.flag else {}),
        },
    )


def set_discreet(incident: Incident, on: bool, *, at: datetime, by: str) -> bool:
    """Turn the discreet mode on or off. False when it is so already."""
    if incident.discreet == on:
        return False
    incident.discreet = on
    timeline.changed(incident, "discreet")
    timeline.append(incident, "DISCREET_ON" if on else "DISCREET_OFF", at=at, by=by)
    return True


def note(incident: Incident, text: str, *, at: datetime, by: str, subject_id: int | None = None) -> None:
    """Add a note of staff or of a responder."""
    timeline.append(
        incident, "NOTE_ADDED", at=at, by=by, data=_words(incident, text, at=at, subject_id=subject_id)
    )


def say_safe(incident: Incident, *, at: datetime, by: str) -> None:
    """The reporter says that they are safe: shown, unconfirmed, changing nothing else."""
    if incident.said_safe_at is None:
        incident.said_safe_at = at
        timeline.changed(incident, "said_safe_at")
    timeline.append(incident, "SAID_SAFE", at=at, by=by, data={"confirmed": False})


def request_cancel(incident: Incident, *, at: datetime, by: str) -> bool:
    """The reporter's phone asks to cancel what only staff may cancel. False when it asked before."""
    if incident.cancel_requested_at is not None:
        return False
    incident.cancel_requested_at = at
    timeline.changed(incident, "cancel_requested_at")
    timeline.append(incident, "CANCEL_REQUESTED", at=at, by=by, data={"confirmed": False})
    return True


def answer_cancel(incident: Incident, *, at: datetime, by: str) -> None:
    """Staff refuse a request to cancel: it is gone, help goes on. Raises `NotAllowed` without one."""
    if incident.cancel_requested_at is None:
        raise NotAllowed("NO_REQUEST", "nobody asked to cancel")
    incident.cancel_requested_at = None
    timeline.changed(incident, "cancel_requested_at")
    timeline.append(incident, "CANCEL_REFUSED", at=at, by=by)


def close(
    incident: Incident,
    disposition: str,
    *,
    note_text: str = "",
    safe_to_contact: bool | None = None,
    at: datetime,
    by: str,
) -> None:
    """Close with how it ended. Raises `NotAllowed` when it has ended already."""
    if incident.status in ENDED:
        raise NotAllowed("ENDED", f"the incident is {incident.status}")
    incident.disposition = Disposition(disposition)
    incident.safe_to_contact = safe_to_contact
    timeline.changed(incident, "disposition", "safe_to_contact")
    change_status(
        incident,
        Status.CLOSED,
        at=at,
        by=by,
        disposition=incident.disposition,
        **_words(incident, note_text, at=at),
    )


def cancel(incident: Incident, *, note_text: str = "", at: datetime, by: str) -> None:
    """Cancel. Raises `NotAllowed` when it has ended already or is resolved."""
    if incident.status in ENDED:
        raise NotAllowed("ENDED", f"the incident is {incident.status}")
    incident.cancel_requested_at = None
    timeline.changed(incident, "cancel_requested_at")
    change_status(incident, Status.CANCELLED, at=at, by=by, **_words(incident, note_text, at=at))


def reopen(incident: Incident, *, note_text: str, at: datetime, by: str) -> None:
    """Reopen within 24 hours of the end. Raises `NotAllowed` later, when open, or merged away."""
    if incident.status not in (*ENDED, Status.RESOLVED):
        raise NotAllowed("OPEN", "the incident is open")
    if incident.merged_into_id is not None:
        raise NotAllowed("MERGED", "the incident was merged into another: act on that one")
    ended = incident.closed_at or incident.resolved_at
    if ended is not None and at - ended > timedelta(hours=REOPEN_WITHIN_HOURS):
        raise NotAllowed("TOO_LATE", f"closed more than {REOPEN_WITHIN_HOURS} hours ago: open a new one")
    incident.disposition = None
    incident.closed_at = incident.resolved_at = incident.accepted_at = incident.on_scene_at = None
    incident.cancel_requested_at = None
    before, incident.status = incident.status, Status.NEW
    timeline.changed(
        incident,
        "disposition",
        "closed_at",
        "resolved_at",
        "accepted_at",
        "on_scene_at",
        "cancel_requested_at",
        "status",
    )
    timeline.append(
        incident,
        "REOPENED",
        at=at,
        by=by,
        data={"from": before, "to": incident.status, **_words(incident, note_text, at=at)},
    )


def rate(incident: Incident, stars: int, *, at: datetime, by: str) -> None:
    """Keep the reporter's rating, 1 to 5; a later one replaces it."""
    incident.rating = stars
    timeline.changed(incident, "rating")
    timeline.append(incident, "RATED", at=at, by=by, data={"stars": stars})


def see_messages(incident: Incident, *, at: datetime, by: str) -> int:
    """Mark what the reporter said as seen by staff; returns how many were new."""
    return Message.objects.filter(
        incident=incident, direction=Message.Direction.IN, seen_at__isnull=True
    ).update(seen_at=at)


def _words(incident: Incident, text: str, *, at: datetime, subject_id: int | None = None) -> dict[str, Any]:
    """Words of a note as content under the reporter's key; empty for no words."""
    if not text:
        return {}
    owner = subject_id or (incident.contact.subject_id if incident.contact else None)
    if owner is None:
        raise ValueError("an incident without a person cannot hold words")
    content = keep(subject_id=owner, kind=Content.Kind.TEXT, value=text, at=at)
    return {"content": content.pk, "digest": digest(content, text)}
