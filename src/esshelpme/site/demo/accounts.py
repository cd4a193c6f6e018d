"""Accounts of every role, for trying the program. Never in production.

Their one password is derived from the installation's secret key: who has only read this file cannot sign in.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from esshelpme.access.models import Account
from esshelpme.access.roles import Role
from esshelpme.directory.models import Agency, Member
from esshelpme.platform.ids import ALPHABET

GROUPS, GROUP_LENGTH = 3, 4


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the demonstration."""

    username: str
    role: Role
    name: str
    about: str
    agency: str | None = None
    areas: tuple[str, ...] = ()
    member: str | None = None


PEOPLE = (
    Person("calltaker", Role.CALL_TAKER, "กมลชนก สมมติ", "answers calls, sends help, whole country"),
    Person("calltaker2", Role.CALL_TAKER, "ธนวัฒน์ สมมติ", "the next shift"),
    Person("supervisor", Role.SUPERVISOR, "วรรณา สมมติ", "priorities, directory, who looked at what"),
    Person("chiangmai", Role.CALL_TAKER, "แสงดาว สมมติ", "sees Chiang Mai only", areas=("50",)),
    Person(
        "responder", Role.RESPONDER, "สายตรวจ สมมติ", "police in Bangkok", agency="POL-10", member="POL-1001-A"
    ),
    Person("caseworker", Role.CASE_WORKER, "นวลจันทร์ สมมติ", "social work in Bangkok", agency="MSDHS-10"),
    Person("outreach", Role.OUTREACH_OFFICER, "ปาริชาติ สมมติ", "campaigns, no persons"),
    Person("analyst", Role.ANALYST, "ตัวเลข สมมติ", "figures, no persons"),
    Person("admin", Role.ADMINISTRATOR, "ผู้ดูแลระบบ สมมติ", "everything"),
)


def demo_password() -> str:
    """This installation's password for all demonstration accounts."""
    number = int(settings.CONFIG.derived("demonstration accounts"), 16)
    letters = []
    for _ in range(GROUPS * GROUP_LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter].lower())
    word = "".join(letters)
    return "-".join(word[n : n + GROUP_LENGTH] for n in range(0, len(word), GROUP_LENGTH))


def make_accounts() -> None:
    """Make the accounts that are not there yet; those that are stay as they are."""
    there = set(
        Account.objects.filter(username__in=[p.username for p in PEOPLE]).values_list("username", flat=True)
    )
    for person in PEOPLE:
        if person.username in there:
            continue
        Account.objects.create_user(
            person.username,
            password=demo_password(),
            first_name=person.name,
            role=person.role,
            agency=Agency.objects.filter(code=person.agency).first() if person.agency else None,
            areas=list(person.areas),
            member=Member.objects.filter(code=person.member).first() if person.member else None,
        )


def logins() -> str:
    """The lines that `./ess up` shows."""
    width = max(len(person.username) for person in PEOPLE)
    lines = [f"Demo logins, all with the password  {demo_password()}"]
    lines += [f"  {person.username:<{width}}  {person.role.value}: {person.about}" for person in PEOPLE]
    return "\n".join(lines)
