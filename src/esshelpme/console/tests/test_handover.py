"""A shift is handed over by two people, each with their own password; what was open then is kept as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from esshelpme.access.models import AccessLog, Account
from esshelpme.conftest import Town
from esshelpme.console import handovers
from esshelpme.console.models import ShiftHandover
from esshelpme.console.tests.conftest import Open
from esshelpme.platform.clock import now
from esshelpme.platform.ids import show_ref
from esshelpme.privacy.retention import RULES

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-password"
MakeAccount = Callable[..., Account]


@pytest.fixture
def account(account: MakeAccount) -> MakeAccount:
    """Accounts that can sign: with a password."""

    def make(*args: Any, **more: Any) -> Account:
        made = account(*args, **more)
        made.set_password(PASSWORD)
        made.save()
        return made

    return make


@pytest.fixture(autouse=True)
def _forgiven() -> None:
    """Tries of other tests count for no limit here."""
    from django.core.cache import cache

    cache.clear()


def browser(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def hand_over(client: Client, **fields: str) -> Any:
    return client.post(
        "/console/handover/", {"nonce": "n1", "note": "ตามเรื่องที่สอง", "password": PASSWORD, **fields}
    )


def one() -> ShiftHandover:
    return ShiftHandover.objects.get()


def test_signed_by_both_it_keeps_what_was_open(account: MakeAccount, open_incident: Open) -> None:
    incident = open_incident()
    going, coming = account(), account()
    assert hand_over(browser(going)).status_code == 302
    row = one()
    assert row.incoming is None
    assert row.snapshot["total"] == 1
    assert row.snapshot["incidents"][0]["ref"] == incident.ref
    response = browser(coming).post(f"/console/handover/{row.pk}/sign", {"password": PASSWORD})
    assert response.status_code == 302
    assert one().incoming == coming
    html = browser(coming).get(f"/console/handover/{row.pk}/").content.decode()
    assert "ตามเรื่องที่สอง" in html
    assert show_ref(incident.ref) in html
    assert AccessLog.objects.filter(what="HANDOVER", ref=f"HANDOVER/{row.pk}").exists()


def test_no_words_about_people_are_in_the_picture_and_the_text_is_sealed(
    account: MakeAccount, open_incident: Open
) -> None:
    open_incident(text="เขาถือมีด บ้านเลขที่ 99")
    hand_over(browser(account()))
    assert "99" not in str(one().snapshot["incidents"][0]["area"])
    assert "มีด" not in str(one().snapshot)
    assert "ตาม".encode() not in bytes(one().sealed_note or b"")
    assert handovers.note_of(one()) == "ตามเรื่องที่สอง"


def test_at_the_same_desk_the_next_person_signs_with_name_and_password(account: MakeAccount) -> None:
    going, coming = account(), account()
    client = browser(going)
    hand_over(client)
    sign = f"/console/handover/{one().pk}/sign"
    own = client.post(sign, {"username": going.username, "password": PASSWORD})
    assert own.status_code == 422  # not by the same person
    assert client.post(sign, {"username": coming.username, "password": "wrong"}).status_code == 422
    assert one().incoming is None
    assert client.post(sign, {"username": coming.username, "password": PASSWORD}).status_code == 302
    assert one().incoming == coming


def test_a_wrong_password_signs_nothing_and_keeps_what_was_typed(account: MakeAccount) -> None:
    response = hand_over(browser(account()), password="wrong")
    assert response.status_code == 422
    assert "ตามเรื่องที่สอง" in response.content.decode()
    assert not ShiftHandover.objects.exists()


def test_guessing_passwords_comes_to_an_end(account: MakeAccount) -> None:
    going, coming = account(), account()
    client = browser(going)
    hand_over(client)
    sign = f"/console/handover/{one().pk}/sign"
    for _ in range(12):
        client.post(sign, {"username": coming.username, "password": "wrong"})
    client.post(sign, {"username": coming.username, "password": PASSWORD})
    assert one().incoming is None


def test_sent_twice_it_is_one_and_the_second_to_sign_is_told(account: MakeAccount) -> None:
    going, coming, late = account(), account(), account()
    for _ in range(2):
        hand_over(browser(going))
    row = one()
    for person in (coming, late, coming):
        browser(person).post(f"/console/handover/{row.pk}/sign", {"password": PASSWORD})
    assert one().incoming == coming


def test_nobody_takes_over_what_they_may_not_see(account: MakeAccount, town: Town) -> None:
    going = account()  # the whole country
    client = browser(going)
    hand_over(client)
    row = one()
    sign = f"/console/handover/{row.pk}/sign"
    limited, analyst, stopped = account(areas=["50"]), account("ANALYST"), account()
    Account.objects.filter(pk=stopped.pk).update(is_active=False)
    assert browser(limited).get(f"/console/handover/{row.pk}/").status_code == 404
    for person in (limited, analyst, stopped):
        client.post(sign, {"username": person.username, "password": PASSWORD})
        assert one().incoming is None
    assert browser(analyst).get("/console/handover/").status_code == 403


def test_hostile_notes_are_only_words(account: MakeAccount) -> None:
    client = browser(account())
    hand_over(client, note="<script>alert(1)</script>\x00" + "ก" * 9000, nonce="x" * 500)
    html = client.get(f"/console/handover/{one().pk}/").content.decode()
    assert "<script>alert(1)" not in html
    assert len(handovers.note_of(one()) or "") == handovers.LONGEST_NOTE


def test_the_text_goes_when_its_time_is_over(account: MakeAccount) -> None:
    assert "HANDOVERS" in {rule.code for rule in RULES}
    client = browser(account())
    hand_over(client)
    ids = handovers.old_notes(before=now(), most=10)
    handovers.empty_notes(ids, at=now())
    assert ids == [one().pk]
    assert handovers.note_of(one()) is None
    assert client.get(f"/console/handover/{one().pk}/").status_code == 200
