"""Accounts of staff: made, changed, stopped and let in again by administrators. Nobody signs up.

Every change is written into the access log beside the looks, with the account's name as its reference.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from esshelpme.access.log import did
from esshelpme.access.models import Account
from esshelpme.access.officer import Officer
from esshelpme.access.roles import RIGHTS, SCOPES, Right, Role, Scope
from esshelpme.directory.models import Agency
from esshelpme.places import gazetteer
from esshelpme.platform.ids import ALPHABET

GROUPS, GROUP_LENGTH = 4, 4  # 80 random bits, readable over a telephone


class BadAccount(ValueError):
    """The account cannot be so. `code` names why, `field` where."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


def new_password() -> str:
    """A first password, told once: four groups of four letters and digits."""
    letters = [secrets.choice(ALPHABET).lower() for _ in range(GROUPS * GROUP_LENGTH)]
    word = "".join(letters)
    return "-".join(word[n : n + GROUP_LENGTH] for n in range(0, len(word), GROUP_LENGTH))


def create_account(
    *,
    username: str,
    role: str,
    password: str,
    at: datetime,
    by: Officer,
    name: str = "",
    agency: Agency | None = None,
    areas: Sequence[str] = (),
) -> Account:
    """A new account. Raises `BadAccount` (USERNAME, TAKEN, ROLE, AGENCY, AREAS, REACH)."""
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        raise BadAccount("username", "USERNAME") from None
    if not username or len(username) > 60:
        raise BadAccount("username", "USERNAME")
    _check(by, role, agency, areas)
    if Account.objects.filter(username__iexact=username).exists():
        raise BadAccount("username", "TAKEN")
    try:
        with transaction.atomic():
            account = Account.objects.create_user(
                username,
                password=password,
                first_name=name[:150],
                role=role,
                agency=agency,
                areas=list(areas),
            )
    except IntegrityError:  # somebody made it at the same instant
        raise BadAccount("username", "TAKEN") from None
    did(by, what="ACCOUNT_MADE", ref=username, at=at)
    return account


def change_account(
    account_id: int,
    *,
    role: str,
    agency: Agency | None,
    areas: Sequence[str],
    name: str,
    at: datetime,
    by: Officer,
) -> Account:
    """Another role, agency or area. Raises `BadAccount` (also LAST, SELF)."""
    with transaction.atomic():
        account = _fetch(account_id, by)
        _check(by, role, agency, areas)
        if account.pk == by.account_id and role != account.role:
            raise BadAccount("role", "SELF")
        if account.role == Role.ADMINISTRATOR and role != Role.ADMINISTRATOR:
            _not_the_last(account)
        account.role, account.agency, account.areas = role, agency, list(areas)
        account.first_name = name[:150]
        account.save(update_fields=["role", "agency", "areas", "first_name"])
        did(by, what="ACCOUNT_CHANGED", ref=account.username, at=at)
    return account


def set_active(account_id: int, active: bool, *, at: datetime, by: Officer) -> bool:
    """Stop an account at once, also where it is signed in, or let it in again. False when it was so already."""
    with transaction.atomic():
        account = _fetch(account_id, by)
        if account.is_active == active:
            return False
        if not active:
            if account.pk == by.account_id:
                raise BadAccount("active", "SELF")
            if account.role == Role.ADMINISTRATOR:
                _not_the_last(account)
        account.is_active = active
        account.save(update_fields=["is_active"])
        did(by, what="ACCOUNT_LET_IN" if active else "ACCOUNT_STOPPED", ref=account.username, at=at)
    return True


def reset_password(account_id: int, *, at: datetime, by: Officer) -> tuple[Account, str]:
    """A new password, told once; the account's sessions end, since their hash no longer fits."""
    with transaction.atomic():
        account = _fetch(account_id, by)
        password = new_password()
        account.set_password(password)
        account.save(update_fields=["password"])
        did(by, what="PASSWORD_RESET", ref=account.username, at=at)
    return account, password


def reset_second_factor(account_id: int, *, at: datetime, by: Officer) -> int:
    """Forget lost passkeys and apps: the next sign-in must set up a new one. Returns how many went."""
    with transaction.atomic():
        account = _fetch(account_id, by)
        if account.pk == by.account_id:
            raise BadAccount("second_factor", "SELF")
        gone, _ = Authenticator.objects.filter(user=account).delete()
        did(by, what="SECOND_FACTOR_RESET", ref=account.username, at=at)
    return int(gone)


def second_factors(account_ids: Sequence[int]) -> dict[int, list[str]]:
    """Which second factors accounts have: `totp`, `webauthn`; recovery codes alone are none."""
    found: dict[int, list[str]] = {}
    rows = Authenticator.objects.filter(user_id__in=account_ids, type__in=["totp", "webauthn"])
    for user_id, kind in rows.values_list("user_id", "type").distinct().order_by("type"):
        found.setdefault(user_id, []).append(kind)
    return found


def sees_people(role: str) -> bool:
    """Whether accounts of this role need a second factor."""
    return Right.SEE_PERSON in RIGHTS[Role(role)]


def may_manage(by: Officer, areas: Sequence[str]) -> bool:
    """Whether somebody limited to areas reaches an account or token: all of its areas lie within theirs."""
    if not by.areas:
        return True
    return bool(areas) and all(any(code.startswith(own) for own in by.areas) for code in areas)


def check_reach(by: Officer, role: str, agency: Agency | None, areas: Sequence[str]) -> None:
    """What accounts and tokens must hold alike. Raises `BadAccount`."""
    _check(by, role, agency, areas)


def _check(by: Officer, role: str, agency: Agency | None, areas: Sequence[str]) -> None:
    if role not in set(Role):
        raise BadAccount("role", "ROLE")
    if SCOPES[Role(role)] is Scope.AGENCY and agency is None:
        raise BadAccount("agency", "AGENCY")
    if areas and not all(code in gazetteer().places for code in areas):
        raise BadAccount("areas", "AREAS")
    if not may_manage(by, areas):
        raise BadAccount("areas", "REACH")


def _fetch(account_id: int, by: Officer) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None or not may_manage(by, account.areas):
        raise Account.DoesNotExist
    return account


def _not_the_last(account: Account) -> None:
    """Somebody must be able to make accounts. Locks the other administrators, so that two cannot stop each other."""
    others = (
        Account.objects.select_for_update()
        .filter(role=Role.ADMINISTRATOR, is_active=True, areas=[])
        .exclude(pk=account.pk)
        .order_by("pk")
    )
    if not list(others):
        raise BadAccount("role", "LAST")
