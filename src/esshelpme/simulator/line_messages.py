"""LINE's sending endpoints: reply, push, multicast, broadcast, narrowcast, and their dry runs."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from esshelpme.simulator import ids
from esshelpme.simulator.config import (
    REDELIVERED_TOKEN_LIMIT_SECONDS,
    REPLY_TOKEN_SECONDS,
    RETRY_KEY_SECONDS,
)
from esshelpme.simulator.validation import check_messages
from esshelpme.simulator.web import Request, Response, json_response
from esshelpme.simulator.world import Message, RetryRecord, World, facts

Handler = Callable[..., Awaitable[Response] | Response]
MONTHLY_LIMIT = "You have reached your monthly limit."
MAX_MULTICAST = 500


class MessageEndpoints:
    """Sending. ``last_people`` names whom the call in hand concerned, for the engineers' log."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.last_people: tuple[str, ...] = ()

    def routes(self) -> dict[tuple[str, str], Handler]:
        """The paths answered here."""
        sending: dict[tuple[str, str], Handler] = {
            ("POST", "/v2/bot/message/reply"): self.reply,
            ("POST", "/v2/bot/message/push"): self.push,
            ("POST", "/v2/bot/message/multicast"): self.multicast,
            ("POST", "/v2/bot/message/broadcast"): self.broadcast,
            ("POST", "/v2/bot/message/narrowcast"): self.narrowcast,
            ("GET", "/v2/bot/message/progress/narrowcast"): self.narrowcast_progress,
        }
        return sending | {
            ("POST", f"/v2/bot/message/validate/{kind}"): self.validate
            for kind in ("reply", "push", "multicast", "broadcast", "narrowcast")
        }

    def validate(self, request: Request, *, request_id: str) -> Response:
        """The dry run: would these messages be taken?"""
        refusal = check_messages(request.json().get("messages"))
        return json_response({}) if refusal is None else json_response(refusal.as_json(), status=400)

    def reply(self, request: Request, *, request_id: str) -> Response:
        """Answer an event once, by its token, free of charge."""
        if "x-line-retry-key" in request.headers:
            return _bad("The retry key can't be used with this endpoint")
        body = request.json()
        refusal = check_messages(body.get("messages"), request_bytes=len(request.body))
        if refusal is not None:
            return json_response(refusal.as_json(), status=400)
        token = body.get("replyToken")
        if not token:
            return _property("replyToken", "May not be empty")
        chat = self._redeem(token)
        if chat is None:
            return _bad("Invalid reply token")
        sent = self._deliver(chat, body, via="reply")
        self.world.count_sent("reply", 1)
        return json_response({"sentMessages": sent})

    def _redeem(self, token: Any) -> str | None:
        """The chat of a valid unused token, which is used up by this."""
        world = self.world
        read = ids.read_reply_token(token, secret=world.config.channel_secret)
        if read is None or token in world.used_tokens:
            return None
        now = world.now_ms()
        issued, received = world.token_issues.get(token, (read.issued_ms, read.issued_ms))
        if (
            now - received > REPLY_TOKEN_SECONDS * 1000
            or now - issued > REDELIVERED_TOKEN_LIMIT_SECONDS * 1000
        ):
            return None
        world.used_tokens[token] = now
        world.token_issues.pop(token, None)
        world.store.put("token", token, now)
        if read.chat.startswith("U"):
            person = world.person(read.chat, role="citizen")
            if person is not None and person.learned and not person.wrote_ms:
                person.wrote_ms = read.issued_ms
        return read.chat

    def push(self, request: Request, *, request_id: str) -> Response:
        """Send to one person, group or room."""
        return self._once(request, request_id, kind="push", recipients=lambda body: self._one(body.get("to")))

    def multicast(self, request: Request, *, request_id: str) -> Response:
        """Send to up to 500 people."""
        return self._once(
            request, request_id, kind="multicast", recipients=lambda body: self._several(body.get("to"))
        )

    def broadcast(self, request: Request, *, request_id: str) -> Response:
        """Send to every friend."""
        return self._once(request, request_id, kind="broadcast", recipients=lambda body: self._friends())

    def narrowcast(self, request: Request, *, request_id: str) -> Response:
        """Send to every friend, saying 202: audiences and attributes are not simulated."""
        response = self._once(request, request_id, kind="narrowcast", recipients=lambda body: self._friends())
        if response.status == 200:
            response.status = 202
        return response

    def narrowcast_progress(self, request: Request, *, request_id: str) -> Response:
        """A narrowcast is done at once."""
        if not request.query.get("requestId"):
            return _bad("The value for the 'requestId' parameter is invalid")
        return json_response({"phase": "succeeded", "successCount": 0, "failureCount": 0, "targetCount": 0})

    def _friends(self) -> list[str]:
        return [person.id for person in self.world.people.values() if person.friend]

    def _one(self, to: Any) -> list[str] | Response:
        if not isinstance(to, str) or not to:
            return _property("to", "May not be empty")
        known = to in self.world.groups if to[:1] in "CR" else self.world.person(to) is not None
        if not ids.CHAT_ID.match(to):
            return _bad("The property, 'to', in the request body is invalid (line: -, column: -)")
        return [to] if known else _bad("Failed to send messages")

    def _several(self, to: Any) -> list[str] | Response:
        if not isinstance(to, list) or not 1 <= len(to) <= MAX_MULTICAST:
            return _property("to", f"Size must be between 1 and {MAX_MULTICAST}")
        for index, user_id in enumerate(to):
            if not isinstance(user_id, str) or not ids.USER_ID.match(user_id):
                return _property(f"to[{index}]", "Invalid user id")
        return [user_id for user_id in dict.fromkeys(to) if self.world.person(user_id) is not None]

    def _once(
        self,
        request: Request,
        request_id: str,
        *,
        kind: str,
        recipients: Callable[[dict[str, Any]], list[str] | Response],
    ) -> Response:
        """Send unless this retry key has been accepted within 24 hours."""
        key = request.headers.get("x-line-retry-key")
        if key is not None:
            if not ids.RETRY_KEY.match(key):
                return _bad("The retry key is invalid")
            key = key.lower()
            earlier = self.world.retries.get(key)
            if earlier is not None and self.world.now_ms() - earlier.at_ms < RETRY_KEY_SECONDS * 1000:
                return self._already(request, key, earlier, kind)
        body = request.json()
        refusal = check_messages(body.get("messages"), request_bytes=len(request.body))
        if refusal is not None:
            return json_response(refusal.as_json(), status=400)
        chats = _aggregation_problem(body) or recipients(body)
        if isinstance(chats, Response):
            return chats
        self.last_people = tuple(chats[:20])
        return self._send(request, request_id, kind=kind, key=key, chats=chats, body=body)

    def _send(
        self,
        request: Request,
        request_id: str,
        *,
        kind: str,
        key: str | None,
        chats: list[str],
        body: dict[str, Any],
    ) -> Response:
        """Send to these chats within the monthly limit, and remember the retry key."""
        world = self.world
        reached = self._people_reached(chats)
        quota = world.settings.quota
        over = quota is not None and world.usage_this_month() + len(reached) > quota
        if over or world.faults.strikes("monthly_429", request.path, now_ms=world.now_ms()):
            return json_response({"message": MONTHLY_LIMIT}, status=429)
        sent: list[dict[str, str]] = []
        for chat in chats:
            sent = self._deliver(chat, body, via=kind)
        self.last_people = tuple(chats[:20])
        world.count_sent(kind, len(reached))
        if key is not None:
            known = sent if kind == "push" else []
            world.retries[key] = RetryRecord(request_id, known, world.now_ms(), _digest(request.body))
            world.store.put("retry", key, facts(world.retries[key]))
        return json_response({"sentMessages": sent} if kind == "push" else {})

    def _already(self, request: Request, key: str, earlier: RetryRecord, kind: str) -> Response:
        if earlier.digest != _digest(request.body):
            self.world.warn(f"Retry key {key} came again with another body: it was not sent")
        body: dict[str, Any] = {"message": "The retry key is already accepted"}
        if kind == "push":
            body["sentMessages"] = earlier.sent
        response = json_response(body, status=409)
        response.headers.append(("x-line-accepted-request-id", earlier.request_id))
        return response

    def _people_reached(self, chats: list[str]) -> list[str]:
        """Whom a call is charged for: each member of a group, nobody who cannot be reached."""
        reached: list[str] = []
        for chat in chats:
            group = self.world.groups.get(chat)
            if group is not None:
                reached += group.members
            elif (person := self.world.people.get(chat)) is not None and self.world.can_reach(person):
                reached.append(chat)
        return reached

    def _deliver(self, chat: str, body: dict[str, Any], *, via: str) -> list[dict[str, str]]:
        """Show the messages, unless the person cannot be reached; LINE says the same either way."""
        world = self.world
        messages: list[dict[str, Any]] = body["messages"]
        person = world.people.get(chat)
        shown = person is None or (not person.blocked if via == "reply" else world.can_reach(person))
        now = world.now_ms()
        sent: list[dict[str, str]] = []
        for index, message in enumerate(messages):
            message_id = ids.new_message_id(now)
            token = ids.new_quote_token()
            last = index == len(messages) - 1
            if message.get("quickReply") and not last:
                world.warn(f"{via} to {chat}: quick replies show on the last message of a call only")
            if shown:
                world.add_message(
                    Message(
                        id=message_id,
                        chat=chat,
                        by="bot",
                        at_ms=now,
                        body=message,
                        via=via,
                        silent=bool(body.get("notificationDisabled")),
                        quote_token=token,
                        last_of_call=last,
                    )
                )
            sent.append({"id": message_id} | ({"quoteToken": token} if message["type"] != "location" else {}))
        self.last_people = (chat,)
        return sent


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _aggregation_problem(body: dict[str, Any]) -> Response | None:
    units = body.get("customAggregationUnits")
    if units is None:
        return None
    named = isinstance(units, list) and len(units) == 1 and isinstance(units[0], str)
    if (
        not named
        or not 1 <= len(units[0]) <= 30
        or not units[0].replace("_", "a").isalnum()
        or not units[0].isascii()
    ):
        return _property("customAggregationUnits", "Invalid custom aggregation unit")
    return None


def _bad(message: str) -> Response:
    return json_response({"message": message}, status=400)


def _property(name: str, message: str) -> Response:
    details = [{"message": message, "property": name}]
    return json_response({"message": "The request body has 1 error(s)", "details": details}, status=400)
