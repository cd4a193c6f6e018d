"""Accounts, tokens and the access log on the console: secrets are shown once, nobody locks themselves out."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from esshelpme.access.models import AccessLog, Account, ApiToken
from esshelpme.access.tokens import token_of
from esshelpme.conftest import AT, Town
from esshelpme.console.tests.conftest import SignIn

pytestmark = pytest.mark.django_db
ACCOUNTS, TOKENS = "/console/accounts/", "/console/accounts/tokens/"


def secret_in(html: str) -> str:
    found = re.search(r'data-copy="([^"]+)"', html)
    assert found, html
    return found[1]


class TestAccounts:
    def test_a_new_account_signs_in_with_the_password_shown_once(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in("ADMINISTRATOR")
        fields = {"username": "somying", "name": "สมหญิง สมมติ", "role": "CALL_TAKER", "areas": "10, 5001"}
        response = client.post(f"{ACCOUNTS}new", fields)
        assert response["Cache-Control"] == "no-store"
        password = secret_in(response.content.decode())
        row = Account.objects.get(username="somying")
        assert (row.areas, row.check_password(password), row.is_superuser) == (["10", "5001"], True, False)
        assert password not in client.get(f"{ACCOUNTS}{row.pk}/").content.decode()
        again = client.post(f"{ACCOUNTS}new", fields)  # the same form twice
        assert again.status_code == 422
        assert row.check_password(password)
        assert AccessLog.objects.filter(what="ACCOUNT_MADE", ref="somying").count() == 1

    @pytest.mark.parametrize(
        "fields",
        [
            {"username": "<script>"},
            {"username": ""},
            {"username": "x" * 100},
            {"username": "ok", "role": "ROOT"},
            {"username": "ok", "areas": "99"},
            {"username": "ok", "areas": "10'--"},
            {"username": "ok", "agency": "NO-SUCH"},
            {"username": "ok", "role": "RESPONDER"},  # needs an agency
        ],
    )
    def test_what_cannot_be_is_refused_and_kept_in_the_form(
        self, fields: dict[str, str], sign_in: SignIn
    ) -> None:
        response = sign_in("ADMINISTRATOR").post(f"{ACCOUNTS}new", {"role": "CALL_TAKER", **fields})
        assert response.status_code == 422
        assert Account.objects.count() == 1
        assert 'value="<script>"' not in response.content.decode()

    def test_a_stopped_account_is_out_at_once(self, sign_in: SignIn) -> None:
        admin, victim = sign_in("ADMINISTRATOR"), sign_in("CALL_TAKER")
        row = Account.objects.get(role="CALL_TAKER")
        assert victim.get("/console/").status_code == 200
        for _ in range(2):
            admin.post(f"{ACCOUNTS}{row.pk}/stop")
        assert victim.get("/console/").status_code in (302, 401)
        assert AccessLog.objects.filter(what="ACCOUNT_STOPPED").count() == 1
        admin.post(f"{ACCOUNTS}{row.pk}/let_in")
        assert Account.objects.get(pk=row.pk).is_active

    def test_a_new_password_ends_every_session(self, sign_in: SignIn) -> None:
        admin, victim = sign_in("ADMINISTRATOR"), sign_in("CALL_TAKER")
        row = Account.objects.get(role="CALL_TAKER")
        password = secret_in(admin.post(f"{ACCOUNTS}{row.pk}/password").content.decode())
        assert Account.objects.get(pk=row.pk).check_password(password)
        assert victim.get("/console/").status_code in (302, 401)

    def test_nobody_locks_themselves_or_everybody_out(self, sign_in: SignIn) -> None:
        admin = sign_in("ADMINISTRATOR")
        me = Account.objects.get()
        admin.post(f"{ACCOUNTS}{me.pk}/stop")
        admin.post(f"{ACCOUNTS}{me.pk}/edit", {"role": "ANALYST"})
        me.refresh_from_db()
        assert (me.is_active, me.role) == (True, "ADMINISTRATOR")
        other = sign_in(
            "ADMINISTRATOR", areas=["10"]
        )  # limited to an area: cannot stand in for the whole country
        assert other.post(f"{ACCOUNTS}{me.pk}/stop").status_code == 404
        assert other.post(f"{ACCOUNTS}new", {"username": "x", "role": "CALL_TAKER"}).status_code == 422
        assert (
            other.post(f"{ACCOUNTS}new", {"username": "x", "role": "CALL_TAKER", "areas": "1001"}).status_code
            == 200
        )

    def test_only_administrators(self, sign_in: SignIn) -> None:
        client = sign_in("SUPERVISOR")
        row = Account.objects.get()
        changes = [f"{ACCOUNTS}{row.pk}/{what}" for what in ("edit", "stop", "password", "factor")]
        for address in (f"{ACCOUNTS}new", f"{TOKENS}new", *changes):
            assert (
                client.post(address, {"username": "x", "name": "x", "role": "ADMINISTRATOR"}).status_code
                == 403
            )
        assert Account.objects.get().role == "SUPERVISOR"
        assert not ApiToken.objects.exists()

    def test_a_lost_second_factor_is_reset(self, sign_in: SignIn) -> None:
        from allauth.mfa.models import Authenticator

        admin = sign_in("ADMINISTRATOR")
        sign_in("CALL_TAKER")
        row = Account.objects.get(role="CALL_TAKER")
        Authenticator.objects.create(user=row, type="totp", data={})
        assert "/factor" in admin.get(f"{ACCOUNTS}{row.pk}/").content.decode()
        admin.post(f"{ACCOUNTS}{row.pk}/factor")
        assert not Authenticator.objects.exists()


class TestTokens:
    def test_made_shown_once_and_revoked(self, sign_in: SignIn, town: Town) -> None:
        client = sign_in("ADMINISTRATOR")
        response = client.post(f"{TOKENS}new", {"name": "partner", "role": "CALL_TAKER", "areas": "10"})
        secret = secret_in(response.content.decode())
        token = token_of(secret)
        assert token is not None
        assert token.areas == ["10"]
        assert secret not in client.get(TOKENS).content.decode()
        again = client.post(f"{TOKENS}new", {"name": "partner", "role": "CALL_TAKER"})
        assert again.status_code == 422  # names in the access log stay unambiguous
        for _ in range(2):
            client.post(f"{TOKENS}{token.pk}/revoke")
        assert token_of(secret) is None
        assert AccessLog.objects.filter(what="TOKEN_REVOKED").count() == 1
        assert client.post(f"{TOKENS}999999999/revoke").status_code == 404

    def test_without_a_name_none_is_made(self, sign_in: SignIn) -> None:
        assert (
            sign_in("ADMINISTRATOR").post(f"{TOKENS}new", {"name": " ", "role": "ANALYST"}).status_code == 422
        )
        assert not ApiToken.objects.exists()


class TestAudit:
    def test_by_reference_and_by_person_in_pages(self, sign_in: SignIn) -> None:
        AccessLog.objects.bulk_create(
            AccessLog(
                at=AT,
                who=f"staff:p{n % 2}",
                role="CALL_TAKER",
                what="INCIDENT",
                ref="ABCD1234",
                via="console",
            )
            for n in range(230)
        )
        client = sign_in("SUPERVISOR")
        seen, query = 0, "ref=abcd-1234"
        while query:
            html = client.get(f"/console/audit/?{query}").content.decode()
            seen += html.count("<tr>") - 1
            found = re.search(r'href="\?([^"]*before=\d+)"', html)
            query = found[1].replace("&amp;", "&") if found else ""
        assert seen == 230
        assert "staff:p0" not in client.get("/console/audit/?who=p1").content.decode()

    def test_hostile_filters_break_nothing(self, sign_in: SignIn) -> None:
        client: Client = sign_in("SUPERVISOR")
        for query in (
            "ref=%00<script>",
            "who=%27%20OR%201=1",
            "before=abc",
            "before=99999999999999999999999",
        ):
            response = client.get(f"/console/audit/?{query}")
            assert response.status_code == 200
            assert "<script>" not in response.content.decode().split("<main")[1].split("</main")[0]
