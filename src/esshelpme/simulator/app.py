"""The simulator as one ASGI application: LINE's API below ``/v2/``, the desk below ``/sim/``."""

from __future__ import annotations

from esshelpme.simulator.config import SimulatorConfig
from esshelpme.simulator.desk import Desk
from esshelpme.simulator.line_api import LineApi
from esshelpme.simulator.phones import Phones
from esshelpme.simulator.scenarios import Stage
from esshelpme.simulator.web import (
    MAX_BODY,
    MAX_UPLOAD,
    Receive,
    Response,
    Scope,
    Send,
    TooLargeError,
    hang_up,
    json_response,
    read_body,
    request_from,
    respond,
)
from esshelpme.simulator.webhooks import WebhookSender
from esshelpme.simulator.world import World


class Simulator:
    """A LINE of our own, holding one official account."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.world = World(config)
        self.webhooks = WebhookSender(self.world)
        self.line = LineApi(self.world, self.webhooks)
        self.phones = Phones(self.world, self.webhooks)
        self.stage = Stage(self.world, self.phones)
        self.desk = Desk(self.world, self.phones, self.stage)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = request_from(scope)
        for_line = request.path.startswith("/v2/")
        try:
            if request.method not in ("GET", "HEAD"):
                request.body = await read_body(receive, limit=MAX_BODY if for_line else MAX_UPLOAD)
            if for_line:
                response = await self.line.answer(request)
            else:
                response = await self.desk.answer(request, receive)
        except TooLargeError:
            response = json_response({"message": "Request entity too large"}, status=413)
        if response.status == 0:
            hang_up(scope)
            return
        if request.method == "HEAD":
            response = Response(response.status, b"", response.content_type, response.headers)
        await respond(send, response)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def close(self) -> None:
        """Stop scenarios and webhooks, write what is left."""
        self.stage.stop()
        await self.webhooks.close()
        self.world.store.close()
