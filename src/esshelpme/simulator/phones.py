"""What people do with their phones: each deed shows in the chat and becomes a webhook event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from esshelpme.simulator import events, ids
from esshelpme.simulator.webhooks import WebhookSender
from esshelpme.simulator.world import Content, Message, Person, World, facts

STICKER_PACKAGE = "9900001"
"""The desk's own stickers, drawn for it: LINE's may not be copied."""
STICKER_KEYWORDS = {
    "1": ("Crying", "Sad"),
    "2": ("Scared", "Afraid"),
    "3": ("Happy", "Thank you"),
    "4": ("Angry",),
    "5": ("Love", "Comfort"),
    "6": ("Please", "Help"),
}
"""What LINE tells a bot about a sticker besides its numbers."""
MAX_TEXT = 10_000
"""LINE's app lets people write this much."""


class RefusedError(Exception):
    """The phone cannot do this; the text says why."""


class Phones:
    """The deeds. Each returns the message it put into the chat, if any."""

    def __init__(self, world: World, webhooks: WebhookSender) -> None:
        self.world = world
        self.webhooks = webhooks

    # people -----------------------------------------------------------------------------------------------

    def add(
        self,
        *,
        name: str = "",
        language: str = "th",
        role: str = "citizen",
        unit: str = "",
        user_id: str | None = None,
        friend: bool = True,
        listed: bool = True,
    ) -> Person:
        """Register a person, or rename and describe one that is known; nothing is sent.

        Raises:
            RefusedError: an id that is none, or an unknown role.
        """
        if user_id is not None and not ids.USER_ID.match(user_id):
            raise RefusedError("id: U and 32 hexadecimal digits")
        if role not in ("citizen", "responder"):
            raise RefusedError("role: citizen or responder")
        person = self.world.people.get(user_id or "")
        if person is None:
            person = Person(id=user_id or ids.new_user_id(), name=name, friend=friend)
        person.name, person.language, person.role, person.unit = name, language, role, unit
        person.learned, person.listed = False, listed
        self.world.save_person(person)
        return person

    def person(self, user_id: str) -> Person:
        """A registered person.

        Raises:
            KeyError: nobody has this id.
        """
        return self.world.people[user_id]

    def follow(self, user_id: str) -> Message | None:
        """Add the account as a friend, or unblock it."""
        person = self.person(user_id)
        unblocked = person.blocked
        person.friend, person.blocked = True, False
        self.world.save_person(person)
        self.world.tell({"type": "followed", "person": user_id})
        self._emit(events.follow_event, person, unblocked=unblocked)
        return None

    def block(self, user_id: str) -> Message | None:
        """Block the account: its pushes no longer show."""
        person = self.person(user_id)
        person.blocked = True
        self.world.save_person(person)
        self.world.tell({"type": "followed", "person": user_id, "blocked": True})
        self._emit(events.unfollow_event, person)
        return None

    # messages ---------------------------------------------------------------------------------------------

    def say(self, user_id: str, text: str) -> Message:
        """Write a text."""
        if not text:
            raise RefusedError("text: may not be empty")
        if len(text) > MAX_TEXT:
            raise RefusedError(f"text: at most {MAX_TEXT} characters")
        return self._send(user_id, {"type": "text", "text": text})

    def location(
        self, user_id: str, lat: float, lng: float, *, title: str | None = None, address: str | None = None
    ) -> Message:
        """Send a pin."""
        if not (-90 <= lat <= 90 and -180 <= lng <= 180):
            raise RefusedError("lat, lng: no place on earth")
        message: dict[str, Any] = {"type": "location", "latitude": lat, "longitude": lng}
        message |= {name: value for name, value in (("title", title), ("address", address)) if value}
        return self._send(user_id, message)

    def sticker(self, user_id: str, *, package_id: str = STICKER_PACKAGE, sticker_id: str = "1") -> Message:
        """Send a sticker."""
        body = {
            "type": "sticker",
            "packageId": package_id,
            "stickerId": sticker_id,
            "stickerResourceType": "STATIC",
        }
        keywords = STICKER_KEYWORDS.get(sticker_id) if package_id == STICKER_PACKAGE else None
        return self._send(user_id, body | ({"keywords": list(keywords)} if keywords else {}))

    def medium(
        self, user_id: str, kind: str, data: bytes, content_type: str, *, duration_ms: int | None = None
    ) -> Message:
        """Send a photo, video, voice message or file with these bytes."""
        body: dict[str, Any] = {"type": kind}
        if kind == "file":
            body |= {"fileName": f"file-{len(data)}", "fileSize": len(data)}
        else:
            body["contentProvider"] = {"type": "line"}
        if duration_ms is not None:
            body["duration"] = duration_ms
        message_id = ids.new_message_id(self.world.now_ms())
        self.world.add_content(message_id, Content(content_type, data))
        return self._send(user_id, body, message_id=message_id)

    def unsend(self, user_id: str, message_id: str) -> Message:
        """Take a message of one's own back.

        Raises:
            RefusedError: not a message of this person.
        """
        person = self.person(user_id)
        message = self.world.messages.get(message_id)
        if message is None or message.by != user_id or message.removed:
            raise RefusedError("message: not one of this person's")
        message.removed = True
        message.body = {"type": message.body["type"]}
        self.world.remove_content(message_id)
        self.world.save_message(message)
        self._emit(events.unsend_event, person, message_id=message_id)
        return message

    # taps -------------------------------------------------------------------------------------------------

    def tap(
        self,
        user_id: str,
        *,
        data: str | None = None,
        label: str | None = None,
        params: dict[str, str] | None = None,
    ) -> Message | None:
        """Tap the button with this postback data (or, without data, this label).

        The newest message that carries such a button counts; data that no button on the phone carries is sent
        as it is, since an old bubble may be tapped for ever. A ``displayText`` leaves a bubble in the chat.
        """
        person = self.person(user_id)
        action = self.find_action(user_id, data=data, label=label)
        if action is None:
            if data is None:
                raise RefusedError(f"no button is labelled {label!r}")
            action = {"type": "postback", "data": data}
        return self.perform(person.id, action, params=params)

    def perform(
        self, user_id: str, action: dict[str, Any], *, params: dict[str, str] | None = None
    ) -> Message | None:
        """Carry out an action object.

        Raises:
            RefusedError: a kind of action that leads out of the chat.
        """
        person = self._open_phone(user_id)
        kind = action.get("type")
        if kind == "message":
            return self.say(user_id, action["text"])
        if kind == "richmenuswitch":
            self._switch(person, action)
            return None
        if kind not in ("postback", "datetimepicker"):
            raise RefusedError(f"a {kind} action sends nothing")
        shown = action.get("displayText") or action.get("text")
        bubble = self._show(person, {"type": "text", "text": shown}) if shown else None
        self._wrote(person)
        self.world.tell(
            {"type": "tapped", "person": user_id, "label": action.get("label"), "data": action["data"]}
        )
        self._emit(events.postback_event, person, data=action["data"], params=params)
        return bubble

    def _switch(self, person: Person, action: dict[str, Any]) -> None:
        alias = action["richMenuAliasId"]
        menu = self.world.aliases.get(alias)
        if menu is not None:
            person.rich_menu = menu
            self.world.save_person(person)
        status = "SUCCESS" if menu else "RICHMENU_ALIAS_ID_NOTFOUND"
        params = {"status": status} | ({"newRichMenuAliasId": alias} if menu else {})
        self._emit(events.postback_event, person, data=action["data"], params=params)

    def find_action(
        self, user_id: str, *, data: str | None = None, label: str | None = None
    ) -> dict[str, Any] | None:
        """The newest button in the chat, or the rich menu's, with this data or label."""
        for action in self.actions(user_id):
            if data is not None and action.get("data") == data:
                return action
            if data is None and label is not None and action.get("label") == label:
                return action
        return None

    def actions(self, user_id: str) -> Iterator[dict[str, Any]]:
        """Every action on the phone: newest bubble first, the rich menu last."""
        for message in reversed(self.world.chats.get(user_id, ())):
            if message.by == "bot":
                yield from actions_in(message.body)
        menu = self.world.rich_menus.get(self.world.rich_menu_of(self.person(user_id)) or "")
        if menu is not None:
            yield from actions_in(menu.body)

    # the two ends -----------------------------------------------------------------------------------------

    def _send(self, user_id: str, body: dict[str, Any], *, message_id: str | None = None) -> Message:
        person = self._open_phone(user_id)
        message = self._show(person, body, message_id=message_id)
        self._wrote(person)
        self._emit(events.message_event, person, message=body | {"id": message.id, **_quote(message)})
        return message

    def _show(self, person: Person, body: dict[str, Any], *, message_id: str | None = None) -> Message:
        message = Message(
            id=message_id or ids.new_message_id(self.world.now_ms()),
            chat=person.id,
            by=person.id,
            at_ms=self.world.now_ms(),
            body=body,
            quote_token=ids.new_quote_token(),
        )
        self.world.add_message(message)
        return message

    def _open_phone(self, user_id: str) -> Person:
        """The person, able to write: LINE takes nothing to an account that is blocked."""
        person = self.person(user_id)
        if person.blocked:
            raise RefusedError("the account is blocked on this phone")
        return person

    def _wrote(self, person: Person) -> None:
        person.wrote_ms = self.world.now_ms()
        self.world.store.put("person", person.id, facts(person))

    def _emit(self, build: Any, person: Person, **fields: Any) -> None:
        self.world.store.commit()
        event = build(person.id, at_ms=self.world.now_ms(), secret=self.world.config.channel_secret, **fields)
        self.webhooks.emit(event)


def _quote(message: Message) -> dict[str, str]:
    quotable = message.body["type"] in ("text", "sticker", "image", "video")
    return {"quoteToken": message.quote_token} if quotable else {}


def actions_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every action object inside a message or rich menu, in reading order."""
    if isinstance(value, dict):
        action = value.get("action")
        if isinstance(action, dict):
            yield action
        for name, part in value.items():
            if name == "actions" and isinstance(part, list):
                yield from (item for item in part if isinstance(item, dict))
            elif name != "action":
                yield from actions_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from actions_in(part)
