"""Telling the reporter: the words by mode and language, the outbox row, the timeline, in one transaction.

`loud.` texts are plain; `quiet.` texts tell nothing to somebody who reads over a shoulder, and their pushes make
no sound. The mode changes words and sound, never which steps come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from esshelpme.contacts.models import Contact
from esshelpme.incidents.messages import note_message
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.outbox.line_messages import (
    Button,
    Location,
    card,
    paragraph,
    text,
)
from esshelpme.outbox.send import ReplyToken, put
from esshelpme.platform.ids import show_ref
from esshelpme.privacy.content import keep
from esshelpme.privacy.models import Content
from esshelpme.words import say

STARS = 5


def mode(incident: Incident) -> str:
    """Which texts the reporter of this incident gets."""
    return "quiet" if incident.discreet else "loud"


def tell(
    incident: Incident,
    what: str,
    *,
    at: datetime,
    by: str = "system",
    reply: ReplyToken | None = None,
    quick: Sequence[Button | Location] = (),
    only: Contact | None = None,
    words: str | None = None,
) -> None:
    """Tell every reporter of the incident (or only one) `what`: a text of the catalogue, or `words` of staff.

    The caller holds the incident's row lock.
    """
    for contact in [only] if only is not None else reporters(incident):
        spoken = words if words is not None else _words(incident, what, contact.language)
        _tell_one(
            incident, contact, what, spoken, at=at, by=by, reply=reply, quick=quick, plain=words is not None
        )


def reporters(incident: Incident) -> list[Contact]:
    """Everybody who reported this incident and can be told something."""
    ids = set(
        Report.objects.filter(incident=incident, contact__isnull=False).values_list("contact_id", flat=True)
    )
    if incident.contact_id:
        ids.add(incident.contact_id)
    return list(Contact.objects.filter(pk__in=ids).order_by("pk"))


def location_button(incident: Incident | None, language: str) -> Location:
    """The quick reply that shares a pin."""
    key = "quiet.location_button" if incident is not None and incident.discreet else "ask.location_button"
    return Location(say(key, language))


def confirmation_buttons(incident: Incident, language: str) -> list[Button]:
    """Quiet or loud, cancel, safe: what the reporter can always say by a tap."""
    m = mode(incident)
    toggle = ("loud", "button_loud") if incident.discreet else ("quiet", "button_quiet")
    return [
        Button.of(say(f"{m}.{toggle[1]}", language), toggle[0], i=incident.ref),
        Button.of(say(f"{m}.button_safe", language), "safe", i=incident.ref),
        Button.of(say(f"{m}.button_cancel", language), "cancel", i=incident.ref),
    ]


def _words(incident: Incident, what: str, language: str) -> str:
    return say(f"{mode(incident)}.{what}", language, ref=show_ref(incident.ref))


def _tell_one(
    incident: Incident,
    contact: Contact,
    what: str,
    spoken: str,
    *,
    at: datetime,
    by: str,
    reply: ReplyToken | None,
    quick: Sequence[Button | Location],
    plain: bool,
) -> None:
    content = keep(subject_id=contact.subject_id, kind=Content.Kind.TEXT, value=spoken, at=at)
    message = Message.objects.create(
        incident=incident,
        contact=contact,
        direction=Message.Direction.OUT,
        type="TEXT",
        content=content,
        said_at=at,
        received_at=at,
        by=by,
    )
    note_message(
        incident,
        message,
        "MESSAGE_OUT",
        text=spoken,
        at=at,
        by=by,
        extra={"what": "WORDS" if plain else what},
    )
    if contact.channel != Contact.Channel.LINE:
        return  # the status page shows it
    put(
        recipient=contact.address,
        messages=[_line_message(incident, contact.language, what, spoken, quick)],
        what=f"{mode(incident)}.{what}" if not plain else "words",
        at=at,
        silent=incident.discreet,
        reply=reply,
        incident_id=incident.pk,
        message_id=message.pk,
    )


def _line_message(
    incident: Incident, language: str, what: str, spoken: str, quick: Sequence[Button | Location]
) -> dict[str, Any]:
    m = mode(incident)
    if what in ("received", "received_abroad"):
        buttons = confirmation_buttons(incident, language)
        return card(
            alt=say(f"{m}.received_alt", language),
            body=[paragraph(spoken)],
            buttons=buttons,
            quick=[*buttons, *quick],
        )
    if what == "closed":
        stars = [
            Button.of(say(f"{m}.rate_button", language, stars="★" * n), "rate", i=incident.ref, v=n)
            for n in range(STARS, 0, -1)
        ]
        return card(alt=say(f"{m}.received_alt", language), body=[paragraph(spoken)], buttons=stars)
    return text(spoken, quick=quick)
