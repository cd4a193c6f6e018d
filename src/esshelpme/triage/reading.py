"""The one question of this room: what does this text mean?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from esshelpme.triage import rules
from esshelpme.triage.normal import normalise
from esshelpme.triage.signs import signs_in

Kind = Literal["ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER"]
Urgency = Literal["now", "soon", "info"]
Handover = Literal["199", "1669", "1323", "191", "1300"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text seems to say. A proposal: nothing here may ever be a reason to refuse somebody.

    `emergency`: there is a sign of an emergency. False means only that none was seen: show the buttons.
    `kind`: one of the five kinds, OTHER (none of the five), or None when it is not told.
    `urgency`: "now" (happening, or danger within the hour), "soon" (repeated, threatened, just past), "info".
    `weapon, child, injury, fire`: dangers the text names. `discreet`: calling or a telling reply could harm.
    `handover`: number of whoever answers an urgent thing that is none of the five kinds; also set, with
    `emergency` False, for quiet suicidal thoughts (1323) and social need (1300): never answer those by silence.
    `safe`: the writer says they are safe now (unconfirmed, always).
    `non_emergency`: GREETING, QUESTION, THANKS, NEWS, TEST, SPAM …, when that is clear, else None.
    `confidence`: 0–1, how sure `emergency` is. `reasons`: sign:evidence and the strongest features, for people.
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


def read(text: str, lang: str | None = None) -> Reading:
    """Read one message. Never raises on any `str`; needs no network; the same text always reads the same.

    `lang` is a hint (th, en, my, lo, km, zh) and may be wrong or None: people mix languages.
    """
    plain = normalise(text)
    seen = signs_in(plain)
    reasons = tuple(f"{name}: {evidence}" for name, evidence in seen.items())
    kind_signs = [sign for sign in rules.KIND_SIGNS if sign in seen]
    harmless = [sign for sign in rules.HARMLESS if sign in seen]
    urgent_other = any(sign in seen for sign, _ in rules.HANDOVERS)
    strong = any(sign in seen for sign in ("weapon", "threat", "hiding", "injury", "help"))
    points = 2 * len(kind_signs) + sum(sign in seen for sign in ("weapon", "threat", "hiding", "injury", "help", "now"))
    points += 2 * ("veiled" in seen) + 2 * urgent_other - 3 * len(harmless) - ("question" in seen and not strong)
    emergency = points >= 2
    kind: Kind | None = None
    if kind_signs:
        kind = rules.kind_by_signs(seen) or rules.KIND_SIGNS[kind_signs[0]]  # type: ignore[assignment]
    elif urgent_other or not emergency:
        kind = "OTHER" if (urgent_other or harmless) else None
    urgency: Urgency = "info"
    if emergency:
        past = "now" not in seen and ("past" in seen or "repeated" in seen)
        urgency = "soon" if past else "now"
    return Reading(
        emergency=emergency,
        kind=kind,
        urgency=urgency,
        weapon="weapon" in seen,
        child="child" in seen or "young_writer" in seen,
        injury="injury" in seen,
        fire="fire" in seen,
        discreet="hiding" in seen or "veiled" in seen,
        handover=None if kind_signs else rules.handover(seen),  # type: ignore[arg-type]
        safe="safe_now" in seen,
        non_emergency=None if emergency else rules.harmless_kind(seen, plain),
        confidence=min(0.9, 0.5 + 0.1 * abs(points - 2)),
        reasons=reasons,
    )
