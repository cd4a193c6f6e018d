from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from esshelpme.line.client import LineClient, LineHosts
from esshelpme.line.deliver import Sender
from esshelpme.line.media import copy_media
from esshelpme.line.profiles import learn_languages
from esshelpme.outbox.send import outbound_key
from esshelpme.platform.postgres import database_url


class Command(BaseCommand):
    help = "Deliver the outbox to LINE and copy media from it, until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(_run())


async def _run() -> None:
    config = settings.CONFIG
    hosts = LineHosts(api=config.line_api_base_url, data=config.line_data_base_url)
    async with LineClient(hosts=hosts, token=config.line_account.token) as client:
        sender = Sender(conninfo=database_url(config), key=outbound_key(), client=client)
        work = asyncio.gather(sender.run(), copy_media(client), learn_languages(client))
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, work.cancel)
        try:
            await work
        except asyncio.CancelledError:
            await sender.stop()
