"""Who must go for which kind, and by when: the defaults, as data.

Needs by kind: the first agency type leads; a child adds SOCIAL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from esshelpme.incidents.states import Danger, Kind

NEEDS: dict[Kind, tuple[str, ...]] = {
    Kind.ASSAULT: ("POLICE", "SOCIAL"),
    Kind.CONFINEMENT: ("POLICE", "SOCIAL"),
    Kind.SEXUAL: ("POLICE", "SOCIAL"),
    Kind.UNKNOWN: ("POLICE", "SOCIAL"),
    Kind.DISTURBED: ("POLICE", "HEALTH"),
    Kind.GATHERING: ("POLICE",),
    Kind.OTHER: ("SOCIAL",),
}
ADDED_BY_DANGER: dict[Danger, str] = {Danger.CHILD: "SOCIAL"}

OFFERS_AT_ONCE = 3
OFFER_LASTS = timedelta(seconds=60)
# A need that nobody has taken by then gets a call task beside the offers that go on.
CALL_AFTER = timedelta(seconds=60)
# The honest "nobody has accepted yet": first, then every.
TELL_WAITING_FIRST = timedelta(minutes=2)
TELL_WAITING_EVERY = timedelta(minutes=5)
# An incident that nobody can place by then is asked about by a call-taker.
PLACE_WITHIN = timedelta(seconds=60)
# A newer place farther away than this gets offers from there at once.
MOVED_KM = 5.0


@dataclass(frozen=True, slots=True)
class Number:
    """A number to call when no unit can be reached; `names` by language."""

    code: str
    phone: str
    name_th: str
    name_en: str


# After the units' own duty phones: the national numbers, by agency type. Numbers of a province are filled in by the
# deployment; one without a number is shown by its name, and the call-taker knows it or looks it up.
NUMBERS: dict[str, tuple[Number, ...]] = {
    "POLICE": (
        Number("191", "191", "ศูนย์รับแจ้งเหตุ 191", "Police emergency 191"),
        Number("POLICE_PROVINCE", "", "ศูนย์ปฏิบัติการตำรวจภูธรจังหวัด", "Provincial police operations room"),
    ),
    "SOCIAL": (
        Number("1300", "1300", "ศูนย์ช่วยเหลือสังคม 1300", "Social assistance centre 1300"),
        Number("SOCIAL_PROVINCE", "", "สำนักงาน พมจ.", "Provincial social development office"),
    ),
    "HEALTH": (
        Number("1669", "1669", "การแพทย์ฉุกเฉิน 1669", "Medical emergency 1669"),
        Number("HEALTH_PROVINCE", "", "ศูนย์สั่งการการแพทย์ฉุกเฉินจังหวัด", "Provincial medical command centre"),
    ),
}
ANY_NUMBER = (Number("1300", "1300", "ศูนย์ช่วยเหลือสังคม 1300", "Social assistance centre 1300"),)
ABROAD_NUMBERS = (
    Number("ANTI_TRAFFICKING", "1300", "ศูนย์ต่อต้านการค้ามนุษย์ (1300)", "Anti-trafficking desk (1300)"),
    Number("CONSULAR", "", "กรมการกงสุล", "Department of Consular Affairs"),
)


def needs_for(kind: str, dangers: list[str]) -> tuple[str, ...]:
    """Agency types an incident needs, the leading one first."""
    types = list(NEEDS[Kind(kind)])
    for danger in dangers:
        added = ADDED_BY_DANGER.get(Danger(danger))
        if added and added not in types:
            types.append(added)
    return tuple(types)
