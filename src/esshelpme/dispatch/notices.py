"""What members of units get on their LINE: offers, the task once accepted, news of it.

Before an accept: kind, danger, subdistrict and district, distance to 1 km. The exact place, names and words come
only after it, and only to who accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from esshelpme.contacts.models import Contact
from esshelpme.dispatch.candidates import Line
from esshelpme.dispatch.models import Assignment
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.incidents.place import Place, place_of
from esshelpme.incidents.words import dangers, where
from esshelpme.outbox.line_messages import ALARM, Button, Link, banner, card, clean, paragraph, text
from esshelpme.outbox.line_messages import Message as LineMessage
from esshelpme.outbox.models import OutboundMessage
from esshelpme.outbox.send import ReplyToken, draft, put
from esshelpme.platform.ids import show_ref
from esshelpme.privacy.content import reveal
from esshelpme.words import say

# An offer is useless long after its deadline; news of a task stays worth telling.
OFFER_KEEPS_TRYING = timedelta(minutes=15)
WORDS_SHOWN = 5


def offer_drafts(
    assignment: Assignment, incident: Incident, lines: Iterable[Line], *, at: datetime
) -> list[OutboundMessage]:
    """The pushes by which an offer reaches each member; the caller writes them."""
    return [
        draft(
            recipient=line.user_id,
            messages=[_offer_card(assignment, incident, line.language, at=at)],
            what="offer",
            at=at,
            keep_trying=OFFER_KEEPS_TRYING,
            incident_id=incident.pk,
            assignment_id=assignment.pk,
        )
        for line in lines
    ]


def tell_line(
    line_user_id: str,
    key: str,
    *,
    at: datetime,
    reply: ReplyToken | None = None,
    incident: Incident | None = None,
    assignment: Assignment | None = None,
    fill: Mapping[str, str] | None = None,
) -> None:
    """A short text of the catalogue (`offer.…`) to one officer; `{ref}` names the incident, `fill` the rest."""
    values = {"ref": show_ref(incident.ref)} if incident is not None else {}
    values |= fill or {}
    put(
        recipient=line_user_id,
        messages=[text(say(f"offer.{key}", language_of(line_user_id), **values))],
        what=f"offer.{key}",
        at=at,
        reply=reply,
        incident_id=incident.pk if incident else None,
        assignment_id=assignment.pk if assignment else None,
    )


def tell_task(assignment: Assignment, incident: Incident, *, at: datetime, reply: ReplyToken | None) -> None:
    """All that the member who accepted needs: danger, exact place, words, buttons."""
    member = assignment.accepted_by
    if member is None or not member.line_user_id:
        return
    language = language_of(member.line_user_id)
    place = place_of(incident)
    messages: list[LineMessage] = [_task_card(assignment, incident, place, language)]
    if place is not None and not place.wide:
        messages.append(_pin(incident, place, language))
    put(
        recipient=member.line_user_id,
        messages=messages,
        what="offer.task",
        at=at,
        reply=reply,
        incident_id=incident.pk,
        assignment_id=assignment.pk,
    )


def tell_new_place(assignment: Assignment, incident: Incident, *, at: datetime) -> None:
    """A newer place, at once, to who is on the way."""
    member = assignment.accepted_by
    place = place_of(incident)
    if member is None or not member.line_user_id or place is None:
        return
    language = language_of(member.line_user_id)
    news = text(say("offer.place_changed", language, ref=show_ref(incident.ref)))
    body = [news, _wide(language) if place.wide else _pin(incident, place, language)]
    put(
        recipient=member.line_user_id,
        messages=body,
        what="offer.place_changed",
        at=at,
        incident_id=incident.pk,
        assignment_id=assignment.pk,
    )


def language_of(line_user_id: str) -> str:
    """The language a LINE person chose; Thai when they never did."""
    found = Contact.objects.filter(channel=Contact.Channel.LINE, address=line_user_id).first()
    return found.language if found and found.language_from != "DEFAULT" else "th"


def navigation_link(place: Place) -> str:
    """Directions to the very point the reporter gave (Google Maps URLs; opens the phone's map application)."""
    query = urlencode({"api": 1, "destination": f"{place.lat:.6f},{place.lng:.6f}"})
    return f"https://www.google.com/maps/dir/?{query}"


def _offer_card(assignment: Assignment, incident: Incident, language: str, *, at: datetime) -> LineMessage:
    km = max(1, round(assignment.distance_km or 0))
    wide = incident.place_accuracy_m is not None and incident.place_accuracy_m > 500
    body = _exercise(incident, language)
    if incident.dangers:
        body.append(paragraph(dangers(incident, language), color=ALARM, bold=True))
    body.append(
        paragraph(
            say(
                "offer.where_wide" if wide else "offer.where",
                language,
                place=where(incident, language),
                km=km,
            )
        )
    )
    if not incident.safe_to_call:
        body.append(paragraph(say("offer.no_call", language), color=ALARM))
    if assignment.deadline_at is not None:
        seconds = int((assignment.deadline_at - at).total_seconds())
        body.append(paragraph(say("offer.until", language, seconds=seconds), size="sm"))
    body.append(paragraph(show_ref(incident.ref), size="sm"))
    return card(
        alt=say("offer.alt", language),
        header=banner(say("offer.title", language, kind=say(f"kind.{incident.kind}", language))),
        body=body,
        buttons=[
            Button.of(say("offer.accept", language), "accept", style="primary", o=assignment.code),
            Button.of(say("offer.decline", language), "decline", o=assignment.code),
        ],
    )


def _task_card(assignment: Assignment, incident: Incident, place: Place | None, language: str) -> LineMessage:
    body = _exercise(incident, language)
    body.append(paragraph(say(f"kind.{incident.kind}", language), size="lg", bold=True))
    if incident.dangers:
        body.append(paragraph(dangers(incident, language), color=ALARM, bold=True))
    if not incident.safe_to_call:
        body.append(paragraph(say("offer.no_call", language), color=ALARM, bold=True))
    body.append(paragraph(where(incident, language)))
    buttons: list[Button | Link] = []
    if place is not None:
        if place.address:
            body.append(paragraph(say("offer.address", language, address=place.address)))
        if place.wide:
            body.append(paragraph(say("offer.wide", language), color=ALARM))
        else:
            body.append(
                paragraph(
                    say("offer.exact", language, lat=f"{place.lat:.5f}", lng=f"{place.lng:.5f}"), size="sm"
                )
            )
            buttons.append(Link(say("offer.navigate", language), navigation_link(place)))
    body += [paragraph(say("offer.words", language, text=words)) for words in _said(incident)]
    for key, action in (("enroute", "enroute"), ("onscene", "onscene"), ("resolve", "resolve")):
        buttons.append(Button.of(say(f"offer.{key}", language), action, o=assignment.code))
    buttons.append(Button.of(say("offer.backup", language), "backup", o=assignment.code))
    return card(
        alt=say("offer.yours", language, ref=show_ref(incident.ref)),
        header=banner(say("offer.yours", language, ref=show_ref(incident.ref))),
        body=body,
        buttons=buttons,
    )


def _exercise(incident: Incident, language: str) -> list[LineMessage]:
    """An exercise says so before anything else."""
    return [paragraph(say("offer.exercise", language), bold=True)] if incident.exercise else []


def _said(incident: Incident) -> Sequence[str]:
    """The latest words of the reporter, oldest first."""
    reports = Report.objects.filter(incident=incident, text__isnull=False).select_related("text")
    messages = (
        Message.objects.filter(incident=incident, direction="IN", type="TEXT", content__isnull=False)
        .select_related("content")
        .order_by("-id")[:WORDS_SHOWN]
    )
    words = [reveal(report.text) for report in reports]
    words += [reveal(message.content) for message in reversed(messages)]
    seen: dict[str, None] = dict.fromkeys(word for word in words if word)
    return list(seen)[-WORDS_SHOWN:]


def _pin(incident: Incident, place: Place, language: str) -> LineMessage:
    return {
        "type": "location",
        "title": show_ref(incident.ref),
        "address": clean(place.address or where(incident, language))[:100] or "-",
        "latitude": place.lat,
        "longitude": place.lng,
    }


def _wide(language: str) -> LineMessage:
    return text(say("offer.wide", language))
