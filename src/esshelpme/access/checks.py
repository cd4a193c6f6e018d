"""Whether the doors are built as they must be, checked before anything serves (`./ess up`, `./ess manage check`).

Production asks for a second factor for every account that sees a person. The guard sends such an account to set
one up before it sees anything, so that the first administrator can be made at all (`./ess manage create_account`);
what is checked here is that this guard, and the pages where a factor is set up, are really there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from allauth.account.adapter import get_adapter
from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import DatabaseError
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic import RedirectView

from esshelpme.access.adapter import StaffOnly
from esshelpme.access.guard import is_guarded
from esshelpme.access.models import Account
from esshelpme.access.roles import RIGHTS, Right

GUARD = "esshelpme.access.guard.DenyUnguarded"
STRONG = {"totp", "webauthn"}


@register(Tags.database)
def doors(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Errors in production, where a missing guard or second factor must not serve."""
    found: list[CheckMessage] = list(_configuration()) if settings.PRODUCTION else []
    if settings.PRODUCTION and databases:
        found += _accounts()
    return found


def _configuration() -> Iterator[CheckMessage]:
    if GUARD not in settings.MIDDLEWARE:
        yield Error(
            "Pages without a guard could answer.", hint=f"Put {GUARD} into MIDDLEWARE.", id="access.E001"
        )
    if not apps.is_installed("allauth.mfa") or not STRONG & set(settings.MFA_SUPPORTED_TYPES):
        yield Error(
            "Accounts that see people cannot set up a second factor.",
            hint="Install allauth.mfa and allow totp or webauthn in MFA_SUPPORTED_TYPES.",
            id="access.E002",
        )
    if not isinstance(get_adapter(), StaffOnly):
        yield Error(
            "Anybody could sign up.",
            hint="Set ACCOUNT_ADAPTER to esshelpme.access.adapter.StaffOnly.",
            id="access.E003",
        )
    if getattr(settings, "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", False):
        yield Error(
            "Passkeys would be accepted from insecure pages.",
            hint="Set MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN to False.",
            id="access.E004",
        )
    for route in _unguarded(get_resolver().url_patterns, ""):
        yield Error(
            f"/{route} has no guard and answers nobody.",
            hint="Decorate its view with @guarded(Right.…) or @public.",
            id="access.E005",
        )


def _unguarded(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _unguarded(pattern.url_patterns, route)
        elif not is_guarded(pattern.callback) and not _only_leads_on(pattern.callback):
            yield route


def _only_leads_on(view: Any) -> bool:
    """A library's redirect from an address of old: it shows nothing (and the guard lets nobody through)."""
    return issubclass(getattr(view, "view_class", object), RedirectView)


def _accounts() -> list[CheckMessage]:
    """Who has still to set up a second factor: said, not refused, since the guard lets them see nobody before."""
    seeing = [role.value for role, rights in RIGHTS.items() if Right.SEE_PERSON in rights]
    try:
        without = (
            Account.objects.filter(is_active=True, role__in=seeing, last_login__isnull=False)
            .exclude(authenticator__type__in=STRONG)
            .count()
        )
    except DatabaseError:  # before the first migration
        return []
    if not without:
        return []
    return [
        Caution(
            f"{without} active accounts that may see people have no second factor yet.",
            hint="They are sent to set one up before they see anybody; stop those that are not used any more.",
            id="access.W001",
        )
    ]
