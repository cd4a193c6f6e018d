"""With the simulator playing LINE: its account set up and the members' phones introduced, as a real one would be."""

from __future__ import annotations

import asyncio
import time

import structlog
from django.conf import settings
from django.db import DatabaseError

from esshelpme.directory.models import Member
from esshelpme.line.client import LineClient, LineError, LineHosts
from esshelpme.line.setup import install_menus
from esshelpme.simulator.introduce import Phone, introduce

log = structlog.get_logger(__name__)

TRIES, PAUSE_SECONDS = 10, 1.0
PHONES = 5_000


def set_up_simulator() -> None:
    """Install the rich menu and name the officers' phones; the simulator may still be starting."""
    config = settings.CONFIG
    if not config.simulated or not config.simulator_port:
        return
    for _ in range(TRIES):
        try:
            asyncio.run(_menus())
            introduce(config.line_api_base_url, _phones())
            return
        except (LineError, OSError, DatabaseError) as error:
            log.info("the simulator is not ready", reason=type(error).__name__)
            time.sleep(PAUSE_SECONDS)


async def _menus() -> None:
    config = settings.CONFIG
    hosts = LineHosts(api=config.line_api_base_url, data=config.line_data_base_url)
    async with LineClient(hosts=hosts, token=config.line_account.token) as client:
        await install_menus(client)


def _phones() -> list[Phone]:
    rows = Member.objects.filter(active=True, line_user_id__isnull=False).select_related("unit")
    return [
        Phone(id=str(member.line_user_id), name=member.name, unit=member.unit.name_th)
        for member in rows.order_by("pk")[:PHONES]
    ]
