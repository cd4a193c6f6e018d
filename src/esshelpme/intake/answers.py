"""What the conversation shows before and around an incident: start, kinds, places, language, information."""

from __future__ import annotations

from collections.abc import Sequence

from esshelpme.incidents.models import Incident
from esshelpme.incidents.tell import location_button, mode, tell
from esshelpme.intake.turn import Turn
from esshelpme.outbox.line_messages import Button, Message, card, paragraph, text
from esshelpme.outbox.send import put
from esshelpme.places import PlaceCandidate, unit_words
from esshelpme.words import say

KINDS = ("ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER")
PLACES_OFFERED = 4


def start(turn: Turn, *, key: str = "start.text", handover: str | None = None) -> None:
    """The start message: one button, no location action."""
    language = turn.language
    words = say(key, language)
    if handover is not None:
        about = say(f"handover.{handover}", language)
        words = say("start.handover", language, number=handover, about=about)
    if turn.contact.language_from == "DEFAULT":  # nobody knows yet which language they read
        words = f"{words}\n\n{say('start.text', 'en')}"
    turn.answer([start_card(language, words)], "start")


def start_neutrally(turn: Turn) -> None:
    """The start button in words that tell nothing, after a discreet incident."""
    button = Button.of(say("quiet.new_button", turn.language), "report")
    message = card(
        alt=say("start.alt", turn.language),
        body=[paragraph(say("quiet.joined", turn.language))],
        buttons=[button],
        quick=[button],
    )
    put(
        recipient=turn.contact.address,
        messages=[message],
        what="quiet.start",
        at=turn.at,
        reply=turn.take_reply(),
        silent=True,
    )


def start_card(language: str, words: str) -> Message:
    return card(
        alt=say("start.alt", language),
        body=[paragraph(words)],
        buttons=[Button.of(say("start.button", language), "report", style="alarm")],
        quick=[Button.of(say("start.button", language), "report")],
    )


def ask_kind(turn: Turn) -> None:
    """Five kinds and OTHER, as Flex buttons (computers show no quick replies) and as quick replies."""
    buttons = kind_buttons(turn.language)
    turn.answer(
        [
            card(
                alt=say("ask.kind_alt", turn.language),
                body=[paragraph(say("ask.kind", turn.language))],
                buttons=buttons,
                quick=buttons,
            )
        ],
        "ask.kind",
    )


def kind_buttons(language: str) -> list[Button]:
    return [Button.of(say(f"kind_button.{kind}", language), "kind", v=kind) for kind in KINDS]


def ask_place(turn: Turn, incident: Incident, *, again: bool = False) -> None:
    """Where are you? With LINE's location action; asked of this person only."""
    key = "place_again" if again else "place"
    words = say(f"quiet.{key}" if incident.discreet else f"ask.{key}", turn.language)
    tell(
        incident,
        "words",
        at=turn.at,
        reply=turn.take_reply(),
        quick=[location_button(incident, turn.language)],
        only=turn.contact,
        words=words,
    )


def ask_which_place(turn: Turn, incident: Incident, candidates: Sequence[PlaceCandidate]) -> None:
    """An ambiguous name: the likeliest is dispatched already; buttons correct it."""
    words = say("quiet.place_which" if incident.discreet else "ask.place_which", turn.language)
    quick = [
        Button.of(
            _place_label(candidate, turn.language), "place", i=incident.ref, c=candidate.key or candidate.code
        )
        for candidate in candidates[:PLACES_OFFERED]
    ]
    tell(
        incident,
        "words",
        at=turn.at,
        reply=turn.take_reply(),
        quick=[*quick, location_button(incident, turn.language)],
        only=turn.contact,
        words=words,
    )


def more_or_new(turn: Turn, incident: Incident) -> None:
    """`a=report` while one is open: more about it, or somebody else is in danger."""
    section = "quiet" if incident.discreet else "ask"
    buttons = [
        Button.of(say(f"{section}.more_button", turn.language), "more", i=incident.ref),
        Button.of(say(f"{section}.new_button", turn.language), "report", new=1),
    ]
    turn.answer(
        [
            card(
                alt=say("ask.kind_alt", turn.language),
                body=[paragraph(say(f"{section}.more_or_new", turn.language))],
                buttons=buttons,
                quick=buttons,
            )
        ],
        "more_or_new",
    )


def short(turn: Turn, what: str, incident: Incident | None = None) -> None:
    """One line in the mode of the incident: to this person only."""
    if incident is not None:
        tell(incident, what, at=turn.at, reply=turn.take_reply(), only=turn.contact)
        return
    how = mode(turn.incident) if turn.incident is not None else "loud"
    turn.answer([text(say(f"{how}.{what}", turn.language))], f"{how}.{what}")


def off_timeline(turn: Turn, what: str, incident: Incident) -> None:
    """One line about an incident that has ended: nothing is added to its timeline."""
    turn.answer([text(say(f"{mode(incident)}.{what}", turn.language))], what, silent=incident.discreet)


def ask_language(turn: Turn) -> None:
    buttons = [Button.of(say(f"language.{code}", turn.language), "language", v=code) for code in ("th", "en")]
    turn.answer([text(say("language.ask", turn.language), quick=buttons)], "language.ask")


def information(turn: Turn) -> None:
    turn.answer([text(say("info.text", turn.language))], "info")


def _place_label(candidate: PlaceCandidate, language: str) -> str:
    """Short enough for a quick reply, with the province that tells namesakes apart."""
    own = unit_words(candidate.code, language) or candidate.name
    province = unit_words(candidate.code[:2], language) if len(candidate.code) > 2 else ""
    return f"{own} {province}".strip()
