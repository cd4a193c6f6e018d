"""The door of every page: a view says which right it needs, or that it is public; others cannot answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from allauth.mfa.utils import is_mfa_enabled
from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, render, resolve_url

from esshelpme.access.models import Account
from esshelpme.access.officer import Officer, officer_of_account
from esshelpme.access.roles import RIGHTS, Right

GUARD = "ess_guard"
# Views of libraries, which guard themselves: sign-in and second factors.
TRUSTED_MODULES = ("allauth.", "django.views.i18n", "ninja.")


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that anybody may use."""
    setattr(view, GUARD, "public")
    return view


def guarded(right: Right) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view answer only signed-in officers whose role has `right`; sets `request.officer`."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        if iscoroutinefunction(view):

            @wraps(view)
            async def checked_async(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                refusal = await sync_to_async(_refusal)(request, right)
                return refusal or await view(request, *args, **kwargs)

            setattr(checked_async, GUARD, right)
            return checked_async

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return _refusal(request, right) or view(request, *args, **kwargs)

        setattr(checked, GUARD, right)
        return checked

    return decorate


class DenyUnguarded:
    """Middleware: a view with no guard is a programming error and answers nobody."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        return None if is_guarded(view) else HttpResponseForbidden("This page has no guard.")


def is_guarded(view: Any) -> bool:
    """Whether a view declares its right, is public, or belongs to a library that guards itself."""
    module = getattr(view, "__module__", "") or ""
    return hasattr(view, GUARD) or module.startswith(TRUSTED_MODULES)


def _refusal(request: HttpRequest, right: Right) -> HttpResponse | None:
    account = request.user
    if not isinstance(account, Account) or not account.is_active:
        target = f"{resolve_url(settings.LOGIN_URL)}?next={quote(request.get_full_path())}"
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401)
            response["HX-Redirect"] = target
            return response
        return redirect(target)
    officer: Officer = officer_of_account(account)
    if not officer.may(right):
        return render(request, "access/refused.html", {"right": right, "officer": officer}, status=403)
    if settings.PRODUCTION and Right.SEE_PERSON in _rights(officer) and not _has_second_factor(account):
        return redirect("mfa_index")
    request.officer = officer  # type: ignore[attr-defined]
    return None


def _rights(officer: Officer) -> frozenset[Right]:
    return RIGHTS[officer.role]


def _has_second_factor(account: Account) -> bool:
    return bool(is_mfa_enabled(account))
