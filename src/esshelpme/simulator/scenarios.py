"""Playing a story on the phones: steps are data (``data/scenarios.json``), deeds are those of ``phones``.

A play casts new people for its citizens and borrows whichever officers the program really offers the
incident to. A step waits until the button it wants is on the phone; one that waits in vain stops the play and
says so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from esshelpme.simulator.phones import Phones, RefusedError, actions_in
from esshelpme.simulator.pictures import sample_photo
from esshelpme.simulator.world import Message, World

DATA = Path(__file__).parent / "data"
STEP_PATIENCE_SECONDS = 45.0
OPTIONAL_PATIENCE_SECONDS = 12.0
VERDICT_SECONDS = 4.0
"""How long an officer who pressed accept waits before the story tries another one."""


@cache
def stories() -> dict[str, dict[str, Any]]:
    """The stories by code, in the order of the page."""
    found = json.loads((DATA / "scenarios.json").read_text(encoding="utf-8"))
    return {story["code"]: story for story in found}


class StuckError(Exception):
    """A step waited in vain."""


@dataclass(slots=True)
class Play:
    """A story being played. ``cast`` maps the story's roles to user ids."""

    code: str
    language: str
    pace: float
    started_ms: int
    cast: dict[str, str] = field(default_factory=dict)
    step: int = 0
    state: str = "playing"
    caption: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the page shows it. ``state``: playing, done, stuck or stopped."""
        return {
            "code": self.code,
            "cast": self.cast,
            "step": self.step,
            "steps": len(stories()[self.code]["steps"]),
            "state": self.state,
            "caption": self.caption,
        }


class Stage:
    """Where one story plays at a time."""

    def __init__(self, world: World, phones: Phones) -> None:
        self.world = world
        self.phones = phones
        self.play: Play | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, code: str, *, language: str = "th", pace: float = 1.0) -> Play:
        """Play ``code`` from its beginning; another stops. ``pace`` 0 waits for nothing but buttons.

        Raises:
            KeyError: no such story.
        """
        story = stories()[code]
        self.stop()
        self.play = Play(code=code, language=language, pace=pace, started_ms=self.world.now_ms())
        self._task = asyncio.get_running_loop().create_task(self._run(self.play, story))
        return self.play

    def stop(self) -> None:
        """Stop the play under way."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            if self.play is not None:
                self.play.state = "stopped"
                self._tell()
        self._task = None

    def _tell(self) -> None:
        if self.play is not None:
            self.world.tell({"type": "play", "play": self.play.as_json()})

    async def _run(self, play: Play, story: dict[str, Any]) -> None:
        for role, who in story["cast"].items():
            person = self.phones.add(
                name=_words(who["name"], play.language), language=who.get("language", "th"), friend=False
            )
            play.cast[role] = person.id
        self._tell()
        try:
            for number, step in enumerate(story["steps"]):
                play.step = number + 1
                if "caption" in step:
                    play.caption = step["caption"]
                self._tell()
                await asyncio.sleep(step.get("pause_ms", 900) / 1000 * play.pace)
                await self._take(play, step)
            play.state = "done"
        except (StuckError, RefusedError, KeyError) as error:
            play.state = "stuck"
            self.world.warn(f"{play.code}, step {play.step}: {error}")
        self._tell()

    async def _take(self, play: Play, step: dict[str, Any]) -> None:
        deed, who = step["do"], step["who"]
        patience = OPTIONAL_PATIENCE_SECONDS if step.get("optional") else STEP_PATIENCE_SECONDS
        if step.get("optional") and deed != "accept_as" and who not in play.cast:
            return
        try:
            if deed == "accept_as":
                await self._accept(play, who, patience)
            elif deed in ("tap", "await"):
                await self._tap(play, step, patience)
            else:
                self._act(play, step)
        except StuckError:
            if not step.get("optional"):
                raise

    async def _tap(self, play: Play, step: dict[str, Any], patience: float) -> None:
        user_id = play.cast[step["who"]]
        wanted = {name: value for name, value in step.items() if name in ("a", "v", "new")}
        action = await self._until(lambda: self._button(play, user_id, wanted), patience)
        if step["do"] == "tap":
            await asyncio.sleep(0.7 * play.pace)
            self.phones.perform(user_id, action)

    async def _accept(self, play: Play, who: str, patience: float) -> None:
        """Let officers press accept until one of them has the job: it shows by the button "on the way"."""
        tried: set[str] = set()
        while True:
            user_id = await self._until(lambda: self._offered(play, tried), patience)
            tried.add(user_id)
            play.cast[who] = user_id
            self._tell()
            await asyncio.sleep(1.2 * play.pace)
            if await self._wins(play, user_id):
                return
            del play.cast[who]

    async def _wins(self, play: Play, user_id: str) -> bool:
        """Let this officer press accept, and see whether the job is theirs."""
        action = self._button(play, user_id, {"a": "accept"})
        if action is None:
            return False
        self.phones.perform(user_id, action)
        try:
            await self._until(lambda: self._button(play, user_id, {"a": "enroute"}), VERDICT_SECONDS)
        except StuckError:
            return False
        return True

    def _act(self, play: Play, step: dict[str, Any]) -> None:
        deed, user_id = step["do"], play.cast[step["who"]]
        if deed == "say":
            self.phones.say(user_id, _words(step["text"], play.language))
        elif deed == "location":
            words = {name: _words(step[name], play.language) for name in ("title", "address") if name in step}
            self.phones.location(user_id, step["lat"], step["lng"], **words)
        elif deed == "photo":
            self.phones.medium(user_id, "image", sample_photo(step["sample"]), "image/jpeg")
        elif deed == "sticker":
            self.phones.sticker(user_id, sticker_id=step.get("sticker", "1"))
        elif deed == "unsend":
            own = [message for message in self.world.chats.get(user_id, ()) if message.by == user_id]
            self.phones.unsend(user_id, own[0 if step.get("which") == "first" else -1].id)
        elif deed == "follow":
            self.phones.follow(user_id)
        elif deed == "block":
            self.phones.block(user_id)
        else:
            raise KeyError(deed)

    async def _until(self, look: Callable[[], Any], patience: float) -> Any:
        """The first true value of ``look()``, asked again at every change, within the patience of a step."""
        changed = asyncio.Event()

        def hear(_: dict[str, Any]) -> None:
            changed.set()

        self.world.listeners.add(hear)
        try:
            async with asyncio.timeout(patience):
                while not (value := look()):
                    await changed.wait()
                    changed.clear()
                return value
        except TimeoutError as error:
            raise StuckError("waited in vain") from error
        finally:
            self.world.unlisten(hear)

    def _button(self, play: Play, user_id: str, wanted: dict[str, str]) -> dict[str, Any] | None:
        for message in reversed(self._since(play, user_id)):
            for action in actions_in(message.body):
                if _matches(action, wanted):
                    return action
        menu = self.world.rich_menus.get(self.world.rich_menu_of(self.phones.person(user_id)) or "")
        if menu is not None:
            return next((action for action in actions_in(menu.body) if _matches(action, wanted)), None)
        return None

    def _offered(self, play: Play, tried: set[str]) -> str | None:
        """An officer whose newest message, sent during this play, still offers something to accept."""
        for user_id in self.world.chats:
            if user_id in tried or user_id in play.cast.values() or user_id not in self.world.people:
                continue
            received = self._since(play, user_id)
            if received and any(
                _matches(action, {"a": "accept"}) for action in actions_in(received[-1].body)
            ):
                return user_id
        return None

    def _since(self, play: Play, user_id: str) -> list[Message]:
        chat = self.world.chats.get(user_id, ())
        return [message for message in chat if message.by == "bot" and message.at_ms >= play.started_ms]


def _matches(action: dict[str, Any], wanted: dict[str, str]) -> bool:
    if action.get("type") != "postback":
        return False
    has = parse_qs(action.get("data", ""))
    return all(has.get(name) == [value] for name, value in wanted.items())


def _words(value: Any, language: str) -> str:
    return value if isinstance(value, str) else str(value.get(language) or value["th"])
