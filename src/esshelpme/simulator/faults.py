"""Everything that can go wrong at LINE, as switches.

A call fault is written as ``true`` (every call), a number between 0 and 1 (that share of calls), or an
object with any of ``share``, ``next`` (only so many calls), ``seconds`` (only so long) and ``path`` (only
calls whose path contains this). ``false``, ``0`` and ``null`` switch it off.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

CALL_FAULTS = ("rate_429", "monthly_429", "error_500", "down", "drop_after_accept")
"""429 for the rate; 429 for the monthly limit; 500; the connection closes unanswered and nothing happened;
the connection closes unanswered although the call was accepted."""
WEBHOOK_FAULTS: dict[str, type] = {
    "webhook_duplicates": int,
    "webhook_out_of_order": bool,
    "webhook_redelivery": bool,
    "redeliver_on_failure": bool,
}
"""Extra copies of each event; events swapped with their neighbours; each event sent again a second later and
marked as redelivered; the account's own "Webhook redelivery" (on, as our set-up instructions demand)."""


@dataclass(slots=True)
class CallFault:
    """One call fault while it is on. ``until_ms`` and ``left`` end it by time or by number of calls."""

    share: float = 1.0
    left: int | None = None
    until_ms: int | None = None
    path: str = ""

    def strikes(self, path: str, *, now_ms: int) -> bool:
        """Does it hit this call? Counts the call if so."""
        if self.is_over(now_ms=now_ms) or (self.path and self.path not in path):
            return False
        if self.share < 1 and random.random() >= self.share:  # noqa: S311 (chance, not secrecy)
            return False
        if self.left is not None:
            self.left -= 1
        return True

    def is_over(self, *, now_ms: int) -> bool:
        """Has its time or number run out?"""
        return self.left == 0 or (self.until_ms is not None and now_ms >= self.until_ms)

    def as_json(self, *, now_ms: int) -> dict[str, Any]:
        """As the API shows it."""
        shown: dict[str, Any] = {"share": self.share}
        if self.left is not None:
            shown["next"] = self.left
        if self.until_ms is not None:
            shown["seconds"] = round((self.until_ms - now_ms) / 1000, 1)
        if self.path:
            shown["path"] = self.path
        return shown


@dataclass(slots=True)
class Faults:
    """The switches. ``slow_ms`` delays every answer of the API by so much, after the call was carried out."""

    calls: dict[str, CallFault] = field(default_factory=dict)
    slow_ms: int = 0
    webhook_duplicates: int = 0
    webhook_out_of_order: bool = False
    webhook_redelivery: bool = False
    redeliver_on_failure: bool = True

    def change(self, wishes: dict[str, Any], *, now_ms: int) -> None:
        """Set the named switches and leave the others.

        Raises:
            ValueError: an unknown switch or a value it cannot have.
        """
        for name, wish in wishes.items():
            if name in CALL_FAULTS:
                fault = read_call_fault(name, wish, now_ms=now_ms)
                if fault is None:
                    self.calls.pop(name, None)
                else:
                    self.calls[name] = fault
            elif name == "slow_ms":
                self.slow_ms = max(0, min(int(wish or 0), 120_000))
            elif name in WEBHOOK_FAULTS:
                setattr(self, name, WEBHOOK_FAULTS[name](wish or 0))
            else:
                raise ValueError(f"{name}: no such switch")

    def strikes(self, name: str, path: str, *, now_ms: int) -> bool:
        """Does the call fault ``name`` hit this call?"""
        fault = self.calls.get(name)
        if fault is None:
            return False
        hit = fault.strikes(path, now_ms=now_ms)
        if fault.is_over(now_ms=now_ms):
            self.calls.pop(name, None)
        return hit

    def as_json(self, *, now_ms: int) -> dict[str, Any]:
        """All switches; a call fault that is off is ``false``."""
        for name in [name for name, fault in self.calls.items() if fault.is_over(now_ms=now_ms)]:
            del self.calls[name]
        shown: dict[str, Any] = {
            name: self.calls[name].as_json(now_ms=now_ms) if name in self.calls else False
            for name in CALL_FAULTS
        }
        shown["slow_ms"] = self.slow_ms
        for name in WEBHOOK_FAULTS:
            shown[name] = getattr(self, name)
        return shown


def read_call_fault(name: str, wish: Any, *, now_ms: int) -> CallFault | None:
    """A call fault as written in the API (module docstring), or None for off.

    Raises:
        ValueError: it cannot be read.
    """
    if not wish:
        return None
    if wish is True:
        return CallFault()
    if isinstance(wish, int | float):
        if not 0 < wish <= 1:
            raise ValueError(f"{name}: a share lies between 0 and 1")
        return CallFault(share=float(wish))
    if not isinstance(wish, dict):
        raise ValueError(f"{name}: true, a share, or an object")
    unknown = set(wish) - {"share", "next", "seconds", "path"}
    if unknown:
        raise ValueError(f"{name}: unknown {', '.join(sorted(unknown))}")
    seconds = wish.get("seconds")
    return CallFault(
        share=float(wish.get("share", 1)),
        left=None if wish.get("next") is None else max(1, int(wish["next"])),
        until_ms=None if seconds is None else now_ms + int(float(seconds) * 1000),
        path=str(wish.get("path", "")),
    )
