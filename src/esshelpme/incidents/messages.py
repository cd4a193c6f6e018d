"""What was said in an incident, either way: kept in content, noted on the timeline by id and digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from esshelpme.contacts.models import Contact
from esshelpme.incidents import timeline
from esshelpme.incidents.changes import lock, set_place
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.incidents.place import ADDRESS_LENGTH, place_of
from esshelpme.privacy.content import digest, keep, remove, reveal, reveal_mapping
from esshelpme.privacy.models import Content


def hear(
    *,
    incident: Incident | None,
    contact: Contact,
    type: str,
    text: str | None,
    said_at: datetime,
    at: datetime,
    by: str = "reporter",
    channel_message_id: str = "",
    extra: Mapping[str, Any] | None = None,
) -> Message:
    """Keep one thing a person said, and put it onto the incident's timeline. `text` None: a picture, a voice."""
    content = keep(subject_id=contact.subject_id, kind=Content.Kind.TEXT, value=text, at=at) if text else None
    message = Message.objects.create(
        incident=incident,
        contact=contact,
        direction=Message.Direction.IN,
        type=type,
        content=content,
        channel_message_id=channel_message_id,
        said_at=said_at,
        received_at=at,
        by=by,
    )
    if incident is not None:
        note_message(incident, message, "MESSAGE_IN", text=text, at=at, by=by, extra=extra)
    return message


def note_message(
    incident: Incident,
    message: Message,
    type: str,
    *,
    text: str | None,
    at: datetime,
    by: str,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Put a message onto the timeline: its id, its content's id and digest."""
    data: dict[str, Any] = {"message": message.pk, "type": message.type, **(extra or {})}
    if message.content is not None and text is not None:
        data |= {"content": message.content_id, "digest": digest(message.content, text)}
    timeline.append(incident, type, at=at, by=by, data=data)


def join_inbox(incident: Incident, contact: Contact, *, since: datetime, at: datetime) -> int:
    """Take what the person said shortly before the incident opened (a photo, a sticker) into it."""
    rows = list(
        Message.objects.filter(
            incident__isnull=True, contact=contact, direction=Message.Direction.IN, received_at__gte=since
        ).select_related("content")
    )
    for row in rows:
        row.incident = incident
        row.save(update_fields=["incident"])
        note_message(
            incident,
            row,
            "MESSAGE_IN",
            text=None,
            at=at,
            by=row.by,
            extra={"content": row.content_id} if row.content_id else None,
        )
    return len(rows)


def unsend(*, contact: Contact, channel_message_id: str, at: datetime) -> list[Message]:
    """Remove what a person took back: words and media go, the fact stays on the timeline.

    The words that opened a report are kept a second time as the report's, and may stand beside a place that was
    read from them: they go there too. A place itself stays, since who is on the way needs it.
    """
    rows = list(
        Message.objects.select_related("content", "media", "incident").filter(
            contact=contact, channel_message_id=channel_message_id
        )
    )
    for row in rows:
        words = reveal(row.content)
        for content in (row.content, row.media):
            if content is not None:
                remove(content, because="UNSENT", at=at)
        if row.incident_id is not None:
            incident = lock(row.incident_id)
            if words:
                _remove_copies(incident, contact, words, said_at=row.said_at, at=at)
            timeline.append(
                incident,
                "MESSAGE_UNSENT",
                at=at,
                by="reporter",
                data={"message": row.pk, "confirmed": False},
            )
    return rows


def _remove_copies(
    incident: Incident, contact: Contact, words: str, *, said_at: datetime, at: datetime
) -> None:
    """Remove the same words of the same person where they were kept again: in reports, beside places."""
    for report in Report.objects.select_related("text").filter(
        contact=contact, text__removed_at__isnull=True
    ):
        if report.text is not None and reveal(report.text) == words:
            remove(report.text, because="UNSENT", at=at)
    place = place_of(incident)
    beside = words[:ADDRESS_LENGTH]
    if place is not None and place.address == beside:
        bare = replace(place, address="")
        set_place(incident, bare, subject_id=contact.subject_id, said_at=said_at, at=at, by="reporter")
    places = Content.objects.filter(
        subject_id=contact.subject_id, kind=Content.Kind.PLACE, removed_at__isnull=True
    )
    for content in places:
        if (reveal_mapping(content) or {}).get("address") == beside:
            remove(content, because="UNSENT", at=at)
