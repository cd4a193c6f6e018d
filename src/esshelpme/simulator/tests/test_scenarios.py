"""The stories play to their end against a program that keeps the contract, and say where they are stuck."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from esshelpme.simulator import scenarios
from esshelpme.simulator.client import FakeLine
from esshelpme.simulator.tests.conftest import Http, Listener

DATA = Path(scenarios.__file__).parent / "data"
OFFICERS = [f"U{number:032x}" for number in range(1, 5)]
"""Two officers for each of two needs."""


def buttons(*data: str) -> dict[str, Any]:
    items = [
        {"type": "action", "action": {"type": "postback", "label": part[:20], "data": part}} for part in data
    ]
    return {"type": "text", "text": "…", "quickReply": {"items": items}}


class Program:
    """The least program that keeps the conversation of the contract."""

    def __init__(self, line: FakeLine, listener: Listener) -> None:
        self.line = line
        self.listener = listener
        self.http = Http(line)
        self.taken: set[str] = set()
        self.done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        seen = 0
        while not self.done.is_set():
            try:
                events = self.listener.wait_for(seen + 1, timeout=0.2)
            except AssertionError:
                continue
            for event in list(events)[seen:]:
                self.take(event)
                seen += 1

    def stop(self) -> None:
        self.done.set()
        self._thread.join(10)

    def push(self, to: str, message: dict[str, Any]) -> None:
        status, body, _ = self.http("POST", "/v2/bot/message/push", {"to": to, "messages": [message]})
        assert status == 200, body

    def take(self, event: dict[str, Any]) -> None:
        user = event["source"]["userId"]
        data = {
            name: values[0] for name, values in parse_qs(event.get("postback", {}).get("data", "")).items()
        }
        action = data.get("a")
        if event["type"] == "follow":
            self.push(user, buttons("a=report"))
        elif action == "report":
            self.push(
                user, buttons(*(f"a=kind&v={kind}" for kind in ("ASSAULT", "CONFINEMENT", "DISTURBED")))
            )
        elif event["type"] == "message" and user not in OFFICERS:
            self.push(user, buttons("a=cancel&i=1", "a=safe&i=1"))
            for index, officer in enumerate(OFFICERS):
                if str(index // 2) not in self.taken:
                    self.push(officer, buttons(f"a=accept&o={index // 2}", f"a=decline&o={index // 2}"))
        elif action == "accept":
            self.push(user, self.verdict(data["o"]))

    def verdict(self, offer: str) -> dict[str, Any]:
        if offer in self.taken:
            return {"type": "text", "text": "taken"}
        self.taken.add(offer)
        return buttons(*(f"a={step}&o={offer}" for step in ("enroute", "onscene", "resolve", "backup")))


@pytest.fixture
def program(wired: FakeLine, listener: Listener) -> Iterator[Program]:
    started = Program(wired, listener)
    yield started
    started.stop()


def play(line: FakeLine, code: str) -> str:
    """Play a story without pauses and return how it ended."""
    news: queue.Queue[str] = queue.Queue()

    def hear(item: dict[str, Any]) -> None:
        if item.get("type") == "play" and item["play"]["state"] != "playing":
            news.put(item["play"]["state"])

    line.do(lambda: line.simulator.world.listeners.add(hear))
    assert Http(line)("POST", f"/sim/api/scenarios/{code}/play", {"pace": 0})[0] == 202
    return news.get(timeout=60)


@pytest.mark.parametrize("code", list(scenarios.stories()))
def test_each_story_plays_to_its_end(wired: FakeLine, program: Program, code: str) -> None:
    assert play(wired, code) == "done", wired.warnings()


def test_a_story_says_where_it_is_stuck(
    wired: FakeLine, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    monkeypatch.setattr(scenarios, "STEP_PATIENCE_SECONDS", 0.2)
    assert play(wired, "attack-next-door") == "stuck"
    assert wired.warnings()[-1].startswith("attack-next-door, step 2")


def test_unsending_the_first_message_leaves_no_word_of_it(wired: FakeLine, program: Program) -> None:
    play(wired, "hiding-cannot-speak")
    removed = [message for message in wired.simulator.world.messages.values() if message.removed]
    assert [message.body for message in removed] == [{"type": "text"}]


def test_stories_name_only_what_exists() -> None:
    deeds = {"follow", "tap", "await", "say", "location", "photo", "sticker", "unsend", "block", "accept_as"}
    for story in scenarios.stories().values():
        roles = set(story["cast"])
        for step in story["steps"]:
            assert step["do"] in deeds
            if step["do"] == "accept_as":
                roles.add(step["who"])
            assert step["who"] in roles
        captions = [step["caption"] for step in story["steps"] if "caption" in step]
        assert all(set(caption) == {"th", "en"} for caption in [*captions, story["title"], story["about"]])


def test_every_word_of_the_page_is_there_in_thai_and_english() -> None:
    words = json.loads((DATA / "words.json").read_text(encoding="utf-8"))
    assert all(set(texts) == {"th", "en"} and all(texts.values()) for texts in words.values())
    code = "".join(
        path.read_text(encoding="utf-8") for path in (DATA.parent / "static/simulator").glob("*.js")
    )
    used = set(__import__("re").findall(r'\bt\("(\w+)"', code))
    assert used <= set(words)
