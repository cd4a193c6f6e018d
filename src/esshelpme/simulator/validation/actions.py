"""Action objects: what a tap does."""

from __future__ import annotations

import re
from typing import Any

from esshelpme.simulator.validation.problems import (
    Problems,
    check_choice,
    check_https,
    check_text,
)

LABEL_LIMITS = {
    "quickReply": 20,
    "template": 20,
    "imageCarousel": 12,
    "richmenu": 20,
    "flex": 40,
    "imagemap": 50,
}
"""Longest label, in graphemes, by the place of the action."""
LABEL_REQUIRED = {"quickReply", "template"}
QUICK_REPLY_ONLY = frozenset({"camera", "cameraRoll", "location"})
EVERYWHERE = frozenset({"postback", "message", "uri", "datetimepicker", "clipboard"})
_URI = re.compile(r"(?i)(https?|line)://[!-~]+\Z|tel:[0-9+*#,;()\-.]+\Z")
_ALIAS = re.compile(r"[a-z0-9_-]{1,32}\Z")
_INPUT_OPTIONS = frozenset({"closeRichMenu", "openRichMenu", "openKeyboard", "openVoice"})
_PICKER_FORMS = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}\Z"),
    "time": re.compile(r"\d{2}:\d{2}\Z"),
    "datetime": re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}\Z"),
}


def check_action(problems: Problems, action: Any, where: str, *, place: str) -> None:
    """One action at ``place`` (a key of ``LABEL_LIMITS``); ``where`` is the property path for errors."""
    if not isinstance(action, dict):
        problems.add(where, "must be specified" if action is None else "invalid property")
        return
    kind = action.get("type")
    allowed = EVERYWHERE
    if place == "quickReply":
        allowed = allowed | QUICK_REPLY_ONLY
    elif place == "richmenu":
        allowed = allowed | {"richmenuswitch"}
    sep = "/" if where.startswith("/") else "."
    if not isinstance(kind, str) or kind not in allowed:
        check_choice(problems, kind, f"{where}{sep}type", allowed)
        return
    needs_label = place in LABEL_REQUIRED or kind in QUICK_REPLY_ONLY
    check_text(
        problems, action.get("label"), f"{where}{sep}label", most=LABEL_LIMITS[place], required=needs_label
    )
    _BY_TYPE[kind](problems, action, f"{where}{sep}", place)


def _postback(problems: Problems, action: dict[str, Any], at: str, place: str) -> None:
    check_text(problems, action.get("data"), f"{at}data", most=300, unit="utf16")
    check_text(problems, action.get("displayText"), f"{at}displayText", most=300, required=False)
    check_text(problems, action.get("text"), f"{at}text", most=300, required=False)
    if action.get("text") is not None and action.get("displayText") is not None:
        problems.add(f"{at}text", "text and displayText can't be used together")
    option = action.get("inputOption")
    if option is not None:
        check_choice(problems, option, f"{at}inputOption", _INPUT_OPTIONS)
    if action.get("fillInText") is not None:
        check_text(problems, action["fillInText"], f"{at}fillInText", most=300)
        if option != "openKeyboard":
            problems.add(f"{at}fillInText", "Valid only when inputOption is openKeyboard")


def _message(problems: Problems, action: dict[str, Any], at: str, place: str) -> None:
    check_text(problems, action.get("text"), f"{at}text", most=300)


def _uri(problems: Problems, action: dict[str, Any], at: str, place: str) -> None:
    uri = action.get("uri")
    check_text(problems, uri, f"{at}uri", most=1000, unit="utf16")
    if isinstance(uri, str) and uri and not _URI.match(uri):
        problems.add(f"{at}uri", "invalid uri scheme")
    alternative = action.get("altUri")
    if alternative is not None:
        if place == "quickReply" or not isinstance(alternative, dict):
            problems.add(f"{at}altUri", "invalid property")
        else:
            check_https(problems, alternative.get("desktop"), f"{at}altUri.desktop", most=1000)


def _datetimepicker(problems: Problems, action: dict[str, Any], at: str, place: str) -> None:
    check_text(problems, action.get("data"), f"{at}data", most=300, unit="utf16")
    mode = action.get("mode")
    if not isinstance(mode, str) or mode not in _PICKER_FORMS:
        check_choice(problems, mode, f"{at}mode", frozenset(_PICKER_FORMS))
        return
    for name in ("initial", "min", "max"):
        value = action.get(name)
        if value is not None and not (isinstance(value, str) and _PICKER_FORMS[mode].match(value)):
            problems.add(f"{at}{name}", "Invalid format")


def _clipboard(problems: Problems, action: dict[str, Any], at: str, place: str) -> None:
    check_text(problems, action.get("clipboardText"), f"{at}clipboardText", most=1000)


def _switch(problems: Problems, action: dict[str, Any], at: str, place: str) -> None:
    alias = action.get("richMenuAliasId")
    if not isinstance(alias, str) or not _ALIAS.match(alias):
        problems.add(f"{at}richMenuAliasId", "invalid property")
    check_text(problems, action.get("data"), f"{at}data", most=300, unit="utf16")


def _nothing(problems: Problems, action: dict[str, Any], at: str, place: str) -> None:
    return


_BY_TYPE = {
    "postback": _postback,
    "message": _message,
    "uri": _uri,
    "datetimepicker": _datetimepicker,
    "clipboard": _clipboard,
    "richmenuswitch": _switch,
    "camera": _nothing,
    "cameraRoll": _nothing,
    "location": _nothing,
}
