"""A stage for stories: people with LINE, units, and a clock that the story moves.

`say`, `press`, `pin` send what a person's phone would send; `told` returns what each person has been sent since it
was last asked, so that a story names every message; `later` moves the clock and runs what became due.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Role
from esshelpme.directory.models import Agency, Member, Unit
from esshelpme.dispatch.actions import perform
from esshelpme.dispatch.clock import run_due
from esshelpme.incidents.models import Incident
from esshelpme.intake import heard
from esshelpme.intake.conversation import converse
from esshelpme.outbox.models import OutboundMessage
from esshelpme.outbox.send import body_of
from esshelpme.platform.writing import writing

START = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
HOME = (13.7290, 100.5240)  # Bang Rak, Bangkok
ANYTHING = ["ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER"]
CALL_TAKER = Officer(actor="staff:narin", role=Role.CALL_TAKER)


@dataclass(frozen=True)
class Told:
    """One message object as it reached a phone."""

    what: str
    text: str
    buttons: dict[str, str]  # label → data
    asks_location: bool
    silent: bool
    by_reply: bool
    raw: dict[str, Any]

    def data(self, action: str, **values: str) -> str:
        """The data of the button `a=action`. Fails when there is none."""
        for data in self.buttons.values():
            pairs = dict(parse_qsl(data))
            if pairs.get("a") == action and values.items() <= pairs.items():
                return data
        raise AssertionError(f"no button {action} {values} in {self.buttons}")

    def has(self, action: str) -> bool:
        return any(dict(parse_qsl(data)).get("a") == action for data in self.buttons.values())


class Stage:
    def __init__(self, at: datetime = START) -> None:
        self.at = at
        self._ids = itertools.count(1)
        self._shown = 0

    # The directory.

    def unit(
        self,
        code: str,
        type: str,
        *,
        at: tuple[float, float] = HOME,
        members: int = 1,
        **fields: Any,
    ) -> Unit:
        agency, _ = Agency.objects.get_or_create(
            code=f"AG-{type}", defaults={"type": type, "name_th": f"หน่วย {type}", "duty_phone": "+6620000000"}
        )
        unit = Unit.objects.create(
            code=code,
            agency=agency,
            agency_type=type,
            name_th=code,
            lat=at[0],
            lng=at[1],
            **{"kinds": ANYTHING, **fields},
        )
        for number in range(members):
            name = f"{code}-{'ABCDEF'[number]}"
            Member.objects.create(code=name, unit=unit, name=name, line_user_id=f"U-{name}")
        return unit

    # What phones send.

    def say(self, person: str, text: str, **event: Any) -> str:
        return self._message(person, {"type": "text", "text": text}, **event)

    def pin(self, person: str, lat: float = HOME[0], lng: float = HOME[1], **event: Any) -> str:
        return self._message(person, {"type": "location", "latitude": lat, "longitude": lng}, **event)

    def send(self, person: str, type: str, **fields: Any) -> str:
        return self._message(person, {"type": type, **fields})

    def press(self, person: str, data: str, **event: Any) -> None:
        self._event(person, {"type": "postback", "postback": {"data": data}, **event})

    def event(self, person: str, type: str, **fields: Any) -> None:
        self._event(person, {"type": type, **fields})

    def _message(self, person: str, message: dict[str, Any], **event: Any) -> str:
        number = str(10**17 + next(self._ids))
        self._event(person, {"type": "message", "message": {"id": number, **message}, **event})
        return number

    def _event(self, person: str, event: dict[str, Any], *, earlier: float = 0) -> None:
        earlier = event.pop("earlier", earlier)
        said = self.at - timedelta(seconds=earlier)
        event |= {
            "source": {"type": "user", "userId": person},
            "replyToken": f"r{next(self._ids)}",
            "timestamp": int(said.timestamp() * 1000),
        }
        with writing():
            converse(heard.read(event, received_at=self.at), received_at=self.at, at=self.at)

    # What the centre does.

    def staff(self, incident: Incident, action: str, **fields: Any) -> Incident:
        return perform(CALL_TAKER, incident.ref, action, fields, at=self.at)

    # Time and what people see.

    def later(self, **span: float) -> None:
        """Move the clock and run everything that became due on the way, in order."""
        until = self.at + timedelta(**span)
        while self.at < until:
            self.at = min(until, self.at + timedelta(seconds=5))
            while run_due(at=self.at):
                pass

    def told(self, person: str | None = None) -> list[Told]:
        """Messages since the last look: of everybody, or of one person (the others' stay unseen)."""
        rows = OutboundMessage.objects.filter(pk__gt=self._shown).order_by("pk")
        if person is None:
            self._shown = OutboundMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        return [told for row in rows if person in (None, row.recipient) for told in _messages(row)]

    def heard_by(self) -> dict[str, list[str]]:
        """Everything new, as recipient → codes of what was told."""
        found: dict[str, list[str]] = {}
        for row in OutboundMessage.objects.filter(pk__gt=self._shown).order_by("pk"):
            found.setdefault(row.recipient, []).append(row.what)
        self.told()
        return found

    @property
    def incident(self) -> Incident:
        """The newest incident."""
        return Incident.objects.order_by("-pk")[0]

    def types(self, incident: Incident | None = None) -> list[str]:
        """The timeline's types, in order."""
        return list((incident or self.incident).timeline.order_by("seq").values_list("type", flat=True))


def _messages(row: OutboundMessage) -> Iterator[Told]:
    for message in body_of(row):
        quick = [item["action"] for item in message.get("quickReply", {}).get("items", [])]
        actions = [*_actions(message.get("contents", {})), *quick]
        yield Told(
            what=row.what,
            text="\n".join(_texts(message)),
            buttons={a["label"]: a["data"] for a in actions if a["type"] == "postback"},
            asks_location=any(a["type"] == "location" for a in quick),
            silent=row.silent,
            by_reply=bool(row.reply_token),
            raw=message,
        )


def _actions(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if "action" in part:
            yield part["action"]
        for value in part.values():
            yield from _actions(value)
    elif isinstance(part, list):
        for value in part:
            yield from _actions(value)


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key in ("text", "altText", "title", "address", "uri", "label"):
            if isinstance(part.get(key), str):
                yield part[key]
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)
