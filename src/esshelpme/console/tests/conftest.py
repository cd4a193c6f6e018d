"""Officers signed in to the console, and incidents to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from esshelpme.access.models import Account
from esshelpme.access.officer import Officer, officer_of_account
from esshelpme.conftest import AT, BANGKOK, Town
from esshelpme.console import board, board_query
from esshelpme.contacts.people import contact_for
from esshelpme.directory.models import Agency
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.models import Incident
from esshelpme.incidents.opening import ReportIn
from esshelpme.intake.reporting import open_report
from esshelpme.platform.ids import new_secret

SignIn = Callable[..., Client]
Open = Callable[..., Incident]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What was drawn for one test must not answer the next."""
    board._pages.clear()
    board._pulses.clear()
    board._drawn._kept.clear()
    board._items._kept.clear()
    board_query._remembered.clear()


@pytest.fixture
def account(db: None) -> Callable[..., Account]:
    """`account("CALL_TAKER", areas=["10"], agency="POLICE-BKK")`."""

    def make(
        role: str = "CALL_TAKER", *, areas: list[str] | None = None, agency: str | None = None
    ) -> Account:
        return Account.objects.create(
            username=f"{role.lower()}-{Account.objects.count()}",
            role=role,
            areas=areas or [],
            agency=Agency.objects.get(code=agency) if agency else None,
        )

    return make


@pytest.fixture
def sign_in(account: Callable[..., Account]) -> SignIn:
    """A browser of somebody of that role."""

    def make(role: str = "CALL_TAKER", **more: Any) -> Client:
        client = Client(headers={"HX-Request": "true"})
        client.force_login(account(role, **more), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def officer(account: Callable[..., Account]) -> Officer:
    """A call-taker who acts by service calls."""
    return officer_of_account(account("CALL_TAKER"))


@pytest.fixture
def open_incident(town: Town) -> Open:
    """`open_incident(kind="ASSAULT", point=BANGKOK, channel="LINE", text="…")` → an incident being dispatched."""

    def make(
        *,
        kind: str = "ASSAULT",
        point: tuple[float, float] | None = BANGKOK,
        channel: str = "LINE",
        text: str = "เขาอยู่หน้าประตู",
        at: Any = AT,
        **more: Any,
    ) -> Incident:
        contact = contact_for(channel=channel, address=new_secret(96), at=at)
        place = place_at(*point, source="PIN") if point else None
        incident, _ = open_report(
            ReportIn(contact=contact, channel=channel, kind=kind, text=text),
            at=at,
            by="reporter",
            place=place,
            **more,
        )
        incident.refresh_from_db()
        return incident

    return make
