"""An `Officer` is whoever acts: a signed-in account or a token, with role, agency and areas."""

from __future__ import annotations

from dataclasses import dataclass

from esshelpme.access.models import Account, ApiToken
from esshelpme.access.roles import RIGHTS, SCOPES, Right, Role, Scope


class Refused(PermissionError):
    """The role lacks the right (HTTP 403)."""

    def __init__(self, right: Right, role: Role) -> None:
        super().__init__(f"{role.value} may not {right.value}")
        self.right = right


@dataclass(frozen=True, slots=True)
class Officer:
    """Who acts, as services and queries see them."""

    actor: str  # "staff:NAME" or "token:NAME", as written to timelines
    role: Role
    agency_id: int | None = None
    areas: tuple[str, ...] = ()
    account_id: int | None = None
    token_id: int | None = None
    via: str = "console"

    @property
    def scope(self) -> Scope:
        return SCOPES[self.role]

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def require(self, right: Right) -> None:
        """Raises `Refused` when the role lacks the right."""
        if not self.may(right):
            raise Refused(right, self.role)


def officer_of_account(account: Account) -> Officer:
    return Officer(
        actor=f"staff:{account.username}",
        role=Role(account.role),
        agency_id=account.agency_id,
        areas=tuple(account.areas),
        account_id=account.pk,
    )


def officer_of_token(token: ApiToken) -> Officer:
    return Officer(
        actor=f"token:{token.name}",
        role=Role(token.role),
        agency_id=token.agency_id,
        areas=tuple(token.areas),
        token_id=token.pk,
        via="api",
    )


# The program itself: deadlines, conversation steps, the command line.
SYSTEM = Officer(actor="system", role=Role.ADMINISTRATOR, via="system")
