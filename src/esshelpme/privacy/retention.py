"""How long what people gave us is kept: one table, read by the nightly job and by the privacy notice alike.

The Personal Data Protection Act B.E. 2562 asks for a stated period (section 23 (3)) and for erasure when it is over
(section 37 (3)). Periods are this project's defaults; a deployment sets its own by `RETENTION_DAYS` in the settings.
Rooms that hold data offer two functions a rule names: one that finds what is due, one that removes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from esshelpme.privacy.content import remove
from esshelpme.privacy.models import Content

BATCH = 500
REMOVE_CONTENTS = "esshelpme.privacy.retention.remove_contents"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is kept, for how long, and why (`retention.CODE` and `retention.CODE_why` of the catalogue).

    `find(before, most)` gives ids of what was over before a moment; `act(ids, at)` removes them. `days` None: kept.
    """

    code: str
    days: int | None
    find: str = ""
    act: str = REMOVE_CONTENTS

    @property
    def period(self) -> timedelta | None:
        """The period, as the deployment set it (`RETENTION_DAYS[code]`) or the default."""
        days = getattr(settings, "RETENTION_DAYS", {}).get(self.code, self.days)
        return None if days is None else timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Due:
    """What one rule would remove now."""

    rule: Rule
    before: datetime
    ids: tuple[int, ...]


RULES: tuple[Rule, ...] = (
    # Aftercare, complaints and evidence asked for by a court come within about two years.
    Rule("WORDS", 730, "esshelpme.incidents.retention.words_of_ended"),
    # Pictures and voices tell the most and are needed the shortest.
    Rule("MEDIA", 365, "esshelpme.incidents.retention.media_of_ended"),
    # A greeting or a sticker that became no incident.
    Rule("INBOX", 90, "esshelpme.incidents.retention.inbox"),
    Rule("EXERCISES", 30, "esshelpme.incidents.retention.words_of_exercises"),
    # Who wrote to us long ago and has no incident any more with words in it: the key and the address go.
    Rule(
        "PEOPLE",
        730,
        "esshelpme.incidents.retention.people_long_gone",
        "esshelpme.incidents.retention.forget_people",
    ),
    Rule(
        "RAW_EVENTS", 30, "esshelpme.intake.retention.raw_events", "esshelpme.intake.retention.empty_events"
    ),
    Rule(
        "UNDELIVERED", 7, "esshelpme.outbox.retention.undelivered", "esshelpme.outbox.retention.empty_bodies"
    ),
    # What is left of a message once its words are gone names a LINE user. LINE delivers again for days, not months.
    Rule(
        "DONE_EVENTS", 90, "esshelpme.intake.retention.old_events", "esshelpme.intake.retention.drop_events"
    ),
    Rule("SENT", 90, "esshelpme.outbox.retention.finished", "esshelpme.outbox.retention.drop_messages"),
    Rule("WEB_TRACES", 1, "esshelpme.web.retention.traces", "esshelpme.web.retention.drop_traces"),
    # What one shift wrote to the next: a year, as long as complaints about a night are looked into.
    Rule(
        "HANDOVERS", 365, "esshelpme.console.handovers.old_notes", "esshelpme.console.handovers.empty_notes"
    ),
    # Who looked at whom must outlive what was looked at.
    Rule("LOOKS", 1095, "esshelpme.access.retention.looks", "esshelpme.access.retention.drop_looks"),
    # Codes and times without words or persons: figures, audits, the proof that nothing was changed.
    Rule("TIMELINE", None),
)


def due(at: datetime, *, most: int = BATCH) -> list[Due]:
    """What every rule would remove at `at`, up to `most` of each. Changes nothing."""
    found = []
    for rule in RULES:
        if rule.period is None:
            continue
        before = at - rule.period
        ids = _function(rule.find)(before=before, most=most)
        if ids:
            found.append(Due(rule, before, tuple(ids)))
    return found


def enforce(at: datetime) -> dict[str, int]:
    """Remove all that is over, a batch at a time, each in its own transaction; how many by rule."""
    removed: dict[str, int] = {}
    for rule in RULES:
        if rule.period is None:
            continue
        for count in _batches(rule, at - rule.period, at):
            removed[rule.code] = removed.get(rule.code, 0) + count
    return removed


def remove_contents(ids: Sequence[int], *, at: datetime) -> None:
    """Remove contents because their time is over; the fact that something was removed stays."""
    for content in Content.objects.select_for_update().filter(pk__in=ids):
        remove(content, because="RETENTION", at=at)


def held_subjects() -> set[int]:
    """People whose words must stay longer: rooms with a reason (a case, a court) name themselves in settings."""
    held: set[int] = set()
    for dotted in getattr(settings, "RETENTION_HOLDS", ()):
        held |= set(_function(dotted)())
    return held


def _batches(rule: Rule, before: datetime, at: datetime) -> Iterator[int]:
    while True:
        with transaction.atomic():
            ids = _function(rule.find)(before=before, most=BATCH)
            if ids:
                _function(rule.act)(ids, at=at)
        if not ids:
            return
        yield len(ids)


def _function(dotted: str) -> Callable[..., Any]:
    function: Callable[..., Any] = import_string(dotted)
    return function
