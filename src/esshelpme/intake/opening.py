"""Opening a report in the conversation: from a button, a text or a pin to "received"."""

from __future__ import annotations

from esshelpme.incidents.locating import place_at
from esshelpme.incidents.messages import hear, join_inbox
from esshelpme.incidents.models import Incident, Message
from esshelpme.incidents.opening import ReportIn
from esshelpme.incidents.tell import tell
from esshelpme.intake import answers
from esshelpme.intake.heard import MEDIA, SPOKEN, Type
from esshelpme.intake.models import MediaToFetch
from esshelpme.intake.reporting import INBOX_JOINS, Understood, open_report, place_from_text
from esshelpme.intake.turn import Turn


def report(turn: Turn, understood: Understood | None, *, kind: str | None = None) -> None:
    """Open an incident from a button, a text or a pin. A second one is linked to the first."""
    heard = turn.heard
    first = turn.incident
    told = kind or (understood.kind if understood else None)
    if told is None and understood is not None and understood.reading.handover:
        told = "OTHER"
    place = None
    if heard.type is Type.LOCATION and heard.lat is not None and heard.lng is not None:
        place = place_at(heard.lat, heard.lng, source="PIN", address=heard.address)
    elif understood is not None:
        place = place_from_text(understood)
    incident, _ = open_report(
        ReportIn(
            contact=turn.contact,
            channel="LINE",
            kind=told or "UNKNOWN",
            text=heard.text if heard.type is Type.TEXT else "",
        ),
        at=turn.at,
        by="reporter",
        place=place,
        said_at=heard.said_at,
        dangers=understood.dangers if understood else (),
        discreet=True if understood and understood.reading.discreet else None,
        linked_to=first,
    )
    turn.joined(incident)
    join_inbox(incident, turn.contact, since=turn.at - INBOX_JOINS, at=turn.at)
    if heard.type in SPOKEN:
        keep(turn, incident)
    if place is None:
        answers.ask_place(turn, incident)
    else:
        confirm(turn, incident)
        ask_which(turn, incident, understood)


def confirm(turn: Turn, incident: Incident) -> None:
    what = "received_abroad" if incident.place_flag == "ABROAD" else "received"
    tell(incident, what, at=turn.at, reply=turn.take_reply(), only=turn.contact)
    turn.conversation.answered_at = turn.at
    turn.conversation.save(update_fields=["answered_at"])


def ask_which(turn: Turn, incident: Incident, understood: Understood | None) -> None:
    if incident.place_ambiguous and understood is not None:
        answers.ask_which_place(turn, incident, understood.places.candidates)


def keep(turn: Turn, incident: Incident | None, *, by: str = "reporter") -> Message:
    """Keep what was said; media is copied from LINE at once."""
    heard = turn.heard
    text = heard.text
    if heard.type is Type.LOCATION:
        text = f"{heard.lat:.6f},{heard.lng:.6f} {heard.address}".strip()
    message = hear(
        incident=incident,
        contact=turn.contact,
        type=heard.type.value,
        text=text or None,
        said_at=heard.said_at,
        at=turn.at,
        by=by,
        channel_message_id=heard.message_id,
    )
    if heard.type in MEDIA and heard.fetchable and heard.message_id:
        MediaToFetch.objects.create(message=message, channel_message_id=heard.message_id, next_try_at=turn.at)
    return message
