"""Accounts of staff and tokens of programs, for administrators. What is secret is shown once and not kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from esshelpme.access import accounts
from esshelpme.access.accounts import BadAccount
from esshelpme.access.guard import guarded
from esshelpme.access.models import Account, ApiToken
from esshelpme.access.officer import Officer
from esshelpme.access.roles import RIGHTS, Right, Role
from esshelpme.access.tokens import issue_token, revoke_token
from esshelpme.console.desk import done, fault, given, not_done, officer_of
from esshelpme.directory.models import Agency
from esshelpme.places import area_words
from esshelpme.platform.clock import now
from esshelpme.words.pages import language_of

PAGE = 50
MOST_AREAS = 50


@dataclass(slots=True)
class Form:
    """What an account or token form holds; `problem` in words, `where` the field it is about."""

    name: str = ""
    username: str = ""
    role: str = Role.CALL_TAKER.value
    agency: str = ""
    areas: str = ""
    problem: str = ""
    where: str = ""
    codes: Sequence[str] = field(default_factory=tuple)


@require_GET
@guarded(Right.MANAGE_ACCOUNTS)
def page(request: HttpRequest) -> HttpResponse:
    """All accounts, searched by name; 50 a page."""
    return _list(request, Form())


@require_POST
@guarded(Right.MANAGE_ACCOUNTS)
def create(request: HttpRequest) -> HttpResponse:
    """A new account; its first password is shown once, on the answer to this form."""
    form = _read(request)
    password = accounts.new_password()
    try:
        account = accounts.create_account(
            username=form.username,
            role=form.role,
            name=form.name,
            agency=_agency(form),
            areas=form.codes,
            password=password,
            at=now(),
            by=officer_of(request),
        )
    except BadAccount as error:
        form.problem, form.where = fault(request, error.code), error.field
        return _list(request, form, status=422)
    return _once(
        request, title="account_made", name=account.username, secret=password, back="console_accounts"
    )


@require_GET
@guarded(Right.MANAGE_ACCOUNTS)
def one(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account: what it may, its second factor, its last sign-in."""
    return _one(request, _account(request, account_id))


@require_POST
@guarded(Right.MANAGE_ACCOUNTS)
def change(request: HttpRequest, account_id: int, what: str) -> HttpResponse:
    """`edit`, `stop`, `let_in`, `password` or `factor` on one account."""
    officer, at = officer_of(request), now()
    row = _account(request, account_id)
    try:
        if what == "password":
            account, password = accounts.reset_password(row.pk, at=at, by=officer)
            return _once(
                request,
                title="password_made",
                name=account.username,
                secret=password,
                back="console_accounts",
            )
        if what == "edit":
            form = _read(request)
            try:
                accounts.change_account(
                    row.pk,
                    role=form.role,
                    agency=_agency(form),
                    areas=form.codes,
                    name=form.name,
                    at=at,
                    by=officer,
                )
            except BadAccount as error:
                form.problem, form.where = fault(request, error.code), error.field
                return _one(request, row, form=form, status=422)
            done(request, "account_changed")
        elif what == "factor":
            accounts.reset_second_factor(row.pk, at=at, by=officer)
            done(request, "factor_reset")
        elif accounts.set_active(row.pk, what == "let_in", at=at, by=officer):
            done(request, "account_let_in" if what == "let_in" else "account_stopped")
        else:
            not_done(request, "SAME")
    except BadAccount as error:
        not_done(request, error.code)
    except Account.DoesNotExist:
        raise Http404 from None
    return redirect("console_account", account_id=row.pk)


@require_GET
@guarded(Right.MANAGE_ACCOUNTS)
def tokens(request: HttpRequest) -> HttpResponse:
    """Tokens of programs, the live ones first."""
    return _tokens(request, Form(role=Role.ANALYST.value))


@require_POST
@guarded(Right.MANAGE_ACCOUNTS)
def create_token(request: HttpRequest) -> HttpResponse:
    """A new token; its secret is shown once, on the answer to this form."""
    form = _read(request)
    try:
        secret = issue_token(
            name=form.name,
            role=form.role,
            agency=_agency(form),
            areas=form.codes,
            at=now(),
            by=officer_of(request),
        )
    except BadAccount as error:
        code = "TOKEN_TAKEN" if error.code == "TAKEN" else error.code
        form.problem, form.where = fault(request, code), error.field
        return _tokens(request, form, status=422)
    return _once(request, title="token_made", name=form.name, secret=secret, back="console_tokens")


