"""Bearer tokens: who asks, whether their role may, and not too often."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.security import HttpBearer

from esshelpme.access.officer import Officer, officer_of_token
from esshelpme.access.roles import Right
from esshelpme.access.tokens import token_of
from esshelpme.api.limits import rates, requests_per_minute


class Bearer(HttpBearer):
    """A live token whose role has `right`. Sets `request.auth` to the `Officer`.

    Raises `Refused` (403) and `Throttled` (429); anything else wrong with the header is 401.
    """

    def __init__(self, right: Right) -> None:
        super().__init__()
        self.right = right

    def authenticate(self, request: HttpRequest, token: str) -> Officer | None:
        found = token_of(token.strip())
        if found is None:
            return None
        wait = rates.take(found.pk, per_minute=requests_per_minute())
        if wait:
            raise Throttled(wait=wait)
        officer = officer_of_token(found)
        officer.require(self.right)
        return officer


def officer_of(request: HttpRequest) -> Officer:
    """Who asks."""
    officer: Officer = request.auth  # type: ignore[attr-defined]
    return officer
