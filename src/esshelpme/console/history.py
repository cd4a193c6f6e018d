"""The timeline in words: each step's type and codes become one sentence, with the words it refers to joined in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from esshelpme.directory.models import Unit
from esshelpme.incidents.models import Incident, TimelineEvent
from esshelpme.places import area_words
from esshelpme.privacy.content import reveal_many
from esshelpme.words import has, say

# What the filter buttons show; a type in none of them shows under "all" only.
GROUPS: dict[str, frozenset[str]] = {
    "units": frozenset(
        {
            "NEEDS_ADDED",
            "OFFER_SENT",
            "OFFER_DECLINED",
            "OFFER_EXPIRED",
            "OFFER_WITHDRAWN",
            "ASSIGNMENT_ACCEPTED",
            "ASSIGNMENT_CHANGED",
            "BACKUP_REQUESTED",
            "CALL_TASK_OPENED",
            "CALL_TASK_DONE",
            "HANDED_OVER",
        }
    ),
    "words": frozenset(
        {
            "REPORT_RECEIVED",
            "MESSAGE_IN",
            "MESSAGE_OUT",
            "MESSAGE_UNSENT",
            "MESSAGE_UNDELIVERED",
            "NOTE_ADDED",
            "SAID_SAFE",
            "CANCEL_REQUESTED",
            "RATED",
        }
    ),
    "alarms": frozenset({"ALARM_RAISED", "ALARM_ACKNOWLEDGED", "DEADLINE_LATE", "MESSAGE_UNDELIVERED"}),
}
SHORT = 160
_ROOMS = {
    "kind": "kind",
    "from_kind": "kind",
    "status": "status",
    "disposition": "disposition",
    "need": "need",
    "lead": "need",
    "level": "alarm_level",
    "reason": "alarm",
    "outcome": "outcome",
    "channel": "channel",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One step as a person reads it."""

    seq: int
    at: datetime
    type: str
    groups: str
    words: str
    said: str | None  # what was said or noted, when there was something
    removed: bool
    by: str


def lines(incident: Incident, language: str, *, since: int = 0, with_words: bool = True) -> list[Line]:
    """All steps after `since`, the newest first."""
    rows = list(
        TimelineEvent.objects.filter(incident=incident, seq__gt=since)
        .order_by("-seq")
        .only("seq", "at", "type", "actor", "data")
    )
    contents = [row.data["content"] for row in rows if row.data.get("content")] if with_words else []
    said = reveal_many(contents) if contents else {}
    units = _unit_names({str(row.data["unit"]) for row in rows if row.data.get("unit")}, language)
    return [_line(row, said, units, language) for row in rows]


def _line(
    row: TimelineEvent, said: Mapping[int, str | None], units: Mapping[str, str], language: str
) -> Line:
    content = row.data.get("content")
    # A place is kept as content too, but it is no sentence: its area is told instead.
    speaks = content is not None and row.type not in ("PLACE_SET", "PLACE_CHANGED")
    words = said.get(content) if speaks else None
    return Line(
        seq=row.seq,
        at=row.at,
        type=row.type,
        groups=" ".join(name for name, types in GROUPS.items() if row.type in types),
        words=sentence(row.type, row.data, units, language),
        said=words,
        removed=speaks and content in said and words is None,
        by=actor_words(row.actor, language),
    )


def sentence(type: str, data: Mapping[str, Any], units: Mapping[str, str], language: str) -> str:
    """The sentence of one step; a type that the catalogue does not know shows as its code."""
    key = f"console.step.{type}"
    special = f"{key}.{_variant(type, data)}" if _variant(type, data) else ""
    if special and has(special, language):
        key = special
    if not has(key, language):
        key = f"{key}.default"
    if not has(key, language):
        return type
    return say(key, language, **_values(data, units, language)).strip(" ·")


def actor_words(actor: str, language: str) -> str:
    """Who did it, without a code where a word will do."""
    kind, _, name = actor.partition(":")
    if kind in ("staff", "token", "member", "unit") and name:
        return name
    key = f"actor.{kind}"
    return say(key, language) if has(key, language) else actor


def _variant(type: str, data: Mapping[str, Any]) -> str:
    if type == "STATUS_CHANGED":
        return str(data.get("to", ""))
    if type == "ASSIGNMENT_CHANGED":
        return str(data.get("status", ""))
    if type in ("MESSAGE_IN", "MESSAGE_OUT"):
        return str(data.get("type", ""))
    return ""


class _Values(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _values(data: Mapping[str, Any], units: Mapping[str, str], language: str) -> Mapping[str, Any]:
    values = _Values({"reasons": "", "km": "", "note": ""})
    for name, value in data.items():
        if isinstance(value, list):
            values[name] = ", ".join(_code(name, item, language) for item in value)
        elif isinstance(value, bool | int | float):
            values[name] = value
        elif value is not None:
            values[name] = _code(name, value, language)
    values["unit"] = units.get(str(data.get("unit", "")), str(data.get("unit", "")))
    if data.get("area"):
        values["area"] = area_words(str(data["area"]), language)
    for name in (
        "area", "kind", "need", "needs", "lead", "level", "reason", "outcome", "to", "from", "status", "via",
        "external_ref", "dangers", "channel", "seconds", "accuracy_m", "stars", "seq", "into", "disposition",
    ):  # fmt: skip
        values.setdefault(name, "")
    return values


def _code(name: str, value: Any, language: str) -> str:
    if name == "needs":
        rooms = ["need"]
    elif name == "dangers":
        rooms = ["danger"]
    elif name in ("from", "to"):
        rooms = ["kind", "status", "handover_to"]
    else:
        rooms = [_ROOMS[name]] if name in _ROOMS else []
    if name == "reason":
        rooms = ["alarm", "call_reason"]
    for room in rooms:
        if has(f"{room}.{value}", language):
            return say(f"{room}.{value}", language)
    return str(value)


def _unit_names(codes: set[str], language: str) -> dict[str, str]:
    if not codes:
        return {}
    return {
        code: (name_en or name_th) if language == "en" else name_th
        for code, name_th, name_en in Unit.objects.filter(code__in=codes).values_list(
            "code", "name_th", "name_en"
        )
    }
