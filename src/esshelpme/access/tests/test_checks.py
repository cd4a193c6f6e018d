"""Production does not serve with a door left open; and the first administrator can be made."""

from __future__ import annotations

import io

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from esshelpme.access.checks import doors
from esshelpme.access.models import Account
from esshelpme.access.roles import Role

pytestmark = pytest.mark.django_db
IN_PRODUCTION = {"PRODUCTION": True, "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False}


def ids(**changed: object) -> set[str | None]:
    with override_settings(**{**IN_PRODUCTION, **changed}):
        return {message.id for message in doors(databases=["default"])}


def test_as_it_is_delivered_nothing_is_wrong_also_without_any_account() -> None:
    assert ids() == set()


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"MIDDLEWARE": [m for m in settings.MIDDLEWARE if "DenyUnguarded" not in m]}, "access.E001"),
        ({"MFA_SUPPORTED_TYPES": ["recovery_codes"]}, "access.E002"),
        ({"ACCOUNT_ADAPTER": "allauth.account.adapter.DefaultAccountAdapter"}, "access.E003"),
        ({"MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": True}, "access.E004"),
        ({"ROOT_URLCONF": "esshelpme.access.tests.unguarded_urls"}, "access.E005"),
    ],
)
def test_each_open_door_is_an_error_in_production_only(changed: dict[str, object], wrong: str) -> None:
    assert wrong in ids(**changed)
    with override_settings(**changed):
        assert doors(databases=["default"]) == []


def test_who_still_lacks_a_second_factor_is_said_and_does_not_stop_the_service() -> None:
    from esshelpme.platform.clock import now

    account = Account.objects.create_user("somebody", password="x", role=Role.CALL_TAKER)
    assert ids() == set()  # never signed in: the guard waits for them
    account.last_login = now()
    account.save()
    assert ids() == {"access.W001"}


class TestTheFirstAdministrator:
    def test_made_by_command_with_a_password_shown_alone(self) -> None:
        out, err = io.StringIO(), io.StringIO()
        call_command("create_account", "boss", "--generate", stdout=out, stderr=err)
        account = Account.objects.get()
        assert account.role == Role.ADMINISTRATOR
        assert account.check_password(out.getvalue().strip())
        assert out.getvalue().strip() not in err.getvalue()

    def test_made_by_djangos_own_command_it_is_an_administrator_too(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-long-enough-password")
        call_command(
            "createsuperuser", username="boss", email="b@example.org", interactive=False, stdout=io.StringIO()
        )
        assert Account.objects.get().role == Role.ADMINISTRATOR

    @override_settings(PRODUCTION=True)
    def test_in_production_they_set_up_a_second_factor_before_they_see_anything(self) -> None:
        call_command("create_account", "boss", "--generate", stdout=io.StringIO(), stderr=io.StringIO())
        client = Client()
        client.force_login(Account.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
        for page in ("/console/", "/console/inbox/", "/console/accounts/"):
            response = client.get(page)
            assert (response.status_code, response["Location"]) == (302, "/accounts/2fa/")

    @pytest.mark.parametrize(
        "arguments",
        [
            ["boss"],  # there already
            ["b<s>"],
            ["x", "--role", "RESPONDER"],
            ["x", "--agency", "NO-SUCH"],
            ["x", "--areas", "99"],
        ],
    )
    def test_what_cannot_be_is_one_clear_line(self, arguments: list[str]) -> None:
        call_command("create_account", "boss", "--generate", stdout=io.StringIO(), stderr=io.StringIO())
        with pytest.raises(CommandError):
            call_command(
                "create_account", *arguments, "--generate", stdout=io.StringIO(), stderr=io.StringIO()
            )
        assert Account.objects.count() == 1

    def test_a_weak_password_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
        with pytest.raises(CommandError):
            call_command(
                "create_account", "boss", "--password-stdin", stdout=io.StringIO(), stderr=io.StringIO()
            )
        monkeypatch.setattr("sys.stdin", io.StringIO("a-long-enough-password\n"))
        call_command("create_account", "boss", "--password-stdin", stdout=io.StringIO(), stderr=io.StringIO())
        assert Account.objects.get().check_password("a-long-enough-password")
