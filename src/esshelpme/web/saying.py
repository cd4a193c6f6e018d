"""What a person adds on their status page: words, a place, a picture. The incident's row is locked."""

from __future__ import annotations

from datetime import datetime

from esshelpme.contacts.models import Contact
from esshelpme.dispatch import acts, alarms
from esshelpme.dispatch.states import AlarmLevel
from esshelpme.incidents.messages import hear
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.incidents.place import distance_km, place_of
from esshelpme.incidents.states import OPEN
from esshelpme.incidents.tell import tell
from esshelpme.intake import wishes
from esshelpme.intake.adding import place_from_pin, place_from_words, still_asked, tell_units
from esshelpme.intake.reporting import Understood, learn, place_of_candidate, understand
from esshelpme.places import place_by_code
from esshelpme.web.form import Point
from esshelpme.web.limits import limit

NEAR_KM = 0.3


def said_once(incident: Incident, contact: Contact, once: str) -> bool:
    """Whether this very form came before."""
    return Message.objects.filter(incident=incident, contact=contact, channel_message_id=once).exists()


def say_words(incident: Incident, report: Report, text: str, *, once: str, at: datetime) -> None:
    """Words for the centre; what they tell is learnt, and who is on the way hears them."""
    contact = report.contact
    assert contact is not None
    size = limit("TEXT_PART")
    for start in range(0, len(text), size):
        hear(
            incident=incident,
            contact=contact,
            type="TEXT",
            text=text[start : start + size],
            said_at=at,
            at=at,
            channel_message_id=once,
        )
    understood = understand(text, contact.language)
    if incident.status not in OPEN:
        _said_after_the_end(incident, understood, contact, at=at)
        return
    learn(incident, understood, at=at, by="reporter")
    if place_from_words(incident, understood, said_at=at, at=at) != "FIRST":
        tell_units(incident, text, at=at)
    else:
        confirm_place(incident, contact, at=at)


def say_place(
    incident: Incident, report: Report, point: Point | None, words: str, *, once: str, at: datetime
) -> bool:
    """A position or typed words. False when no place was found in the words: they are kept all the same."""
    contact = report.contact
    assert contact is not None
    first = incident.place_id is None
    if point is not None:
        found = _say_point(incident, contact, point, words, once=once, at=at)
    elif words:
        found = _say_named(incident, contact, words, once=once, at=at)
    else:
        found = False
    if first and incident.place_id is not None:
        confirm_place(incident, contact, at=at)
    return found


def _say_point(
    incident: Incident, contact: Contact, point: Point, words: str, *, once: str, at: datetime
) -> bool:
    if incident.status not in OPEN or _same(incident, point, at=at):
        return True
    hear(
        incident=incident,
        contact=contact,
        type="LOCATION",
        text=f"{point.lat:.6f},{point.lng:.6f} {words}".strip(),
        said_at=at,
        at=at,
        channel_message_id=once,
    )
    try:
        place_from_pin(
            incident,
            point.lat,
            point.lng,
            source="GPS",
            accuracy_m=point.accuracy_m,
            address=words or _landmark_near(incident, point),
            said_at=at,
            at=at,
        )
    except ValueError:
        return False
    return True


def _say_named(incident: Incident, contact: Contact, words: str, *, once: str, at: datetime) -> bool:
    hear(
        incident=incident,
        contact=contact,
        type="TEXT",
        text=words[: limit("TEXT_PART")],
        said_at=at,
        at=at,
        channel_message_id=once,
    )
    if incident.status not in OPEN:
        return True
    understood = understand(words, contact.language)
    if not place_from_words(incident, understood, said_at=at, at=at):
        tell_units(incident, words, at=at)
    return incident.place_id is not None


def choose_place(incident: Incident, code: str, *, at: datetime) -> bool:
    """The answer to "which place do you mean?". False for an unknown one."""
    candidate = place_by_code(code)
    if candidate is None or not still_asked(incident):
        return False
    acts.new_place(
        incident,
        place_of_candidate(candidate, words=_address(incident)),
        said_at=at,
        at=at,
        by="reporter",
    )
    return True


def tell_of_media(incident: Incident, *, at: datetime) -> None:
    """A picture came: who is on the way hears that the centre has it."""
    tell_units(incident, "", at=at)


def confirm_place(incident: Incident, contact: Contact, *, at: datetime) -> None:
    what = "received_abroad" if incident.place_flag == "ABROAD" else "received"
    tell(incident, what, at=at, only=contact)


def _said_after_the_end(
    incident: Incident, understood: Understood, contact: Contact, *, at: datetime
) -> None:
    """Words after the end: signs of an emergency take it up again, anything else is for a person to read."""
    if understood.reading.emergency and wishes.may_reopen(incident, at=at):
        answer = wishes.not_solved(incident, at=at)
        tell(incident, answer.what, at=at, only=contact)
        learn(incident, understood, at=at, by="reporter")
    else:
        alarms.raise_alarm(incident, AlarmLevel.CENTRE, "SAID_AFTER_END", at=at)


def _same(incident: Incident, point: Point, *, at: datetime) -> bool:
    """Whether a live position tells nothing new: near the last one, soon after, and not much more exact."""
    before = place_of(incident)
    if before is None or before.source != "GPS" or incident.place_said_at is None:
        return False
    if at - incident.place_said_at >= limit("FIX_EVERY"):
        return False
    known, now = before.accuracy_m or 1e9, point.accuracy_m or 1e9
    moved = distance_km(before.lat, before.lng, point.lat, point.lng) * 1000
    return moved < limit("FIX_MOVED_M") and now > known / 2


def _landmark_near(incident: Incident, point: Point) -> str:
    """The words that went with the place before, when the person is still there."""
    before = place_of(incident)
    if before is None or distance_km(before.lat, before.lng, point.lat, point.lng) > NEAR_KM:
        return ""
    return before.address


def _address(incident: Incident) -> str:
    before = place_of(incident)
    return before.address if before is not None else ""
