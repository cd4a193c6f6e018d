"""Every page beside board and incident, by every role: whoever has the right sees it, nobody else does."""

from __future__ import annotations

import pytest

from esshelpme.access.roles import RIGHTS, Right, Role
from esshelpme.conftest import Town
from esshelpme.console.tests.conftest import SignIn

pytestmark = pytest.mark.django_db

PAGES = {
    "/console/inbox/": Right.SEE_SET_ASIDE,
    "/console/inbox/?show=odd": Right.SEE_SET_ASIDE,
    "/console/directory/": Right.SEE_DIRECTORY,
    "/console/directory/?show=agencies": Right.SEE_DIRECTORY,
    "/console/directory/?show=members": Right.SEE_DIRECTORY,
    "/console/directory/units/BKK-POL-01/": Right.SEE_DIRECTORY,
    "/console/directory/members/BKK-POL-01-A/": Right.SEE_DIRECTORY,
    "/console/directory/import": Right.MANAGE_DIRECTORY,
    "/console/directory/export": Right.MANAGE_DIRECTORY,
    "/console/handover/": Right.HAND_OVER_SHIFT,
    "/console/transfers/": Right.DISPATCH,
    "/console/accounts/": Right.MANAGE_ACCOUNTS,
    "/console/accounts/tokens/": Right.MANAGE_ACCOUNTS,
    "/console/audit/": Right.SEE_AUDIT,
}


@pytest.mark.parametrize("role", list(Role))
def test_a_page_is_shown_to_whoever_has_its_right_in_both_languages(
    role: Role, sign_in: SignIn, town: Town
) -> None:
    client = sign_in(role.value, agency=town.police_agency)
    for address, right in PAGES.items():
        wanted = 200 if right in RIGHTS[role] else 403
        for language in ("th", "en"):
            client.cookies["ess_language"] = language
            assert client.get(address).status_code == wanted, (address, role)


def test_strangers_are_sent_to_sign_in(town: Town) -> None:
    from django.test import Client

    for address in PAGES:
        response = Client().get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/accounts/login/")


def test_the_navigation_offers_only_what_the_role_may_open(sign_in: SignIn, town: Town) -> None:
    for role, there, absent in (
        ("CALL_TAKER", "/console/inbox/", "/console/accounts/"),
        ("ADMINISTRATOR", "/console/accounts/", "/console/none/"),
        ("RESPONDER", "/console/directory/", "/console/inbox/"),
    ):
        html = sign_in(role, agency=town.police_agency).get("/console/directory/").content.decode()
        assert f'href="{there}"' in html
        assert f'href="{absent}"' not in html
