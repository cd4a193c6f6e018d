"""Past incidents of the demonstration, played through the program's own services at times gone by.

Nothing is written past a service, so that timelines verify and figures add up; only their LINE messages are
recorded as sent, since they tell of days gone by.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from esshelpme.access.models import Account
from esshelpme.access.officer import Officer, officer_of_account
from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import contact_for
from esshelpme.directory import demo
from esshelpme.directory.demo.directory import LOCAL_TIME, line_id
from esshelpme.directory.models import Member
from esshelpme.dispatch import clock, offers
from esshelpme.dispatch.actions import perform
from esshelpme.dispatch.models import Assignment, CallTask, Deadline
from esshelpme.dispatch.states import ACTIVE, AssignmentStatus
from esshelpme.incidents import changes
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.messages import hear
from esshelpme.incidents.models import Incident
from esshelpme.incidents.opening import ReportIn
from esshelpme.incidents.tell import tell
from esshelpme.intake import wishes
from esshelpme.intake.reporting import open_report, understand
from esshelpme.outbox.history import mark_sent
from esshelpme.places import gazetteer
from esshelpme.platform.writing import writing

STAFF = "calltaker"
SEE_AFTER = timedelta(seconds=40)  # how soon a call-taker has seen what the reporter wrote
Entry = dict[str, Any]


class StoryBroken(RuntimeError):  # it reads as what it is
    """A story asks for what the program would not do; names the story and the step."""


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """`minutes` after the report: `verb` and its words."""

    minutes: float
    verb: str
    words: tuple[str, ...]

    @classmethod
    def read(cls, line: str) -> Step:
        minutes, verb, *words = line.split(" ")
        return cls(float(minutes), verb, tuple(words))

    @property
    def text(self) -> str:
        return " ".join(self.words)


def play_history(*, at: datetime) -> int:
    """Play every story; returns how many. Does nothing in a database that knows any incident."""
    if Incident.objects.exists():
        return 0
    tables = json.loads((Path(demo.__file__).parent / "incidents.json").read_text("utf-8"))
    staff = officer_of_account(Account.objects.get(username=STAFF))
    entries = sorted(tables["incidents"], key=lambda entry: _opened(entry, at))
    for number, entry in enumerate(entries, 1):
        steps = sorted(Step.read(line) for line in [*tables["flows"][entry["flow"]], *entry["steps"]])
        with transaction.atomic():
            Story(f"demo-{number:02d}", entry, steps, staff, _opened(entry, at)).play()
    return len(entries)


def _opened(entry: Entry, at: datetime) -> datetime:
    hour, minute = entry["time"].split(":")
    day = at.astimezone(LOCAL_TIME) - timedelta(days=entry["days"])
    moment = day.replace(hour=int(hour), minute=int(minute), second=7 * entry["days"] % 60, microsecond=0)
    # "A day ago at 23:15", looked at shortly after midnight, must be over too.
    return moment if at - moment > timedelta(hours=12) else moment - timedelta(days=1)


class Story:
    """One incident from its report to its end."""

    def __init__(self, code: str, entry: Entry, steps: list[Step], staff: Officer, opened: datetime) -> None:
        self.code, self.entry, self.steps, self.staff, self.opened = code, entry, steps, staff, opened
        self.incident: Incident
        self.contact: Contact
        self._told = 0

    def play(self) -> None:
        """Open, then take each step at its time, deadlines in between at theirs. Raises `StoryBroken`."""
        with writing():
            self._open()
        for step in self.steps:
            moment = self.opened + timedelta(minutes=step.minutes)
            self._run_deadlines(until=moment)
            verb: Callable[[Step, datetime], None] = getattr(self, f"_{step.verb}")
            try:
                verb(step, moment)
            except Exception as error:
                raise StoryBroken(f"{self.code}, {step.minutes} {step.verb} {step.text}: {error}") from error
        changes.see_messages(self._locked(), at=moment + SEE_AFTER, by=self.staff.actor)
        mark_sent(self.incident.pk)

    def _open(self) -> None:
        entry, at = self.entry, self.opened
        channel = entry["channel"]
        address = line_id(self.code) if channel == "LINE" else self.code
        self.contact = contact_for(
            channel="API" if channel == "PARTNER" else channel,
            address=address,
            at=at,
            language=entry.get("language", "th"),
        )
        read = understand(entry["text"]) if entry["text"] else None
        self.incident, _ = open_report(
            ReportIn(
                contact=self.contact,
                channel=channel,
                kind=entry["kind"],
                text=entry["text"],
                topic=entry.get("topic", ""),
                reporter={"name": entry["name"], "phone": "+66 2 000 0999"} if "name" in entry else None,
                witness=entry.get("witness", False),
                safe_to_call=entry.get("safe_to_call", False),
            ),
            at=at,
            by="reporter" if channel in ("LINE", "WEB") else self.staff.actor,
            place=self._place(),
            dangers=read.dangers if read else (),
            exercise=entry.get("exercise", False),
        )
        if channel == "LINE":
            tell(self._locked(), "received", at=at, only=self.contact)

    def _place(self) -> Any:
        districts = gazetteer()
        seat = next(
            districts.places[code]
            for code in districts.children[self.entry["province"]]
            if districts.places[code].name_th == self.entry["district"]
        )
        number = int(self.code[-2:])  # somewhere about the seat, never on it
        north, east = (number * 37 % 19 - 9) / 2000, (number * 53 % 17 - 8) / 2000
        source = "STAFF" if self.entry["channel"] == "PHONE" else "PIN"
        return place_at(seat.lat + north, seat.lng + east, source=source)

    def _run_deadlines(self, *, until: datetime) -> None:
        while True:
            due = (
                Deadline.objects.filter(incident=self.incident, done_at__isnull=True, due_at__lte=until)
                .order_by("due_at")
                .values_list("due_at", flat=True)
                .first()
            )
            if due is None:
                return
            clock.run_due(at=due)

    def _locked(self) -> Incident:
        return changes.lock(self.incident.pk)

    def _do(self, action: str, at: datetime, **fields: Any) -> None:
        perform(self.staff, self.incident.ref, action, fields, at=at)

    def _assignment(self, need: str, *statuses: AssignmentStatus) -> Assignment:
        found = (
            Assignment.objects.filter(
                incident=self.incident, need__agency_type=need, status__in=[s.value for s in statuses]
            )
            .select_related("unit", "accepted_by")
            .order_by("ring", "distance_km", "pk")
            .first()
        )
        if found is None:
            raise LookupError(f"no unit of {need} is {' or '.join(statuses)}")
        return found

    # What officers do by LINE.

    def _accept(self, step: Step, at: datetime) -> None:
        offer = self._assignment(step.words[0], AssignmentStatus.OFFERED)
        recipient = offer.recipients.order_by("member__code").first()
        if recipient is None:
            self._do("accept_for", at, unit=offer.unit.code, external_ref=f"สมมติ {self.code[-2:]}/69")
        else:
            offers.accept_by_line(code=offer.code, line_user_id=recipient.line_user_id, at=at)

    def _decline(self, step: Step, at: datetime) -> None:
        offer = self._assignment(step.words[0], AssignmentStatus.OFFERED)
        for recipient in offer.recipients.order_by("member__code"):
            offers.decline_by_line(code=offer.code, line_user_id=recipient.line_user_id, at=at)

    def _progress(self, step: Step, at: datetime, status: AssignmentStatus) -> None:
        task = self._assignment(step.words[0], *ACTIVE)
        if task.accepted_by is None:
            self._do("status_for", at, unit=task.unit.code, status=status.value)
        else:
            line = str(task.accepted_by.line_user_id)
            offers.progress_by_line(code=task.code, status=status, line_user_id=line, at=at)

    def _enroute(self, step: Step, at: datetime) -> None:
        self._progress(step, at, AssignmentStatus.EN_ROUTE)

    def _onscene(self, step: Step, at: datetime) -> None:
        self._progress(step, at, AssignmentStatus.ON_SCENE)

    def _done(self, step: Step, at: datetime) -> None:
        self._progress(step, at, AssignmentStatus.DONE)

    def _membernote(self, step: Step, at: datetime) -> None:
        task = self._assignment(step.words[0], *ACTIVE)
        member: Member | None = task.accepted_by
        by = f"member:{member.code}" if member else self.staff.actor
        with writing():
            changes.note(self._locked(), " ".join(step.words[1:]), at=at, by=by)

    # What the reporter does.

    def _say(self, step: Step, at: datetime) -> None:
        self._told += 1
        with writing():
            hear(
                incident=self._locked(),
                contact=self.contact,
                type="TEXT",
                text=step.text,
                said_at=at,
                at=at,
                channel_message_id=f"{self.code}-{self._told}" if self.contact.channel == "LINE" else "",
            )

    def _safe(self, step: Step, at: datetime) -> None:
        with writing():
            self._answered(wishes.safe(self._locked(), at=at), at)

    def _ask_cancel(self, step: Step, at: datetime) -> None:
        with writing():
            self._answered(wishes.cancel(self._locked(), at=at), at)

    def _rate(self, step: Step, at: datetime) -> None:
        with writing():
            wishes.rate(self._locked(), int(step.words[0]), at=at)

    def _answered(self, answer: wishes.Answer, at: datetime) -> None:
        tell(self._locked(), answer.what, at=at, only=self.contact)

    # What staff do.

    def _staff(self, step: Step, at: datetime) -> None:
        self._do("message", at, text=step.text)

    def _note(self, step: Step, at: datetime) -> None:
        self._do("note", at, text=step.text)

    def _kind(self, step: Step, at: datetime) -> None:
        self._do("set_kind", at, kind=step.words[0])

    def _refuse_cancel(self, step: Step, at: datetime) -> None:
        self._do("refuse_cancel", at)

    def _accept_for(self, step: Step, at: datetime) -> None:
        unit = self._assignment(step.words[0], AssignmentStatus.OFFERED).unit
        self._do("accept_for", at, unit=unit.code, external_ref=f"สมมติ {self.code[-2:]}/69")

    def _status_for(self, step: Step, at: datetime) -> None:
        unit = self._assignment(step.words[0], *ACTIVE).unit
        self._do("status_for", at, unit=unit.code, status=step.words[1])

    def _call(self, step: Step, at: datetime) -> None:
        task = CallTask.objects.get(
            incident=self.incident, need__agency_type=step.words[0], status=CallTask.Status.OPEN
        )
        self._do("call_done", at, task=task.pk, outcome=step.words[1])

    def _handover(self, step: Step, at: datetime) -> None:
        self._do(
            "handover",
            at,
            to=step.words[0],
            outcome=step.words[1],
            answered_by="พนักงานรับแจ้งสมมติ",
            external_ref=f"{step.words[0]}-{self.code[-2:]}",
        )

    def _resolve(self, step: Step, at: datetime) -> None:
        self._do("resolve", at)

    def _close(self, step: Step, at: datetime) -> None:
        self._do("close", at, disposition=step.words[0], safe_to_contact="safe" in step.words)

    def _reopen(self, step: Step, at: datetime) -> None:
        self._do("reopen", at, note=step.text)