@require_POST
@guarded(Right.MANAGE_ACCOUNTS)
def stop_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revoke a token at once."""
    try:
        if revoke_token(token_id, at=now(), by=officer_of(request)):
            done(request, "token_revoked")
        else:
            not_done(request, "SAME")
    except ApiToken.DoesNotExist:
        raise Http404 from None
    return redirect("console_tokens")


def _list(request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
    officer = officer_of(request)
    search, after = request.GET.get("q", "")[:100], request.GET.get("after", "")[:150]
    rows = Account.objects.select_related("agency").order_by("username")
    if search:
        rows = rows.filter(
            Q(username__icontains=search)
            | Q(first_name__icontains=search)
            | Q(agency__code__icontains=search)
        )
    if after:
        rows = rows.filter(username__gt=after)
    found = [row for row in rows[: PAGE + 1] if accounts.may_manage(officer, row.areas)]
    factors = accounts.second_factors([row.pk for row in found])
    context = {
        "page": "accounts",
        "tab": "accounts",
        "rows": [(row, factors.get(row.pk, []), accounts.sees_people(row.role)) for row in found[:PAGE]],
        "next": found[PAGE - 1].username if len(found) > PAGE else "",
        "after": after,
        "search": search,
        "form": form,
        **_choices(),
    }
    return render(request, "console/accounts.html", context, status=status)


def _one(request: HttpRequest, row: Account, *, form: Form | None = None, status: int = 200) -> HttpResponse:
    language = language_of(request)
    context = {
        "page": "accounts",
        "account": row,
        "form": form
        or Form(
            name=row.first_name,
            username=row.username,
            role=row.role,
            agency=row.agency.code if row.agency else "",
            areas=", ".join(row.areas),
        ),
        "areas": [area_words(code, language) or code for code in row.areas],
        "factors": accounts.second_factors([row.pk]).get(row.pk, []),
        "needs_factor": accounts.sees_people(row.role),
        "rights": sorted(right.name for right in RIGHTS[Role(row.role)]),
        "self": row.pk == officer_of(request).account_id,
        **_choices(),
    }
    return render(request, "console/account.html", context, status=status)


def _tokens(request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
    officer = officer_of(request)
    rows = ApiToken.objects.select_related("agency").order_by("-pk")[:500]
    found = [row for row in rows if accounts.may_manage(officer, row.areas)]
    context = {
        "page": "accounts",
        "tab": "tokens",
        "rows": sorted(found, key=lambda row: row.revoked_at is not None),
        "form": form,
        **_choices(),
    }
    return render(request, "console/tokens.html", context, status=status)


def _once(request: HttpRequest, *, title: str, name: str, secret: str, back: str) -> HttpResponse:
    context = {"page": "accounts", "title": title, "name": name, "secret": secret, "back": back}
    response = render(request, "console/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _choices() -> dict[str, Any]:
    return {
        "roles": [role.value for role in Role],
        "agencies": Agency.objects.order_by("code").values_list("code", "name_th"),
    }


def _read(request: HttpRequest) -> Form:
    areas = given(request, "areas", 1000)
    return Form(
        name=given(request, "name", 100),
        username=given(request, "username", 150),
        role=given(request, "role", 20),
        agency=given(request, "agency", 40),
        areas=areas,
        codes=tuple(dict.fromkeys(areas.replace(",", " ").split()))[:MOST_AREAS],
    )


def _agency(form: Form) -> Agency | None:
    """Raises `BadAccount` for a code that no agency has."""
    if not form.agency:
        return None
    row = Agency.objects.filter(code=form.agency).first()
    if row is None:
        raise BadAccount("agency", "NO_AGENCY")
    return row


def _account(request: HttpRequest, account_id: int) -> Account:
    officer: Officer = officer_of(request)
    row = Account.objects.select_related("agency").filter(pk=account_id).first()
    if row is None or not accounts.may_manage(officer, row.areas):
        raise Http404
    return row
