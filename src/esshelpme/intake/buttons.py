"""Every button of the conversation (docs/conversation.md), each a named step.

Postbacks never expire and may be tapped twice, late, or by somebody else who got hold of the phone: each step
checks the state, answers politely, and never stops help.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from esshelpme.contacts.people import LANGUAGES, choose_language
from esshelpme.dispatch import acts, notices, offers
from esshelpme.dispatch.states import AssignmentStatus
from esshelpme.incidents import changes
from esshelpme.incidents.messages import hear
from esshelpme.incidents.models import Incident
from esshelpme.incidents.opening import ReportIn
from esshelpme.incidents.states import ENDED, Kind
from esshelpme.incidents.tell import tell
from esshelpme.intake import answers, wishes
from esshelpme.intake.adding import still_asked
from esshelpme.intake.models import Conversation
from esshelpme.intake.opening import report
from esshelpme.intake.reporting import open_report, place_of_candidate
from esshelpme.intake.turn import Turn, own_incident
from esshelpme.outbox.line_messages import text
from esshelpme.places import place_by_code
from esshelpme.words import say


def press(turn: Turn) -> None:
    """Do what the pressed button says; an unknown one gets the start buttons."""
    action = turn.heard.button.get("a", "")
    if action in OF_MEMBERS:
        OF_MEMBERS[action](turn)
    elif action in OF_REPORTERS:
        incident = own_incident(turn, turn.heard.button.get("i", ""))
        if incident is None:
            answers.short(turn, "stale")
        elif incident.status in ENDED and action != "rate":
            answers.off_timeline(turn, "old", incident)
        else:
            OF_REPORTERS[action](turn, incident)
    else:
        FREE.get(action, _unknown)(turn)


# Without an incident.


def _unknown(turn: Turn) -> None:
    """A button we do not know. With an open incident no start card: in discreet mode it would tell."""
    if turn.incident is None:
        answers.start(turn)
    else:
        answers.off_timeline(turn, "stale", turn.incident)


def _report(turn: Turn) -> None:
    new = turn.heard.button.get("new") == "1"
    if turn.incident is not None and not new:
        answers.more_or_new(turn, turn.incident)
        return
    turn.step(Conversation.Step.KIND, for_other=turn.incident is not None)
    answers.ask_kind(turn)


def _kind(turn: Turn) -> None:
    """A kind: opens an incident, tells an unknown one, corrects one that has not been dispatched."""
    kind = turn.heard.button.get("v", "")
    if kind not in answers.KINDS:
        _unknown(turn)
        return
    incident = turn.incident
    if incident is None or turn.situation().for_other:
        report(turn, None, kind=kind)
        return
    label = say(f"kind.{kind}", turn.language)
    hear(
        incident=incident,
        contact=turn.contact,
        type="BUTTON",
        text=label,
        said_at=turn.heard.said_at,
        at=turn.at,
        extra={"kind": kind},
    )
    undecided = incident.kind == Kind.UNKNOWN or incident.place_id is None
    if undecided and changes.set_kind(incident, kind, at=turn.at, by="reporter"):
        acts.kind_changed(incident, at=turn.at)
    if incident.place_id is None:
        answers.ask_place(turn, incident, again=True)
    else:
        answers.short(turn, "joined", incident)


def _language(turn: Turn) -> None:
    code = turn.heard.button.get("v", "")
    if code not in LANGUAGES:
        answers.ask_language(turn)
        return
    choose_language(turn.contact, language=code, chosen_by="PERSON")
    turn.answer([text(say("language.chosen", code))], "language.chosen")


def _info(turn: Turn) -> None:
    """What the service is for. In discreet mode that would tell: a neutral line instead."""
    if turn.incident is not None and turn.incident.discreet:
        answers.off_timeline(turn, "joined", turn.incident)
    else:
        answers.information(turn)


def _start_quietly(turn: Turn) -> None:
    """ "Quietly" in the menu: turns the mode on for an open incident, else begins with the pin alone."""
    if turn.incident is not None:
        _wish(wishes.quiet)(turn, turn.incident)
        return
    incident, _ = open_report(
        ReportIn(contact=turn.contact, channel="LINE", kind=Kind.UNKNOWN),
        at=turn.at,
        by="reporter",
        discreet=True,
    )
    turn.joined(incident)
    answers.ask_place(turn, incident)


def _menu_safe(turn: Turn) -> None:
    """ "I am safe" in the menu, which knows no incident."""
    if turn.incident is None:
        answers.start(turn)
    else:
        _wish(wishes.safe)(turn, turn.incident)


# Of the reporter's own incident.


def _more(turn: Turn, incident: Incident) -> None:
    key = "quiet.more" if incident.discreet else "ask.more"
    tell(
        incident,
        "words",
        at=turn.at,
        reply=turn.take_reply(),
        only=turn.contact,
        words=say(key, turn.language),
    )


def _wish(step: Callable[..., wishes.Answer]) -> Callable[[Turn, Incident], None]:
    def press_wish(turn: Turn, incident: Incident) -> None:
        _say(turn, incident, step(incident, at=turn.at))

    return press_wish


def _rate(turn: Turn, incident: Incident) -> None:
    if not wishes.may_rate(incident):
        answers.off_timeline(turn, "old" if incident.status in ENDED else "stale", incident)
        return
    stars = turn.heard.button.get("v", "")
    if not wishes.may_rate(incident):
        answers.off_timeline(turn, "stale", incident)
        return
    _say(
        turn,
        incident,
        wishes.rate(incident, int(stars) if stars.isascii() and stars.isdigit() else 0, at=turn.at),
    )


def _say(turn: Turn, incident: Incident, answer: wishes.Answer) -> None:
    if not answer.kept:
        answers.off_timeline(turn, answer.what, incident)
    elif answer.everyone:
        tell(incident, answer.what, at=turn.at, reply=turn.take_reply())
    else:
        answers.short(turn, answer.what, incident)


def _which_place(turn: Turn, incident: Incident) -> None:
    """The answer to "which place do you mean?"."""
    place = place_by_code(turn.heard.button.get("c", ""))
    if place is None or not still_asked(incident):
        answers.off_timeline(turn, "stale", incident)
        return
    acts.new_place(incident, place_of_candidate(place), said_at=turn.heard.said_at, at=turn.at, by="reporter")
    answers.short(turn, "place_changed", incident)


# Of members with an offer.


def _accept(turn: Turn) -> None:
    _answer(turn, offers.accept_by_line(**_offer(turn)))


def _decline(turn: Turn) -> None:
    _answer(turn, offers.decline_by_line(**_offer(turn)))


def _progress(status: AssignmentStatus) -> Callable[[Turn], None]:
    def step(turn: Turn) -> None:
        _answer(turn, offers.progress_by_line(status=status, **_offer(turn)))

    return step


def _backup(turn: Turn) -> None:
    _answer(turn, offers.backup_by_line(**_offer(turn)))


def _offer(turn: Turn) -> dict[str, Any]:
    return {
        "code": turn.heard.button.get("o", "")[:8],
        "line_user_id": turn.contact.address,
        "at": turn.at,
        "reply": turn.reply,
    }


def _answer(turn: Turn, answer: offers.Answer) -> None:
    if answer.key:
        notices.tell_line(turn.contact.address, answer.key, at=turn.at, reply=turn.take_reply())


FREE: dict[str, Callable[[Turn], None]] = {
    "report": _report,
    "kind": _kind,
    "language": _language,
    "info": _info,
    "start_quietly": _start_quietly,
    "menu_safe": _menu_safe,
}
OF_REPORTERS: dict[str, Callable[[Turn, Incident], None]] = {
    "more": _more,
    "quiet": _wish(wishes.quiet),
    "loud": _wish(wishes.loud),
    "cancel": _wish(wishes.cancel),
    "safe": _wish(wishes.safe),
    "rate": _rate,
    "place": _which_place,
}
OF_MEMBERS: dict[str, Callable[[Turn], None]] = {
    "accept": _accept,
    "decline": _decline,
    "enroute": _progress(AssignmentStatus.EN_ROUTE),
    "onscene": _progress(AssignmentStatus.ON_SCENE),
    "resolve": _progress(AssignmentStatus.DONE),
    "backup": _backup,
}
