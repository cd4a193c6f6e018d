"""API tokens: made once, shown once, kept as digests."""

from __future__ import annotations

import hashlib
import secrets

from django.utils.timezone import now

from esshelpme.access.models import ApiToken
from esshelpme.access.roles import Role


def create_token(*, name: str, role: str = Role.ADMINISTRATOR) -> str:
    """Make a token for all areas and return its secret, which is not kept."""
    secret = "ess_" + secrets.token_urlsafe(32)
    ApiToken.objects.create(name=name, digest=_digest(secret), role=Role(role), created_at=now())
    return secret


def token_of(secret: str) -> ApiToken | None:
    """The live token behind a secret."""
    return ApiToken.objects.filter(digest=_digest(secret), revoked_at__isnull=True).first()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
