"""A person with a browser that runs no scripts, and the numbers of the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from esshelpme.conftest import AT


class Page(HTMLParser):
    """What of a page a person perceives: words, labels, and the fields of its forms."""

    SPOKEN = ("aria-label", "placeholder", "title", "alt")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.fields: dict[str, str] = {}
        self.buttons: dict[str, list[str]] = {}
        self.scripts: list[dict[str, str | None]] = []
        self.styled: list[str] = []
        self.title = ""
        self._inside: list[str] = []
        self._textarea = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in {"input", "meta", "link", "br", "img"}:
            self._inside.append(tag)
        self.words += [str(values[name]) for name in self.SPOKEN if values.get(name)]
        if "style" in values or any(name.startswith("on") for name in values):
            self.styled.append(tag)
        if tag == "script":
            self.scripts.append(values)
        if tag == "input" and values.get("name"):
            kind = values.get("type")
            if kind not in {"radio", "checkbox"} or "checked" in values:
                self.fields[str(values["name"])] = values.get("value") or ""
        if tag == "button" and values.get("name"):
            self.buttons.setdefault(str(values["name"]), []).append(values.get("value") or "")
        if tag == "textarea":
            self._textarea = str(values.get("name"))
            self.fields[self._textarea] = ""

    def handle_endtag(self, tag: str) -> None:
        if self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        here = self._inside[-1] if self._inside else ""
        if here == "textarea":
            # HTML drops the first line break of a textarea.
            self.fields[self._textarea] += data
        elif here == "title":
            self.title += data
            self.words.append(data)
        elif here in {"script", "style"}:
            if data.strip():
                self.styled.append(here)
        elif data.strip():
            self.words.append(data.strip())

    @property
    def text(self) -> str:
        return "\n".join(self.words)


@dataclass
class Person:
    """Opens pages, fills in forms, follows where they lead. Sends no cookies back."""

    client: Client = field(default_factory=lambda: Client(raise_request_exception=True))
    address: str = "203.0.113.7"

    def get(self, path: str, **more: Any) -> Any:
        self.client.cookies.clear()
        return self.client.get(path, REMOTE_ADDR=self.address, **more)

    def post(self, path: str, fields: dict[str, Any], **more: Any) -> Any:
        self.client.cookies.clear()
        return self.client.post(path, fields, REMOTE_ADDR=self.address, **more)

    def page(self, path: str) -> Page:
        return Page(self.get(path).content.decode())

    def form(self, path: str = "/r") -> dict[str, str]:
        return self.page(path).fields

    def report(self, path: str = "/r", **fields: Any) -> str:
        """Fill in the form and send it; returns the address of the status page."""
        response = self.post(path, {**self.form(path), **fields})
        assert response.status_code == 303, response.content.decode()
        return str(response["Location"]).partition("?")[0]


@pytest.fixture
def person(db: None) -> Person:
    return Person()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], datetime]:
    """The pages' clock, at the story's moment; call it to let time pass."""
    from esshelpme.web import report_page, status_page

    moment = [AT]

    def pass_time(by: timedelta) -> datetime:
        moment[0] += by
        return moment[0]

    for module in (report_page, status_page):
        monkeypatch.setattr(module, "now", lambda: moment[0])
    return pass_time
