"""What the signs alone say: hard safety rules, the hand-over number, and the plain kind of a harmless text.

The model weighs; these rules know. They are few, each is one sentence, and each can be read in `reasons`.
"""

from __future__ import annotations

from collections.abc import Mapping

Signs = Mapping[str, str]

#: Which sign speaks for which of the five kinds.
KIND_SIGNS = {
    "beaten": "ASSAULT",
    "locked_in": "CONFINEMENT",
    "sexual": "SEXUAL",
    "disturbed": "DISTURBED",
    "gathering": "GATHERING",
}
#: Signs of texts that tell no emergency of the writer's own.
HARMLESS = ("joke", "fiction", "news", "sport", "just_asking", "denied", "mistake", "long_ago", "closed", "spam", "test")
#: Signs of something urgent that is none of the five kinds, with the number that answers it in Thailand
#: (199 fire and rescue, 1669 emergency medicine, 1323 mental health, 191 police, 1300 social help), strongest first.
HANDOVERS = (("fire", "199"), ("suicide", "1323"), ("medical", "1669"), ("rescue", "199"), ("crime", "191"))


def kind_by_signs(seen: Signs) -> str | None:
    """The kind that the signs point to when exactly one of them does, else None."""
    kinds = [kind for sign, kind in KIND_SIGNS.items() if sign in seen]
    return kinds[0] if len(kinds) == 1 else None


def handover(seen: Signs) -> str | None:
    """The number for an urgent text that is none of the five kinds, or None when no sign asks for one."""
    for sign, number in HANDOVERS:
        if sign in seen:
            return number
    return "1300" if "social_need" in seen else None


def harmless_kind(seen: Signs, text: str) -> str | None:
    """What a text without an emergency is: GREETING, QUESTION, THANKS, NEWS, TEST, SPAM …, or None when unclear."""
    if not any(letter.isalpha() for letter in text.replace("<haha>", "").replace("<link>", "")):
        return "NOISE"
    order = (
        ("spam", "SPAM"), ("mistake", "MISTAKE"), ("news", "NEWS"), ("fiction", "FICTION"), ("sport", "NEWS"),
        ("joke", "JOKE"), ("test", "TEST"), ("fraud", "FRAUD"), ("question", "QUESTION"), ("just_asking", "QUESTION"),
        ("thanks", "THANKS"), ("closed", "CLOSED"), ("denied", "DENIED"), ("long_ago", "PAST"),
        ("social_need", "WELFARE"), ("complaint", "COMPLAINT"), ("greeting", "GREETING"),
    )  # fmt: skip
    for sign, name in order:
        if sign in seen:
            return name
    return None
