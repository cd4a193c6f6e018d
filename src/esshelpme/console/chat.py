"""The conversation with the reporter, as staff see it: everything either side said, in order, as it was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from esshelpme.contacts.models import Contact
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.incidents.tell import mode, reporters
from esshelpme.outbox.models import OutboundMessage
from esshelpme.privacy.content import reveal_many, reveal_mapping
from esshelpme.words import catalogue, say

AT_MOST = 200
# What is written reaches a screen of theirs: the chat, or their status page.
REACHED = (Contact.Channel.LINE, Contact.Channel.WEB)
_STICKER = re.compile(r"^\[sticker ([^/\]]*)/([^\]]*)\]\s*(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One thing said."""

    id: int
    mine: bool  # from the centre or the program
    type: str
    text: str
    media_type: str
    said_at: datetime
    by: str
    delivery: str  # "", WAITING, SENT, FAILED, or NOWHERE: told to somebody whom no channel reaches
    unseen: bool
    removed: bool


@dataclass(frozen=True, slots=True)
class Chat:
    bubbles: Sequence[Bubble]
    older: int
    reachable: bool  # whether what is written reaches a screen of theirs
    blocked: bool
    channel: str
    discreet: bool
    languages: str


def chat(incident: Incident, language: str) -> Chat:
    """The last messages and how the reporter can be reached."""
    rows = list(
        Message.objects.filter(incident=incident)
        .select_related("media", "contact")
        .order_by("-id")[: AT_MOST + 1]
    )
    older = max(0, len(rows) - AT_MOST)
    rows = rows[:AT_MOST][::-1]
    said = reveal_many(row.content_id for row in rows if row.content_id)
    contacts = reporters(incident)
    waiting = _waiting(contacts)
    return Chat(
        bubbles=[_bubble(row, said, waiting) for row in rows],
        older=older,
        reachable=any(c.channel in REACHED for c in contacts),
        blocked=bool(contacts) and all(c.blocked_at is not None for c in contacts),
        channel=incident.channel,
        discreet=incident.discreet,
        languages=", ".join(sorted({c.language for c in contacts})),
    )


def bubbles_of(rows: Sequence[Message], contacts: Sequence[Contact]) -> list[Bubble]:
    """Messages of some people as staff see them, in the order given (the inbox, where there is no incident)."""
    said = reveal_many(row.content_id for row in rows if row.content_id)
    waiting = _waiting(contacts)
    return [_bubble(row, said, waiting) for row in rows]


def first_words(incident: Incident) -> list[dict[str, object]]:
    """What each report said, oldest first: the words that led here."""
    reports = list(Report.objects.filter(incident=incident).select_related("reporter").order_by("pk"))
    said = reveal_many(report.text_id for report in reports if report.text_id)
    return [
        {
            "at": report.received_at,
            "channel": report.channel,
            "text": said.get(report.text_id or 0),
            "removed": report.text_id is not None and said.get(report.text_id) is None,
            "witness": report.witness,
            "safe_to_call": report.safe_to_call,
            "person": reveal_mapping(report.reporter) or {},
        }
        for report in reports
    ]


def quick_phrases(incident: Incident, language: str) -> list[str]:
    """Phrases to send by one tap, in the mode's voice and in the reporter's language."""
    spoken = incident.contact.language if incident.contact else language
    prefix = f"console.phrase_{mode(incident)}."
    texts = catalogue(spoken) if any(k.startswith(prefix) for k in catalogue(spoken)) else catalogue("th")
    return [text for key, text in texts.items() if key.startswith(prefix)]


def telling_words(language: str) -> list[str]:
    """Words that give the reporter away when somebody reads over their shoulder."""
    return [word for word in say("console.telling_words", language).split("|") if word]


def _bubble(row: Message, said: dict[int, str | None], waiting: set[int]) -> Bubble:
    mine = row.direction == Message.Direction.OUT
    delivery = ""
    if mine:
        delivery = "FAILED" if row.undelivered_at else "WAITING" if row.pk in waiting else "SENT"
        if row.contact is not None and row.contact.channel not in REACHED:
            delivery = "NOWHERE"
    text = (said.get(row.content_id) or "") if row.content_id else ""
    sticker = _STICKER.match(text) if row.type == "STICKER" else None
    if sticker:
        text = sticker.group(3).strip()
    about = reveal_mapping(row.media) if row.media else None
    return Bubble(
        id=row.pk,
        mine=mine,
        type=row.type,
        text=text,
        media_type=str((about or {}).get("type", "")),
        said_at=row.said_at,
        by=row.by,
        delivery=delivery,
        unseen=row.direction == Message.Direction.IN and row.seen_at is None,
        removed=(row.content_id is not None and said.get(row.content_id) is None)
        or (row.media is not None and about is None),
    )


def _waiting(contacts: Sequence[Contact]) -> set[int]:
    """Messages that still wait in the outbox; all others were handed over to the channel, or failed and say so."""
    recipients = [c.address for c in contacts if c.channel == Contact.Channel.LINE]
    if not recipients:
        return set()
    state = OutboundMessage.State
    rows = OutboundMessage.objects.filter(
        recipient__in=recipients, state__in=[state.WAITING, state.SENDING], message_id__isnull=False
    )
    return {pk for pk in rows.values_list("message_id", flat=True) if pk is not None}
