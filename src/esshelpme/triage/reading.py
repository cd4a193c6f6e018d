"""The one question of this room: what does this text mean?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from esshelpme.triage import rules
from esshelpme.triage.features import pieces
from esshelpme.triage.model import Model, model
from esshelpme.triage.normal import normalise
from esshelpme.triage.signs import signs_in

Kind = rules.Five | Literal["OTHER"]
Urgency = Literal["now", "soon", "info"]
Handover = rules.Number


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text seems to say. A proposal: nothing here may ever be a reason to refuse somebody.

    `emergency`: there is a sign of an emergency. False means only that none was seen: show the buttons.
    `kind`: one of the five kinds, OTHER (none of the five), or None when it is not told.
    `urgency`: "now" (happening, or danger within the hour), "soon" (repeated, threatened, just past), "info".
    `weapon, child, injury, fire`: dangers the text names. `discreet`: calling or a telling reply could harm.
    `handover`: number of whoever answers an urgent thing that is none of the five kinds; also set, with
    `emergency` False, for quiet suicidal thoughts (1323) and social need (1300): never answer those by
    silence.
    `safe`: the writer says they are safe now (unconfirmed, always).
    `non_emergency`: GREETING, QUESTION, THANKS, NEWS, TEST, SPAM …, when that is clear, else None.
    `confidence`: 0–1, how sure `emergency` is. `reasons`: sign:evidence and the strongest features, for
    people.
    """

    emergency: bool
    kind: Kind | None
    urgency: Urgency
    weapon: bool = False
    child: bool = False
    injury: bool = False
    fire: bool = False
    discreet: bool = False
    handover: Handover | None = None
    safe: bool = False
    non_emergency: str | None = None
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()


#: Below this share of the five kinds' likeliest, the kind is not told: every unit is able for an
#: unknown kind.
KIND_SURE = 0.25
#: And so it is when a cry that tells no kind is so many times likelier than the five together.
NOT_TOLD = 2.0
#: Signs of what one person does to another: such a text is never OTHER for a fire or a wound that comes
#: with it.
_PEOPLE_DO_IT = ("beaten", "locked_in", "sexual")
FIVE: tuple[rules.Five, ...] = ("ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING")


def read(text: str, lang: str | None = None) -> Reading:
    """Read one message. Never raises on any `str`; needs no network; the same text always reads the same.

    `lang` is what the person chose (th, en, my, lo, km); the text's own letters decide, since people
    mix languages.
    """
    return decide(normalise(text), model())


def decide(plain: str, with_model: Model) -> Reading:
    """The reading of a normalised text: what the model weighs, under the few things that the rules know."""
    seen = signs_in(plain)
    if not seen and rules.is_noise(plain):
        return Reading(emergency=False, kind=None, urgency="info", non_emergency="NOISE", confidence=0.95)
    scores = with_model.scores(pieces(plain, seen))
    kinds = scores.probability["kind"]
    likely = (scores.yes("emergency") + 1.0 - kinds["OTHER"]) / 2.0
    rule = rules.certain(seen, plain)
    emergency = rule is not None or likely >= with_model.threshold
    reasons = [f"rule: {rule.name}"] if rule is not None else []
    reasons += [f"{name}: {evidence}" for name, evidence in seen.items()]
    reasons += [f"piece: {piece}" for piece in scores.because]

    kind = _kind(kinds, seen, emergency=emergency, rule=rule)
    handover = _handover(scores.probability["handover"], seen, kind=kind, emergency=emergency)
    harmless = rules.harmless_kind(seen, plain)
    if not emergency and kind is None and (harmless or handover):
        kind = "OTHER"
    return Reading(
        emergency=emergency,
        kind=kind,
        urgency=_urgency(scores.probability["urgency"], kind=kind, emergency=emergency, handover=handover),
        weapon=_flag(scores.yes("weapon"), sign="weapon" in seen, certain=emergency and kind != "OTHER"),
        child=_flag(scores.yes("child"), sign="child" in seen or "young_writer" in seen),
        injury="injury" in seen,
        fire="fire" in seen,
        discreet=emergency and ("veiled" in seen or _flag(scores.yes("discreet"), sign="hiding" in seen)),
        handover=handover,
        safe="safe_now" in seen,
        non_emergency=None if emergency else harmless,
        confidence=round(abs(likely - with_model.threshold) / 2 + 0.5 if rule is None else 0.9, 3),
        reasons=tuple(reasons),
    )


def _kind(
    kinds: Mapping[str, float], seen: rules.Signs, *, emergency: bool, rule: rules.Certain | None
) -> Kind | None:
    """The likeliest of the five, OTHER, or None when nothing is told."""
    best = max(FIVE, key=lambda name: kinds[name])
    if not emergency:
        return "OTHER" if kinds["OTHER"] + kinds["OTHER_NOW"] >= 0.5 else None
    if rule is not None and rule.is_other:
        return "OTHER"
    if rule is not None and not rule.tells_kind:
        return best if kinds[best] > kinds["UNKNOWN"] + kinds["OTHER_NOW"] + kinds["OTHER"] else None
    if kinds["OTHER_NOW"] > kinds[best] and not any(sign in seen for sign in _PEOPLE_DO_IT):
        return "OTHER"
    five = sum(kinds[name] for name in FIVE)
    if kinds["UNKNOWN"] > NOT_TOLD * five or kinds[best] / (five + kinds["UNKNOWN"]) < KIND_SURE:
        return rules.kind_by_signs(seen)
    return best


def _handover(
    numbers: Mapping[str, float], seen: rules.Signs, *, kind: Kind | None, emergency: bool
) -> Handover | None:
    """Who answers what is none of the five kinds: what a sign says first, then what the model makes of it."""
    if kind in FIVE or (emergency and kind is None):
        return None
    known = rules.handover(seen)
    likeliest = max(numbers, key=lambda name: numbers[name])
    guess = None if likeliest == "none" else cast(Handover, likeliest)
    if emergency:
        return known or guess or "191"
    return known or guess if "suicide" in seen or "social_need" in seen else guess


def _urgency(
    urgencies: Mapping[str, float], *, kind: Kind | None, emergency: bool, handover: Handover | None
) -> Urgency:
    if emergency and (kind is None or kind == "OTHER"):
        return "now"
    if emergency:
        return "now" if urgencies["now"] >= urgencies["soon"] else "soon"
    return (
        "soon" if handover == "1323" or urgencies["soon"] + urgencies["now"] > urgencies["info"] else "info"
    )


def _flag(probability: float, *, sign: bool, certain: bool = False) -> bool:
    """A danger is named when the model thinks so; less is needed, or nothing when `certain`, if a sign
    stands there."""
    if sign and certain:
        return True
    return probability >= (0.08 if sign else 0.45)
