"""API tokens: made once, shown once, kept as digests."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import now

from esshelpme.access.accounts import BadAccount, check_reach, may_manage
from esshelpme.access.log import did
from esshelpme.access.models import ApiToken
from esshelpme.access.officer import Officer
from esshelpme.access.roles import Role
from esshelpme.directory.models import Agency

LOCK_CLASS = 0x45535302


def create_token(
    *,
    name: str,
    role: str = Role.ADMINISTRATOR,
    agency: Agency | None = None,
    areas: Sequence[str] = (),
) -> str:
    """Make a token (for all areas when none are given) and return its secret, which is not kept."""
    secret = "ess_" + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        name=name,
        digest=_digest(secret),
        role=Role(role),
        agency=agency,
        areas=list(areas),
        created_at=now(),
    )
    return secret


def issue_token(
    *, name: str, role: str, agency: Agency | None, areas: Sequence[str], at: datetime, by: Officer
) -> str:
    """Make a token on the console: its name is no other live token's, since the access log tells them by name.

    Raises `BadAccount` (NAME, TAKEN, and as for accounts).
    """
    if not name.strip():
        raise BadAccount("name", "NAME")
    check_reach(by, role, agency, areas)
    with transaction.atomic():
        with connection.cursor() as cursor:  # the same form sent twice must not make two
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_CLASS, name])
        if ApiToken.objects.filter(name=name, revoked_at__isnull=True).exists():
            raise BadAccount("name", "TAKEN")
        secret = create_token(name=name, role=role, agency=agency, areas=areas)
        did(by, what="TOKEN_MADE", ref=name, at=at)
    return secret


def revoke_token(token_id: int, *, at: datetime, by: Officer) -> bool:
    """Stop a token at once. False when it was stopped already. Raises `ApiToken.DoesNotExist`."""
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().get(pk=token_id)
        if not may_manage(by, token.areas):
            raise ApiToken.DoesNotExist
        if token.revoked_at is not None:
            return False
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        did(by, what="TOKEN_REVOKED", ref=token.name, at=at)
    return True


def token_of(secret: str) -> ApiToken | None:
    """The live token behind a secret."""
    return ApiToken.objects.filter(digest=_digest(secret), revoked_at__isnull=True).first()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
