"""The demonstration: whole, fictional, loaded once."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from esshelpme.access.models import Account
from esshelpme.access.roles import Role
from esshelpme.directory.models import Member, Shift, Unit
from esshelpme.dispatch.models import Alarm, CallTask, Deadline
from esshelpme.incidents.models import Incident, Message
from esshelpme.incidents.states import ENDED
from esshelpme.incidents.timeline import verify
from esshelpme.outbox.models import OutboundMessage
from esshelpme.places import gazetteer

pytestmark = pytest.mark.django_db


def load() -> str:
    shown = StringIO()
    call_command("load_demo", stdout=shown)
    return shown.getvalue()


def test_the_demonstration() -> None:
    shown = load()

    provinces = {code for code in gazetteer().places if len(code) == 2 and code.isdigit()}
    for kind in ("SOCIAL", "POLICE", "HEALTH"):
        served = {area[:2] for unit in Unit.objects.filter(agency_type=kind) for area in unit.areas}
        assert served == provinces, f"every province has a unit of {kind}"
    phones = [
        *Unit.objects.values_list("duty_phone", flat=True),
        *Member.objects.values_list("phone", flat=True),
    ]
    assert all(re.fullmatch(r"\+66 2 000 0\d{3}", phone) for phone in phones)
    assert all("สมมติ" in name for name in Unit.objects.values_list("name_th", flat=True))
    lines = [line for line in Member.objects.values_list("line_user_id", flat=True) if line]
    assert all(re.fullmatch("U[0-9a-f]{32}", line) for line in lines)
    assert len(set(lines)) == len(lines)
    assert Unit.objects.filter(contact="PHONE").exists()
    assert Shift.objects.exists()

    assert set(Account.objects.values_list("role", flat=True)) == {role.value for role in Role}
    password = re.search(r"password\s+(\S+)", shown)
    assert password is not None
    assert all(account.check_password(password[1]) for account in Account.objects.all()[:2])
    assert all(account.username in shown for account in Account.objects.all())

    incidents = list(Incident.objects.all())
    assert len(incidents) >= 30
    assert {incident.status for incident in incidents} <= set(ENDED)
    assert sum(incident.exercise for incident in incidents) == 3
    assert [incident.ref for incident in incidents if verify(incident) is not None] == []
    assert len({incident.province for incident in incidents}) >= 15
    assert not Alarm.objects.filter(acknowledged_at__isnull=True).exists()
    assert not CallTask.objects.filter(status="OPEN").exists()
    assert not Deadline.objects.filter(done_at__isnull=True).exists()
    assert not Message.objects.filter(direction="IN", seen_at__isnull=True).exists()
    assert set(OutboundMessage.objects.values_list("state", flat=True)) == {OutboundMessage.State.SENT}

    Unit.objects.filter(code="POL-1001").update(on_duty=False)
    before = (Unit.objects.count(), Shift.objects.count(), Incident.objects.count(), Account.objects.count())
    assert load() == shown
    assert (
        Unit.objects.count(),
        Shift.objects.count(),
        Incident.objects.count(),
        Account.objects.count(),
    ) == before
    assert not Unit.objects.get(code="POL-1001").on_duty, "what people changed stays"


def test_never_in_production(settings: pytest.FixtureRequest) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    with pytest.raises(CommandError):
        load()
