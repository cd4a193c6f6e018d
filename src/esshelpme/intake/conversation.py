"""One step of a conversation: what a person sent becomes a report, an answer, more, or the start buttons.

`converse` runs inside the transaction that marks the event done: the step and its messages happen exactly once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import choose_language, language_of_text
from esshelpme.directory.linking import typed_code, use_code
from esshelpme.directory.models import Member
from esshelpme.dispatch import notices
from esshelpme.dispatch.alarms import raise_alarm, raise_system_alarm
from esshelpme.dispatch.calls import open_call_task
from esshelpme.dispatch.states import AlarmLevel
from esshelpme.incidents import changes, timeline
from esshelpme.incidents.messages import unsend
from esshelpme.incidents.models import Incident
from esshelpme.incidents.states import OPEN
from esshelpme.intake import answers, buttons
from esshelpme.intake.adding import place_from_pin, place_from_words, tell_units
from esshelpme.intake.heard import SPOKEN, Heard, Type
from esshelpme.intake.meaning import Meaning, Signs, meaning
from esshelpme.intake.models import TakenBack
from esshelpme.intake.opening import ask_which, confirm, keep, report
from esshelpme.intake.reporting import Understood, learn, understand
from esshelpme.intake.turn import Turn, conversation_of, current_incident, just_ended, task_of
from esshelpme.outbox.send import REPLY_SECONDS, ReplyToken

# "Received" is said for the first of a row of messages, then not again for a while.
ACKNOWLEDGE_EVERY = timedelta(seconds=60)


def converse(heard: Heard, *, received_at: datetime, at: datetime) -> None:
    """Take one event of one person. Events without a person (some groups) change nothing."""
    if not heard.user_id or not heard.direct:
        return
    conversation = conversation_of(heard.user_id, at=at)
    contact = conversation.contact
    reply = None
    if heard.reply_token:
        until = received_at + timedelta(seconds=REPLY_SECONDS)
        reply = ReplyToken(heard.reply_token, until, contact.address)
    turn = Turn(
        heard=heard,
        contact=contact,
        conversation=conversation,
        incident=current_incident(conversation),
        task=task_of(heard.user_id),
        at=at,
        reply=reply,
    )
    if heard.type is Type.FOLLOW:
        _followed(turn)
    elif heard.type is Type.UNFOLLOW:
        _unfollowed(turn)
    elif heard.type is Type.UNSEND:
        _took_back(turn)
    elif heard.type is Type.BUTTON:
        buttons.press(turn)
    elif heard.type in SPOKEN:
        _said(turn)


def _said(turn: Turn) -> None:
    heard = turn.heard
    if heard.type is Type.TEXT and (code := typed_code(heard.text)):
        _link(turn, code)
        return
    taken_back = TakenBack.objects.filter(contact=turn.contact, channel_message_id=heard.message_id).exists()
    if taken_back:
        return
    if heard.type is Type.TEXT and (written := language_of_text(heard.text)):
        choose_language(turn.contact, language=written, chosen_by="TEXT")
    understood = understand(heard.text, turn.language) if heard.type is Type.TEXT else None
    decided = meaning(heard.type, _signs(understood), turn.situation())
    if decided is Meaning.START:
        _start(turn, understood)
    elif decided is Meaning.TASK_NOTE:
        _note_on_task(turn)
    elif decided is Meaning.NEW_REPORT:
        report(turn, understood)
    else:
        _join(turn, understood, answered=decided is Meaning.ANSWER)


def _join(turn: Turn, understood: Understood | None, *, answered: bool) -> None:
    """More about the open incident, or the answer to what it lacks."""
    incident, heard = turn.incident, turn.heard
    assert incident is not None
    message = keep(turn, incident)
    if understood is not None:
        learn(incident, understood, at=turn.at, by="reporter")
    placed = _place(turn, incident, understood)
    if not placed and message.type != Type.LOCATION.value:  # a new place is told by `acts.new_place`
        tell_units(incident, heard.text, at=turn.at)
    if placed == "FIRST":
        confirm(turn, incident)
        ask_which(turn, incident, understood)
    elif incident.place_id is None:
        answers.ask_place(turn, incident, again=True)
        if (
            heard.type is Type.TEXT
        ):  # "in front of the shop": a call-taker reads what no gazetteer knows, at once
            open_call_task(incident, None, "ASK_PLACE", at=turn.at)
    elif heard.type is Type.LOCATION:
        answers.short(turn, "place_changed", incident)
    elif answered or _should_acknowledge(turn):
        answers.short(turn, "joined", incident)


def _place(turn: Turn, incident: Incident, understood: Understood | None) -> str:
    """Set the place from a pin or, while there is none, from words. FIRST, NEWER, or empty."""
    heard = turn.heard
    if heard.type is Type.LOCATION and heard.lat is not None and heard.lng is not None:
        return place_from_pin(
            incident,
            heard.lat,
            heard.lng,
            source="PIN",
            address=heard.address,
            said_at=heard.said_at,
            at=turn.at,
        )
    if understood is None:
        return ""
    return place_from_words(incident, understood, said_at=heard.said_at, at=turn.at)


def _should_acknowledge(turn: Turn) -> bool:
    last = turn.conversation.answered_at
    if last is not None and turn.at - last < ACKNOWLEDGE_EVERY:
        return False
    turn.conversation.answered_at = turn.at
    turn.conversation.save(update_fields=["answered_at"])
    return True


def _start(turn: Turn, understood: Understood | None) -> None:
    """No emergency that we can see: the start buttons. What was said is kept for a person at the centre to see."""
    ended = just_ended(turn.conversation, at=turn.at)
    keep(turn, ended)
    if ended is not None:
        raise_alarm(ended, AlarmLevel.CENTRE, "SAID_AFTER_END", at=turn.at)
        if ended.discreet:  # who could not be told anything an hour ago still cannot
            answers.start_neutrally(turn)
            return
    if understood is None:
        answers.start(turn, key="start.text_media")
        return
    handover = understood.reading.handover
    answers.start(turn, handover=handover)
    if handover is not None:  # no incident, yet never met by silence: a person at the centre looks
        raise_system_alarm("ANSWER_IN_INBOX", detail=handover, at=turn.at)


def _note_on_task(turn: Turn) -> None:
    """Free text and pictures of a responder with a task go onto its timeline as their note."""
    task = turn.task
    assert task is not None
    assert task.accepted_by is not None
    incident = changes.lock(task.incident_id)
    actor = f"member:{task.accepted_by.code}"
    if turn.heard.type is Type.TEXT:
        changes.note(incident, turn.heard.text, at=turn.at, by=actor, subject_id=turn.contact.subject_id)
    else:
        keep(turn, incident, by=actor)
    notices.tell_line(
        turn.contact.address,
        "noted",
        at=turn.at,
        reply=turn.take_reply(),
        incident=incident,
        assignment=task,
    )


def _link(turn: Turn, code: str) -> None:
    member = use_code(code, line_user_id=turn.contact.address, at=turn.at)
    if member is None:
        notices.tell_line(turn.contact.address, "link_failed", at=turn.at, reply=turn.take_reply())
        return
    notices.tell_line(
        turn.contact.address,
        "link_done",
        at=turn.at,
        reply=turn.take_reply(),
        fill={"name": member.name, "unit": member.unit.name_th},
    )


def _followed(turn: Turn) -> None:
    """A new or returning friend. Somebody who comes back to an open incident is not asked to start again."""
    returned = turn.contact.blocked_at is not None
    Contact.objects.filter(pk=turn.contact.pk).update(blocked_at=None, followed_at=turn.at)
    if turn.incident is not None:
        if returned:
            timeline.append(turn.incident, "REPORTER_RETURNED", at=turn.at, by="reporter")
        answers.short(turn, "joined", turn.incident)
        return
    if not Member.objects.filter(line_user_id=turn.contact.address, active=True).exists() or not turn.task:
        answers.start(turn)


def _unfollowed(turn: Turn) -> None:
    """Blocking is a danger sign, not a closure: shown, unconfirmed, changing nothing else."""
    Contact.objects.filter(pk=turn.contact.pk).update(blocked_at=turn.at)
    for incident_id in Incident.objects.filter(contact=turn.contact, status__in=OPEN).values_list(
        "pk", flat=True
    ):
        incident = changes.lock(incident_id)
        timeline.append(incident, "REPORTER_BLOCKED", at=turn.at, by="reporter", data={"confirmed": False})


def _took_back(turn: Turn) -> None:
    """Removed from view and from storage, also when the message itself arrives later."""
    TakenBack.objects.get_or_create(
        contact=turn.contact, channel_message_id=turn.heard.message_id, defaults={"at": turn.at}
    )
    unsend(contact=turn.contact, channel_message_id=turn.heard.message_id, at=turn.at)


def _signs(understood: Understood | None) -> Signs:
    if understood is None:
        return Signs()
    reading = understood.reading
    return Signs(
        emergency=reading.emergency,
        kind=understood.kind is not None,
        place=bool(understood.places.candidates),
        harmless=reading.non_emergency is not None,
    )
