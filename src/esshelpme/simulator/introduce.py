"""Telling a running simulator whose phones these are: members of a directory, by their LINE user ids."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable
from typing import TypedDict

TIMEOUT_SECONDS = 10


class Phone(TypedDict):
    """One person's phone: LINE user id, name, what stands behind the name (the unit)."""

    id: str
    name: str
    unit: str


def introduce(
    simulator_url: str, phones: Iterable[Phone], *, role: str = "responder", language: str = "th"
) -> int:
    """Register these phones with the simulator at ``http://127.0.0.1:PORT``; known ones are renamed.

    Returns how many. Nothing is sent to the program.

    Raises:
        OSError: the simulator does not answer.
    """
    people = [dict(phone) | {"role": role, "language": language, "friend": True} for phone in phones]
    request = urllib.request.Request(  # noqa: S310 (our own address)
        f"{simulator_url}/sim/api/people",
        data=json.dumps({"people": people}).encode(),
        headers={"content-type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        return len(json.load(answer)["items"])
