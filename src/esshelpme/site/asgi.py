"""The web process's one application: the webhook's door first, the simulator beside it, Django behind.

The door bypasses Django altogether; with LINE's credentials set, the simulator's addresses do not exist.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esshelpme.site.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from esshelpme.intake.spool import Spool  # noqa: E402  # after Django is set up
from esshelpme.intake.store import EventStore  # noqa: E402
from esshelpme.line import door  # noqa: E402
from esshelpme.places import warm  # noqa: E402
from esshelpme.platform.postgres import database_url  # noqa: E402
from esshelpme.privacy.sealing import installation_key  # noqa: E402
from esshelpme.simulator.proxy import SimulatorProxy  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


# Django keeps a whole body on disk before a view may refuse it: nothing larger than what a form sends gets that far.
BODY_LIMIT = 55 * 1024 * 1024


class Application:
    """Routes by path before anything else is decided."""

    def __init__(self) -> None:
        config = settings.CONFIG
        self._store = EventStore(conninfo=database_url(config), spool=Spool(config.data_dir / "spool"))
        self._door = door.WebhookDoor(
            secret=config.line_account.secret,
            key=installation_key("inbound", settings.SECRET_KEY),
            store=self._store,
        )
        self._simulator = (
            SimulatorProxy(f"http://127.0.0.1:{config.simulator_port}")
            if config.simulated and config.simulator_port
            else None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"] == door.PATH:
            await self._door(scope, receive, send)
        elif self._simulator is not None and scope["type"] == "http" and scope["path"].startswith("/sim/"):
            await self._simulator(scope, receive, send)
        elif self._simulator is not None and scope["type"] == "http" and scope["path"] == "/sim":
            await door.redirect(send, "/sim/")
        elif scope["type"] == "http" and _length(scope) > BODY_LIMIT:
            await door.refuse(send, 413, f"The request is larger than {BODY_LIMIT} bytes")
        else:
            await django_application(scope, _bounded(receive), send)  # type: ignore[arg-type]

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                warm()
                await self._store.start()
                gc.freeze()  # what start-up made stays: the collector need not walk it while requests wait
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._store.stop()
                if self._simulator is not None:
                    await self._simulator.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def _length(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def _bounded(receive: Receive) -> Receive:
    """A body of unknown length is read up to the limit; beyond it the caller counts as gone."""
    seen = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > BODY_LIMIT else message

    return bounded


application = Application()
