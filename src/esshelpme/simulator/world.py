"""The people, chats and settings of the simulated account: all state, in memory, journalled in the store."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from esshelpme.simulator import ids
from esshelpme.simulator.config import NON_FRIEND_PUSH_SECONDS, RETRY_KEY_SECONDS, SimulatorConfig
from esshelpme.simulator.faults import Faults
from esshelpme.simulator.store import Store

CHAT_LENGTH = 400
"""Messages kept of one chat; older ones scroll away."""
CONTENTS_IN_MEMORY = 200
"""Media kept in memory when there is a folder that holds them all."""
CALL_LOG_LENGTH = 3000
"""Calls kept for the engineers' log."""


def facts(record: Any) -> dict[str, Any]:
    """A record's fields, not copied: ``dataclasses.asdict`` copies whole message bodies on every call."""
    kind = type(record)
    names = _names.get(kind)
    if names is None:
        names = _names[kind] = tuple(each.name for each in fields(record))
    return {name: getattr(record, name) for name in names}


_names: dict[type, tuple[str, ...]] = {}


@dataclass(slots=True)
class Person:
    """Somebody with a phone. ``role``: ``citizen`` or ``responder``. ``learned``: introduced by a push."""

    id: str
    name: str
    language: str = "th"
    role: str = "citizen"
    unit: str = ""
    friend: bool = True
    blocked: bool = False
    learned: bool = False
    wrote_ms: int = 0
    rich_menu: str | None = None
    listed: bool = True


@dataclass(slots=True)
class Group:
    """A group chat with the bot in it."""

    id: str
    name: str
    members: list[str]


@dataclass(slots=True)
class Message:
    """One bubble. ``by``: ``bot`` or a user id. ``body``: LINE's message object. ``via``: reply, push, …"""

    id: str
    chat: str
    by: str
    at_ms: int
    body: dict[str, Any]
    via: str = ""
    silent: bool = False
    quote_token: str = ""
    last_of_call: bool = True
    removed: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the simulator's API shows it; removed messages have no body."""
        shown = facts(self)
        if self.removed:
            shown["body"] = {"type": self.body.get("type", "text")}
        return shown


@dataclass(slots=True)
class Call:
    """One line of the engineers' log: a call to LINE's API, or (``outgoing``) a webhook to the program."""

    number: int
    at_ms: int
    method: str
    path: str
    status: int
    millis: float
    request: bytes
    answer: bytes
    request_id: str
    people: tuple[str, ...] = ()
    outgoing: bool = False
    remark: str = ""


@dataclass(slots=True)
class RetryRecord:
    """What became of a retry key."""

    request_id: str
    sent: list[dict[str, str]]
    at_ms: int
    digest: str


@dataclass(slots=True)
class RichMenu:
    """A rich menu and, once uploaded, its picture's type."""

    id: str
    body: dict[str, Any]
    image_type: str | None = None


@dataclass(slots=True)
class Content:
    """A medium's bytes. ``gone``: its message was unsent."""

    type: str
    data: bytes
    gone: bool = False


@dataclass(slots=True)
class Settings:
    """The account's settings that outlive a restart."""

    default_rich_menu: str | None = None
    webhook_url: str | None = None
    quota: int | None = None


