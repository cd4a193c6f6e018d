"""What the signs alone say: hard safety rules, the hand-over number, and the plain kind of a harmless text.

The model weighs; these rules know. They are few, each is one sentence, and each can be read in `reasons`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from esshelpme.triage.normal import language

Signs = Mapping[str, str]
Five = Literal["ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING"]
Number = Literal["199", "1669", "1323", "191", "1300"]

#: Characters up to which a cry for help that tells nothing else is taken at its word.
BARE_CRY = 24
_QUIET = ("question", "greeting", "thanks", "complaint")


@dataclass(frozen=True, slots=True)
class Certain:
    """A rule that is sure of an emergency, whatever the model weighs."""

    name: str
    tells_kind: bool = True  # False: a call, and no more
    is_other: bool = False  # sure that it is none of the five kinds, too


def certain(seen: Signs, text: str) -> Certain | None:
    """The first rule that is sure, or None: then the model decides.

    Every rule errs towards help.
    """
    if any(sign in seen for sign in HARMLESS):
        return None
    kind = any(sign in seen for sign in KIND_SIGNS)
    urgent = any(sign in seen for sign, _ in HANDOVERS)
    quiet = any(sign in seen for sign in _QUIET)
    bare_cry = "help" in seen and len(text) <= BARE_CRY
    rules = (
        ("veiled" in seen, Certain("an order that nobody would send to an emergency line", tells_kind=False)),
        (bare_cry and not quiet, Certain("a bare cry for help", tells_kind=kind or urgent)),
        (kind and "weapon" in seen and "now" in seen, Certain("a weapon, now")),
        (
            kind and not quiet and language(text) in _FEW_EXAMPLES,
            Certain("a sign of a kind in a language with few examples"),
        ),
        (not kind and "suicide" in seen and "now" in seen, Certain("about to die", is_other=True)),
    )
    return next((rule for holds, rule in rules if holds), None)


#: Which sign speaks for which of the five kinds.
KIND_SIGNS: dict[str, Five] = {
    "beaten": "ASSAULT",
    "locked_in": "CONFINEMENT",
    "sexual": "SEXUAL",
    "disturbed": "DISTURBED",
    "gathering": "GATHERING",
}
#: Signs of texts that tell no emergency of the writer's own.
HARMLESS = (
    "joke", "fiction", "news", "sport", "just_asking", "denied", "mistake", "long_ago", "closed",
    "spam", "test",
)  # fmt: skip
#: What a harmless text is, by the first of these signs in it.
HARMLESS_KINDS = {
    "spam": "SPAM",
    "mistake": "MISTAKE",
    "news": "NEWS",
    "fiction": "FICTION",
    "sport": "NEWS",
    "joke": "JOKE",
    "test": "TEST",
    "fraud": "FRAUD",
    "question": "QUESTION",
    "just_asking": "QUESTION",
    "thanks": "THANKS",
    "closed": "CLOSED",
    "denied": "DENIED",
    "long_ago": "PAST",
    "social_need": "WELFARE",
    "complaint": "COMPLAINT",
    "greeting": "GREETING",
    "service_talk": "QUESTION",
    "lost_thing": "LOST",
    "animal": "ANIMAL",
    "small_talk": "CHAT",
}
#: Languages that the model has seen too little of to overrule a sign.
_FEW_EXAMPLES = frozenset({"my", "lo", "km", "zh"})
#: Signs of something urgent that is none of the five kinds, with the number that answers it in Thailand
#: (199 fire and rescue, 1669 emergency medicine, 1323 mental health, 191 police, 1300 social help),
#: strongest first.
HANDOVERS: tuple[tuple[str, Number], ...] = (
    ("fire", "199"),
    ("suicide", "1323"),
    ("medical", "1669"),
    ("rescue", "199"),
    ("crime", "191"),
)


def kind_by_signs(seen: Signs) -> Five | None:
    """The kind that the signs point to when exactly one of them does, else None."""
    kinds = [kind for sign, kind in KIND_SIGNS.items() if sign in seen]
    return kinds[0] if len(kinds) == 1 else None


def handover(seen: Signs) -> Number | None:
    """The number for an urgent text that is none of the five kinds, or None when no sign asks for one."""
    for sign, number in HANDOVERS:
        if sign in seen:
            return number
    return "1300" if "social_need" in seen else None


def is_noise(text: str) -> bool:
    """No letter of any script: dots, emoji, laughing, a number, nothing at all."""
    return not any(letter.isalpha() for letter in text.replace("<haha>", "").replace("<link>", ""))


def harmless_kind(seen: Signs, text: str) -> str | None:
    """What a text without an emergency is: GREETING, QUESTION, THANKS, NEWS, TEST, SPAM …, or None when
    unclear."""
    if is_noise(text):
        return "NOISE"
    for sign, name in HARMLESS_KINDS.items():
        if sign in seen:
            return name
    return None
