"""What to say on the telephone, in the order in which it is needed: fifteen seconds, then the questions come anyway."""

from __future__ import annotations

from dataclasses import dataclass

from esshelpme.dispatch.models import CallTask
from esshelpme.incidents.models import Incident
from esshelpme.incidents.place import Place
from esshelpme.incidents.words import dangers, where
from esshelpme.platform.ids import show_ref
from esshelpme.words import say


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    words: str
    weighty: bool = False


def script(incident: Incident, place: Place | None, language: str) -> list[Line]:
    """Danger, what, where in words and coordinates, whether the reporter may be called, the reference."""
    tell = "console.script_{}"

    def line(name: str, words: str, *, weighty: bool = False) -> Line:
        return Line(say(tell.format(name), language), words, weighty)

    found = []
    if incident.dangers:
        found.append(line("danger", dangers(incident, language), weighty=True))
    found.append(line("what", say(f"kind.{incident.kind}", language)))
    found.append(line("where", where(incident, language)))
    if place is not None:
        if place.address:
            found.append(line("landmark", place.address))
        if place.wide:
            found.append(line("point", say("console.script_wide", language)))
        else:
            found.append(line("point", f"{place.lat:.5f}, {place.lng:.5f}"))
    if incident.discreet or not incident.safe_to_call:
        found.append(line("call", say("console.script_no_call", language), weighty=True))
    found.append(line("ref", show_ref(incident.ref)))
    return found


def opening(task: CallTask | None, language: str) -> str:
    """The first sentence: who calls and why."""
    if task is not None and task.reason == "ASK_PLACE":
        return say("console.script_open_place", language)
    return say("console.script_open", language, operator=say("brand.operator", language))