class World:
    """All state. Written by one event loop; other threads may read lists and dictionaries."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.store = Store(config.data_dir)
        self.clock_offset_ms = 0
        self.changed = threading.Condition()
        self.listeners: set[Callable[[dict[str, Any]], None]] = set()
        self.faults = Faults()
        self._empty()
        self._load()

    def _empty(self) -> None:
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self.chats: dict[str, deque[Message]] = {}
        self.messages: dict[str, Message] = {}
        self.contents: OrderedDict[str, Content] = OrderedDict()
        self.content_types: dict[str, str] = {}
        self.used_tokens: dict[str, int] = {}
        self.token_issues: dict[str, tuple[int, int]] = {}
        self.retries: dict[str, RetryRecord] = {}
        self.rich_menus: dict[str, RichMenu] = {}
        self.aliases: dict[str, str] = {}
        self.settings = Settings()
        self.usage: dict[str, int] = {}
        self.sent_by_day: dict[str, int] = {}
        self.calls: deque[Call] = deque(maxlen=CALL_LOG_LENGTH)
        self.call_count = 0
        self.warnings: list[str] = []

    def _load(self) -> None:
        for _, row in self.store.read("person"):
            self.people[row["id"]] = Person(**row)
        for _, row in self.store.read("group"):
            self.groups[row["id"]] = Group(**row)
        for _, row in self.store.read("message"):
            self._keep(Message(**row))
        oldest = self.now_ms() - RETRY_KEY_SECONDS * 1000
        for key, row in self.store.read("retry"):
            if row["at_ms"] > oldest:
                self.retries[key] = RetryRecord(**row)
            else:
                self.store.forget("retry", key)
        for key, row in self.store.read("token"):
            if row > oldest:
                self.used_tokens[key] = row
            else:
                self.store.forget("token", key)
        for _, row in self.store.read("richmenu"):
            self.rich_menus[row["id"]] = RichMenu(**row)
        self.aliases = dict(self.store.read("alias"))
        for key, number in self.store.read("count"):
            counter, _, name = key.partition(":")
            (self.usage if counter == "usage" else self.sent_by_day)[name] = number
        for _, row in self.store.read("settings"):
            self.settings = Settings(**row)
        self.content_types = dict(self.store.read("content-type"))
        self.store.loaded()
        self.store.commit()

    def reset(self, *, keep_rich_menus: bool = True) -> None:
        """Forget people, chats, keys and the log; rich menus and the webhook address stay unless asked."""
        kept = (self.rich_menus, self.aliases, self.settings)
        images = {menu: self.rich_menu_image(menu) for menu in self.rich_menus}
        self._empty()
        self.store.clear()
        self.faults = Faults()
        self.clock_offset_ms = 0
        if keep_rich_menus:
            self.rich_menus, self.aliases, self.settings = kept
            for menu in self.rich_menus.values():
                self.store.put("richmenu", menu.id, facts(menu))
                self.store.put_bytes(menu.id, images[menu.id] or b"")
                self.contents[f"richmenu:{menu.id}"] = Content(menu.image_type or "", images[menu.id] or b"")
            for alias, menu_id in self.aliases.items():
                self.store.put("alias", alias, menu_id)
        self.save_settings()
        self.store.commit()
        self.tell({"type": "reset"})

    def now_ms(self) -> int:
        """The simulator's clock, which tests may move forward."""
        return int(time.time() * 1000) + self.clock_offset_ms

    def tell(self, news: dict[str, Any]) -> None:
        """Pass ``news`` to the open pages and wake whoever waits in another thread."""
        for listener in tuple(self.listeners):
            listener(news)
        with self.changed:
            self.changed.notify_all()

    def unlisten(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Tell ``listener`` no more."""
        self.listeners.discard(listener)
        with self.changed:
            self.changed.notify_all()

    # people -----------------------------------------------------------------------------------------------

    def save_person(self, person: Person) -> None:
        """Remember ``person`` and tell the pages."""
        self.people[person.id] = person
        self.store.put("person", person.id, facts(person))
        if self.listeners:
            self.tell({"type": "person", "person": facts(person)})

    def person(self, user_id: str, *, role: str = "responder") -> Person | None:
        """The person with this id; an unknown well-formed id is introduced if the account learns users."""
        known = self.people.get(user_id)
        if known is not None or not self.config.learn_users or not ids.USER_ID.match(user_id):
            return known
        known = Person(id=user_id, name="", role=role, learned=True)
        self.save_person(known)
        return known

    def save_group(self, group: Group) -> None:
        """Remember ``group``."""
        self.groups[group.id] = group
        self.store.put("group", group.id, facts(group))
        self.tell({"type": "group", "group": facts(group)})

    def can_reach(self, person: Person) -> bool:
        """Would a push show on this person's phone?"""
        if person.blocked:
            return False
        return person.friend or self.now_ms() - person.wrote_ms < NON_FRIEND_PUSH_SECONDS * 1000

    # messages ---------------------------------------------------------------------------------------------

    def _keep(self, message: Message) -> None:
        chat = self.chats.get(message.chat)
        if chat is None:
            chat = self.chats[message.chat] = deque()
        chat.append(message)
        self.messages[message.id] = message
        if len(chat) > CHAT_LENGTH:
            gone = chat.popleft()
            self.messages.pop(gone.id, None)
            self.store.forget("message", gone.id)
            self.remove_content(gone.id)

    def add_message(self, message: Message) -> None:
        """Show ``message`` in its chat."""
        self._keep(message)
        self.save_message(message)

    def save_message(self, message: Message) -> None:
        """Remember a changed message and tell the pages."""
        self.store.put("message", message.id, facts(message))
        self.tell(
            {"type": "message", "message": message.as_json()} if self.listeners else {"type": "message"}
        )

    def add_content(self, message_id: str, content: Content) -> None:
        """Keep a medium's bytes; memory holds the newest, the store all of them."""
        self.contents[message_id] = content
        self.content_types[message_id] = content.type
        self.store.put_bytes(message_id, content.data)
        self.store.put("content-type", message_id, content.type)
        while len(self.contents) > CONTENTS_IN_MEMORY and self.config.data_dir is not None:
            self.contents.popitem(last=False)

    def content(self, message_id: str) -> Content | None:
        """A medium's bytes. ``gone`` once its message was unsent."""
        kind = self.content_types.get(message_id)
        if kind is None:
            return None
        message = self.messages.get(message_id)
        if message is not None and message.removed:
            return Content(kind, b"", gone=True)
        found = self.contents.get(message_id)
        if found is not None:
            return found
        data = self.store.read_bytes(message_id)
        return None if data is None else Content(kind, data)

    def remove_content(self, message_id: str) -> None:
        """Destroy a medium's bytes; that there was one stays known."""
        self.contents.pop(message_id, None)
        self.store.forget_bytes(message_id)

    def rich_menu_image(self, menu_id: str) -> bytes | None:
        """A rich menu's picture."""
        kept = self.contents.get(f"richmenu:{menu_id}")
        return kept.data if kept else self.store.read_bytes(menu_id)

    def rich_menu_of(self, person: Person) -> str | None:
        """The id of the rich menu on this person's phone: their own, else the account's default."""
        if person.friend and not person.blocked and person.rich_menu in self.rich_menus:
            return person.rich_menu
        default = self.settings.default_rich_menu
        return default if default in self.rich_menus else None

    # log, counters ----------------------------------------------------------------------------------------

    def count_sent(self, kind: str, people: int) -> None:
        """Count one sending call of ``kind`` that reached ``people``; replies are free."""
        now = time.gmtime(self.now_ms() / 1000 + 9 * 3600)
        day = f"{kind}:{time.strftime('%Y%m%d', now)}"
        self.sent_by_day[day] = self.sent_by_day.get(day, 0) + people
        if kind != "reply":
            month = time.strftime("%Y%m", now)
            self.usage[month] = self.usage.get(month, 0) + people
            self.store.put("count", f"usage:{month}", self.usage[month])
        self.store.put("count", f"day:{day}", self.sent_by_day[day])

    def usage_this_month(self) -> int:
        """Messages counted against the quota in this month (UTC+9, as LINE counts)."""
        month = time.strftime("%Y%m", time.gmtime(self.now_ms() / 1000 + 9 * 3600))
        return self.usage.get(month, 0)

    def save_settings(self) -> None:
        """Remember the settings."""
        self.store.put("settings", "settings", facts(self.settings))

    def warn(self, text: str) -> None:
        """Something LINE takes but that is surely a mistake of ours; shown in the engineers' log."""
        self.warnings.append(text)
        del self.warnings[:-200]

    def log(self, call: Call) -> None:
        """Add one line to the engineers' log."""
        self.calls.append(call)
        self.tell({"type": "call", "people": list(call.people)})
