"""The desk below ``/sim/``: the page with the phones, its live feed, and the JSON API that drives them."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Callable
from typing import Any

from esshelpme.simulator.pages import SECURITY, page_or_file, stream_of
from esshelpme.simulator.phones import STICKER_PACKAGE, Phones, RefusedError
from esshelpme.simulator.pictures import SAMPLES, sample_photo, sample_voice
from esshelpme.simulator.scenarios import DATA, Stage, stories
from esshelpme.simulator.web import BadJsonError, Receive, Request, Response, json_response
from esshelpme.simulator.world import Call, Group, Message, World, facts

MEDIA = {"photo": "image", "video": "video", "voice": "audio", "file": "file"}
_PERSON = re.compile(r"/sim/api/people/(U[0-9a-f]{32})(?:/([a-z]+))?\Z")
_SAFE_IMAGE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Desk:
    """Everything below ``/sim/``."""

    def __init__(self, world: World, phones: Phones, stage: Stage) -> None:
        self.world = world
        self.phones = phones
        self.stage = stage
        self._routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "/sim/api/state"): self._state,
            ("GET", "/sim/api/people"): self._list_people,
            ("POST", "/sim/api/people"): self._add_people,
            ("GET", "/sim/api/groups"): self._list_groups,
            ("POST", "/sim/api/groups"): self._add_group,
            ("GET", "/sim/api/calls"): self._calls,
            ("GET", "/sim/api/faults"): self._show_faults,
            ("POST", "/sim/api/faults"): self._set_faults,
            ("POST", "/sim/api/account"): self._set_account,
            ("POST", "/sim/api/clock"): self._advance,
            ("POST", "/sim/api/reset"): self._reset,
            ("GET", "/sim/api/scenarios"): self._scenarios,
            ("POST", "/sim/api/scenarios/stop"): self._stop_scenario,
        }
        if not any(person.listed for person in world.people.values()):
            self._seat_first_people()

    async def answer(self, request: Request, receive: Receive) -> Response:
        """Answer one request."""
        method = "GET" if request.method == "HEAD" else request.method
        if method == "GET" and request.path == "/sim/api/stream":
            response = stream_of(self.world, receive)
        elif request.path.startswith("/sim/api/"):
            response = self._api(method, request)
        elif method == "GET":
            response = page_or_file(request)
        else:
            response = json_response({"message": "Not found"}, status=404)
        response.headers += SECURITY
        return response

    # the JSON API -----------------------------------------------------------------------------------------

    def _api(self, method: str, request: Request) -> Response:
        if method != "GET" and request.headers.get("sec-fetch-site") == "cross-site":
            return json_response({"message": "Another site may not drive the phones"}, status=403)
        try:
            response = self._dispatch(method, request)
        except BadJsonError as error:
            response = json_response({"message": f"not a JSON object: {error}"}, status=400)
        except (RefusedError, ValueError, TypeError) as error:
            response = json_response({"message": str(error)}, status=422)
        except KeyError as error:
            response = json_response({"message": f"not found: {error}"}, status=404)
        self.world.store.commit()
        return response

    def _dispatch(self, method: str, request: Request) -> Response:
        route = self._routes.get((method, request.path))
        if route is not None:
            return route(request)
        person = _PERSON.match(request.path)
        if person is not None:
            return self._person(method, person.group(1), person.group(2), request)
        if method == "GET" and request.path.startswith("/sim/api/content/"):
            return self._content(request.path.rsplit("/", 1)[1])
        if method == "GET" and request.path.startswith("/sim/api/richmenu/"):
            return self._menu_image(request.path.rsplit("/", 1)[1])
        play = re.match(r"/sim/api/scenarios/([a-z0-9-]+)/play\Z", request.path)
        if method == "POST" and play is not None:
            wish = request.json()
            started = self.stage.start(
                play.group(1), language=str(wish.get("language", "th")), pace=float(wish.get("pace", 1))
            )
            return json_response(started.as_json(), status=202)
        raise KeyError(request.path)

    def _person(self, method: str, user_id: str, deed: str | None, request: Request) -> Response:
        person = self.phones.person(user_id)
        if method == "GET" and deed is None:
            return json_response(facts(person) | {"rich_menu_shown": self.world.rich_menu_of(person)})
        if method == "GET" and deed == "messages":
            return json_response(
                {"items": [message.as_json() for message in self.world.chats.get(user_id, ())]}
            )
        if method == "GET" and deed == "calls":
            calls = [call for call in self.world.calls if user_id in call.people]
            return json_response({"items": [_call_json(call) for call in calls[-60:]]})
        if method != "POST" or deed is None:
            raise KeyError(request.path)
        sent = deed in MEDIA
        shown: Message | None = (
            self._send_medium(user_id, deed, request) if sent else self._do(user_id, deed, request.json())
        )
        return json_response({"message": shown.as_json() if shown else None})

    def _do(self, user_id: str, deed: str, wish: dict[str, Any]) -> Message | None:
        deeds: dict[str, Callable[[], Message | None]] = {
            "say": lambda: self.phones.say(user_id, str(wish.get("text", ""))),
            "tap": lambda: self.phones.tap(
                user_id, data=wish.get("data"), label=wish.get("label"), params=wish.get("params")
            ),
            "location": lambda: self.phones.location(
                user_id,
                float(wish["lat"]),
                float(wish["lng"]),
                title=wish.get("title"),
                address=wish.get("address"),
            ),
            "sticker": lambda: self.phones.sticker(
                user_id,
                package_id=str(wish.get("package_id", STICKER_PACKAGE)),
                sticker_id=str(wish.get("sticker_id", "1")),
            ),
            "unsend": lambda: self.phones.unsend(user_id, str(wish.get("message", ""))),
            "follow": lambda: self.phones.follow(user_id),
            "block": lambda: self.phones.block(user_id),
        }
        return deeds[deed]()

    def _send_medium(self, user_id: str, deed: str, request: Request) -> Message:
        """A file's bytes, or, asked for in JSON, a sample photo or voice message made here."""
        content_type = request.headers.get("content-type", "").split(";")[0].strip()
        duration = int(request.query.get("duration_ms", "4000"))
        data = request.body
        if content_type in ("application/json", ""):
            wish = request.json()
            duration = int(wish.get("duration_ms", duration))
            if deed == "photo":
                data, content_type = sample_photo(str(wish.get("sample", SAMPLES[0]))), "image/jpeg"
            elif deed == "voice":
                data, content_type = sample_voice(duration), "audio/wav"
            else:
                raise RefusedError(f"{deed}: send the file's bytes")
        if not data:
            raise RefusedError("the file is empty")
        timed = duration if deed in ("voice", "video") else None
        return self.phones.medium(user_id, MEDIA[deed], data, content_type, duration_ms=timed)

    def _state(self, request: Request) -> Response:
        world = self.world
        listed = _listed(world)
        menus = {menu.id: menu.body for menu in world.rich_menus.values() if menu.image_type is not None}
        last = {chat: messages[-1].at_ms for chat, messages in world.chats.items() if messages}
        return json_response(
            {
                "account": {
                    "name": world.config.account_name,
                    "basic_id": world.config.basic_id,
                    "quota": world.settings.quota,
                    "usage": world.usage_this_month(),
                },
                "people": listed,
                "last": last,
                "recent": _recent(world),
                "rich_menus": menus,
                "default_rich_menu": world.settings.default_rich_menu,
                "faults": world.faults.as_json(now_ms=world.now_ms()),
                "play": self.stage.play.as_json() if self.stage.play else None,
                "scenarios": _story_list(),
                "words": catalogue("words"),
                "presets": catalogue("presets"),
                "warnings": world.warnings[-20:],
                "now_ms": world.now_ms(),
            }
        )

    def _list_people(self, request: Request) -> Response:
        return json_response({"items": [facts(person) for person in self.world.people.values()]})

    def _add_people(self, request: Request) -> Response:
        """One person, or ``{"people": […]}``."""
        wish = request.json()
        several = wish.get("people")
        added = (
            [self._add_one(item) for item in several] if isinstance(several, list) else [self._add_one(wish)]
        )
        shown: Any = {"items": added} if several is not None else added[0]
        return json_response(shown, status=201)

    def _add_one(self, wish: dict[str, Any]) -> dict[str, Any]:
        person = self.phones.add(
            name=str(wish.get("name", "")),
            language=str(wish.get("language", "th")),
            role=str(wish.get("role", "citizen")),
            unit=str(wish.get("unit", "")),
            user_id=wish.get("id"),
            friend=bool(wish.get("friend", True)),
            listed=bool(wish.get("listed", True)),
        )
        return facts(person)

    def _list_groups(self, request: Request) -> Response:
        return json_response({"items": [facts(group) for group in self.world.groups.values()]})

    def _add_group(self, request: Request) -> Response:
        wish = request.json()
        if not re.match(r"[CR][0-9a-f]{32}\Z", str(wish["id"])):
            raise RefusedError("id: C or R and 32 hexadecimal digits")
        group = Group(id=wish["id"], name=str(wish.get("name", "")), members=list(wish.get("members", [])))
        self.world.save_group(group)
        return json_response(facts(group), status=201)

    def _calls(self, request: Request) -> Response:
        limit = min(int(request.query.get("limit", "100")), 500)
        return json_response({"items": [_call_json(call) for call in list(self.world.calls)[-limit:]]})

    def _show_faults(self, request: Request) -> Response:
        return json_response(self.world.faults.as_json(now_ms=self.world.now_ms()))

    def _set_faults(self, request: Request) -> Response:
        self.world.faults.change(request.json(), now_ms=self.world.now_ms())
        shown = self.world.faults.as_json(now_ms=self.world.now_ms())
        self.world.tell({"type": "faults", "faults": shown})
        return json_response(shown)

    def _set_account(self, request: Request) -> Response:
        wish = request.json()
        if "quota" in wish:
            self.world.settings.quota = None if wish["quota"] is None else max(0, int(wish["quota"]))
        self.world.save_settings()
        return json_response({"quota": self.world.settings.quota, "usage": self.world.usage_this_month()})

    def _advance(self, request: Request) -> Response:
        self.world.clock_offset_ms += int(float(request.json().get("advance", 0)) * 1000)
        return json_response({"now_ms": self.world.now_ms()})

    def _reset(self, request: Request) -> Response:
        self.stage.stop()
        self.stage.play = None
        responders = [
            person
            for person in self.world.people.values()
            if person.role == "responder" and not person.learned
        ]
        self.world.reset()
        for person in responders:
            person.rich_menu, person.blocked, person.friend, person.wrote_ms = None, False, True, 0
            self.world.save_person(person)
        self._seat_first_people()
        self.world.tell({"type": "reset"})
        return json_response({})

    def _scenarios(self, request: Request) -> Response:
        return json_response(
            {"items": _story_list(), "play": self.stage.play.as_json() if self.stage.play else None}
        )

    def _stop_scenario(self, request: Request) -> Response:
        self.stage.stop()
        return json_response({})

    def _content(self, message_id: str) -> Response:
        content = self.world.content(message_id)
        if content is None or content.gone:
            raise KeyError(message_id)
        kind = (
            content.type
            if content.type in _SAFE_IMAGE or content.type.startswith(("audio/", "video/"))
            else ""
        )
        return Response(body=content.data, content_type=kind or "application/octet-stream")

    def _menu_image(self, menu_id: str) -> Response:
        menu, data = self.world.rich_menus[menu_id], self.world.rich_menu_image(menu_id)
        if data is None or menu.image_type is None:
            raise KeyError(menu_id)
        return Response(body=data, content_type=menu.image_type, headers=[("cache-control", "max-age=86400")])

    def _seat_first_people(self) -> None:
        for person in json.loads((DATA / "people.json").read_text(encoding="utf-8")):
            self.phones.add(**person)
        self.world.store.commit()


def catalogue(name: str) -> Any:
    """A data file of the page: ``words`` (key to language to text) or ``presets`` (places to send)."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _listed(world: World, learned: int = 200) -> list[dict[str, Any]]:
    """Whom the page may choose from: everybody registered, and those introduced by a push most recently."""
    people = [person for person in world.people.values() if person.listed]
    recent = [person.id for person in people if person.learned][-learned:]
    chosen = set(recent)
    return [facts(person) for person in people if not person.learned or person.id in chosen]


def _recent(world: World, count: int = 30) -> list[dict[str, Any]]:
    """The newest messages of all chats, oldest first."""
    newest = heapq.nlargest(count, world.messages.values(), key=lambda message: int(message.id))
    return [message.as_json() for message in reversed(newest)]


def _story_list() -> list[dict[str, Any]]:
    return [
        {name: story[name] for name in ("code", "title", "about", "icon")} for story in stories().values()
    ]


def _call_json(call: Call) -> dict[str, Any]:
    shown = facts(call)
    for name in ("request", "answer"):
        text = shown[name].decode("utf-8", "replace")
        try:
            shown[name] = json.loads(text) if text else None
        except ValueError:
            shown[name] = text[:2000]
    return shown
