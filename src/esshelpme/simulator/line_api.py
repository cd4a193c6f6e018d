"""LINE's HTTP API: who may call, which function answers which path, and everything but messages and menus."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from esshelpme.simulator import ids
from esshelpme.simulator.line_messages import MessageEndpoints
from esshelpme.simulator.line_richmenus import RichMenuEndpoints
from esshelpme.simulator.rates import RateLimits
from esshelpme.simulator.web import BadJsonError, Request, Response, json_response
from esshelpme.simulator.webhooks import WebhookSender
from esshelpme.simulator.world import Call, World, facts

Handler = Callable[..., Awaitable[Response] | Response]
_WORDS = {
    400: "Bad request",
    401: "Authentication failed. Confirm that the access token in the authorization header is valid.",
    404: "Not found",
}


def hang_up_answer() -> Response:
    """No answer at all: the connection is closed."""
    return Response(status=0)


def refuse(status: int, message: str = "", details: list[dict[str, str]] | None = None) -> Response:
    """An error in LINE's form."""
    body: dict[str, Any] = {"message": message or _WORDS[status]}
    if details:
        body["details"] = details
    return json_response(body, status=status)


class LineApi:
    """Everything below ``/v2/``, of the API host and of the data host alike."""

    def __init__(self, world: World, webhooks: WebhookSender) -> None:
        self.world = world
        self.webhooks = webhooks
        self.rates = RateLimits()
        self.messages = MessageEndpoints(world)
        menus = RichMenuEndpoints(world)
        self._exact: dict[tuple[str, str], Handler] = {
            **self.messages.routes(),
            **menus.routes(),
            ("GET", "/v2/bot/info"): self._info,
            ("GET", "/v2/bot/message/quota"): self._quota,
            ("GET", "/v2/bot/message/quota/consumption"): self._consumption,
            ("GET", "/v2/bot/channel/webhook/endpoint"): self._webhook_endpoint,
            ("PUT", "/v2/bot/channel/webhook/endpoint"): self._set_webhook_endpoint,
            ("POST", "/v2/bot/channel/webhook/test"): self._test_webhook,
            ("POST", "/v2/bot/chat/markAsRead"): self._mark_as_read,
            ("POST", "/v2/bot/message/markAsRead"): self._mark_as_read,
            ("POST", "/v2/bot/chat/loading/start"): self._loading,
            ("GET", "/v2/bot/followers/ids"): self._followers,
        }
        patterns: list[tuple[str, str, Handler]] = [
            *menus.patterns(),
            ("GET", r"/v2/bot/profile/([^/]+)", self._profile),
            ("GET", r"/v2/bot/message/(\d+)/content", self._content),
            ("GET", r"/v2/bot/message/(\d+)/content/preview", self._content),
            ("GET", r"/v2/bot/message/(\d+)/content/transcoding", self._transcoding),
            ("GET", r"/v2/bot/message/delivery/(reply|push|multicast|broadcast)", self._delivery),
            ("POST", r"/v2/bot/user/([^/]+)/linkToken", self._link_token),
            ("GET", r"/v2/bot/group/([^/]+)/summary", self._group_summary),
            ("GET", r"/v2/bot/group/([^/]+)/members/count", self._group_count),
            ("GET", r"/v2/bot/group/([^/]+)/member/([^/]+)", self._group_member),
            ("GET", r"/v2/bot/group/([^/]+)/members/ids", self._group_members),
            ("POST", r"/v2/bot/group/([^/]+)/leave", self._leave_group),
        ]
        self._patterns = [(method, re.compile(path + r"\Z"), handler) for method, path, handler in patterns]

    async def answer(self, request: Request) -> Response:
        """Answer one call, with the faults that are switched on, and write it to the engineers' log."""
        world = self.world
        started = time.perf_counter()
        request_id = ids.new_request_id()
        response = await self._guarded(request, request_id)
        people, self.messages.last_people = self.messages.last_people, ()
        if world.faults.slow_ms:
            await asyncio.sleep(world.faults.slow_ms / 1000)
        accepted = 0 < response.status < 300
        if accepted and request.method == "POST" and self._strikes("drop_after_accept", request):
            response = hang_up_answer()
        response.headers.append(("x-line-request-id", request_id))
        world.call_count += 1
        world.log(
            Call(
                number=world.call_count,
                at_ms=world.now_ms(),
                method=request.method,
                path=request.path,
                status=response.status,
                millis=(time.perf_counter() - started) * 1000,
                request=request.body,
                answer=response.body if response.content_type == "application/json" else b"",
                request_id=request_id,
                people=people,
                remark=request.headers.get("x-line-retry-key", ""),
            )
        )
        return response

    def _strikes(self, fault: str, request: Request) -> bool:
        return self.world.faults.strikes(fault, request.path, now_ms=self.world.now_ms())

    def _barred(self, request: Request, endpoint: str) -> Response | None:
        """What keeps a call from being looked at: faults, a wrong token, the rate limit."""
        world = self.world
        if self._strikes("down", request):
            return hang_up_answer()
        if request.headers.get("authorization") != f"Bearer {world.config.access_token}":
            return refuse(401)
        if self._strikes("error_500", request):
            return refuse(500, "Internal server error")
        over = world.config.enforce_rates and not self.rates.allows(endpoint, now_ms=world.now_ms())
        if over or self._strikes("rate_429", request):
            return refuse(429, "The API rate limit has been exceeded. Try again later.")
        return None

    async def _guarded(self, request: Request, request_id: str) -> Response:
        world = self.world
        handler, arguments, endpoint = self._find(request)
        barred = self._barred(request, endpoint)
        if barred is not None or handler is None:
            return refuse(404) if barred is None else barred
        try:
            result = handler(request, *arguments, request_id=request_id)
            response = result if isinstance(result, Response) else await result
        except BadJsonError:
            return refuse(400, "The request body could not be parsed as JSON (line: 1, column: 1)")
        world.store.commit()
        return response

    def _find(self, request: Request) -> tuple[Handler | None, tuple[str, ...], str]:
        handler = self._exact.get((request.method, request.path))
        if handler is not None:
            return handler, (), f"{request.method} {request.path}"
        for method, pattern, candidate in self._patterns:
            if method == request.method and (match := pattern.match(request.path)):
                return candidate, match.groups(), f"{method} {pattern.pattern}"
        return None, (), ""

    # the account ------------------------------------------------------------------------------------------

    def _info(self, request: Request, *, request_id: str) -> Response:
        config = self.world.config
        return json_response(
            {
                "userId": config.bot_user_id,
                "basicId": config.basic_id,
                "displayName": config.account_name,
                "chatMode": "bot",
                "markAsReadMode": "auto",
            }
        )

    def _quota(self, request: Request, *, request_id: str) -> Response:
        quota = self.world.settings.quota
        return json_response({"type": "none"} if quota is None else {"type": "limited", "value": quota})

    def _consumption(self, request: Request, *, request_id: str) -> Response:
        return json_response({"totalUsage": self.world.usage_this_month()})

    def _delivery(self, request: Request, kind: str, *, request_id: str) -> Response:
        day = request.query.get("date", "")
        if not re.fullmatch(r"\d{8}", day):
            return refuse(400, "The value for the 'date' parameter is invalid")
        return json_response({"status": "ready", "success": self.world.sent_by_day.get(f"{kind}:{day}", 0)})

    def _webhook_endpoint(self, request: Request, *, request_id: str) -> Response:
        url = self.webhooks.url
        if not url:
            return refuse(404, "Webhook endpoint not found")
        return json_response({"endpoint": url, "active": True})

    def _set_webhook_endpoint(self, request: Request, *, request_id: str) -> Response:
        url = request.json().get("endpoint")
        if (
            not isinstance(url, str)
            or len(url) > 500
            or not re.match(r"https://|http://(127\.0\.0\.1|localhost)\b", url)
        ):
            return refuse(400, "Invalid webhook endpoint URL")
        self.world.settings.webhook_url = url
        self.world.save_settings()
        return json_response({})

    async def _test_webhook(self, request: Request, *, request_id: str) -> Response:
        url = request.json().get("endpoint") or self.webhooks.url
        if not isinstance(url, str) or not url:
            return refuse(404, "Webhook endpoint not found")
        return json_response(await self.webhooks.test(url))

    # people and chats -------------------------------------------------------------------------------------

    def _profile(self, request: Request, user_id: str, *, request_id: str) -> Response:
        person = self.world.people.get(user_id)
        if not ids.USER_ID.match(user_id):
            return refuse(400, "The value for the 'userId' parameter is invalid")
        if person is None or person.blocked or not (person.friend or person.wrote_ms):
            return refuse(404)
        return json_response(
            {"userId": user_id, "displayName": person.name or "LINE", "language": person.language}
        )

    def _followers(self, request: Request, *, request_id: str) -> Response:
        return refuse(403, "Access to this API is not available for your account")

    def _link_token(self, request: Request, user_id: str, *, request_id: str) -> Response:
        if user_id not in self.world.people:
            return refuse(400, "The value for the 'userId' parameter is invalid")
        return json_response({"linkToken": ids.new_quote_token()})

    def _mark_as_read(self, request: Request, *, request_id: str) -> Response:
        body = request.json()
        chat = body.get("chat")
        if not body.get("markAsReadToken") and not (isinstance(chat, dict) and chat.get("userId")):
            return refuse(
                400,
                "The request body has 1 error(s)",
                [{"message": "May not be empty", "property": "markAsReadToken"}],
            )
        return json_response({})

    def _loading(self, request: Request, *, request_id: str) -> Response:
        body = request.json()
        chat, seconds = body.get("chatId"), body.get("loadingSeconds", 20)
        if not isinstance(chat, str) or not ids.USER_ID.match(chat):
            return refuse(400, "The value for the 'chatId' parameter is invalid")
        if seconds not in range(5, 61, 5):
            return refuse(400, "The value for the 'loadingSeconds' parameter is invalid")
        self.messages.last_people = (chat,)
        if self.world.listeners:
            self.world.tell({"type": "loading", "person": chat, "seconds": seconds})
        return json_response({}, status=202)

    def _content(self, request: Request, message_id: str, *, request_id: str) -> Response:
        content = self.world.content(message_id)
        if content is None:
            return refuse(404)
        if content.gone:
            return refuse(410, "Gone")
        return Response(body=content.data, content_type=content.type)

    def _transcoding(self, request: Request, message_id: str, *, request_id: str) -> Response:
        content = self.world.content(message_id)
        if content is None:
            return refuse(404)
        return json_response({"status": "succeeded"})

    # groups -----------------------------------------------------------------------------------------------

    def _group_summary(self, request: Request, group_id: str, *, request_id: str) -> Response:
        group = self.world.groups.get(group_id)
        return refuse(404) if group is None else json_response({"groupId": group.id, "groupName": group.name})

    def _group_count(self, request: Request, group_id: str, *, request_id: str) -> Response:
        group = self.world.groups.get(group_id)
        return refuse(404) if group is None else json_response({"count": len(group.members)})

    def _group_member(self, request: Request, group_id: str, user_id: str, *, request_id: str) -> Response:
        group = self.world.groups.get(group_id)
        if group is None or user_id not in group.members:
            return refuse(404)
        person = self.world.people.get(user_id)
        return json_response({"userId": user_id, "displayName": person.name if person else "LINE"})

    def _group_members(self, request: Request, group_id: str, *, request_id: str) -> Response:
        return refuse(403, "Access to this API is not available for your account")

    def _leave_group(self, request: Request, group_id: str, *, request_id: str) -> Response:
        group = self.world.groups.pop(group_id, None)
        if group is None:
            return refuse(404)
        self.world.store.forget("group", group_id)
        self.world.tell({"type": "group", "group": facts(group), "left": True})
        return json_response({})
