"""Opening an incident and joining reports to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from esshelpme.contacts.models import Contact
from esshelpme.incidents import timeline
from esshelpme.incidents.models import Incident, Report
from esshelpme.incidents.priority import priority
from esshelpme.incidents.states import DISCREET_KINDS, Danger, Kind, Status
from esshelpme.platform.ids import new_ref
from esshelpme.platform.writing import keep as keep_object
from esshelpme.privacy.content import digest, keep
from esshelpme.privacy.models import Content


@dataclass(frozen=True, slots=True)
class ReportIn:
    """What one person told us when they called for help."""

    contact: Contact
    channel: str
    kind: str
    text: str = ""
    topic: str = ""
    reporter: Mapping[str, Any] | None = None  # name, phone: sealed
    witness: bool = False
    safe_to_call: bool = False
    token_id: int | None = None
    external_id: str | None = None
    status_digest: str | None = None
    source_code: str = ""


def open_incident(
    report: ReportIn,
    *,
    at: datetime,
    by: str,
    discreet: bool | None = None,
    dangers: Iterable[str] = (),
    linked_to: Incident | None = None,
    exercise: bool = False,
) -> tuple[Incident, Report]:
    """A new incident with its first report, NEW and without a place, its row locked by this transaction.

    `discreet` None: by the kind over LINE and web, off for what staff and programs enter.
    """
    found = [d for d in Danger if d in set(dangers)]
    quiet = (
        (report.channel in ("LINE", "WEB") and report.kind in DISCREET_KINDS)
        if discreet is None
        else discreet
    )
    urgency = priority(report.kind, found, discreet=quiet)
    incident = Incident.objects.create(
        ref=new_ref(),  # 40 random bits: a collision fails the step, which is then tried again
        kind=Kind(report.kind),
        topic=report.topic,
        status=Status.NEW,
        channel=report.channel,
        priority=urgency.level,
        priority_reasons=list(urgency.reasons),
        discreet=quiet,
        exercise=exercise,
        dangers=[d.value for d in found],
        contact=report.contact,
        witness=report.witness,
        safe_to_call=report.safe_to_call,
        linked_to=linked_to,
        created_at=at,
        updated_at=at,
    )
    keep_object(("incident", incident.pk), incident)
    timeline.append(
        incident,
        "INCIDENT_OPENED",
        at=at,
        by=by,
        data={
            "kind": incident.kind,
            "channel": report.channel,
            "discreet": quiet,
            "priority": urgency.level,
            "reasons": list(urgency.reasons),
            **({"linked_to": linked_to.ref} if linked_to else {}),
            **({"exercise": True} if exercise else {}),
        },
    )
    return incident, join_report(incident, report, at=at, by=by)


def join_report(incident: Incident, report: ReportIn, *, at: datetime, by: str) -> Report:
    """Add a report to an incident whose row is locked."""
    subject_id = report.contact.subject_id
    text = (
        keep(subject_id=subject_id, kind=Content.Kind.TEXT, value=report.text, at=at) if report.text else None
    )
    reporter = (
        keep(subject_id=subject_id, kind=Content.Kind.PERSON, value=report.reporter, at=at)
        if report.reporter
        else None
    )
    row = Report.objects.create(
        incident=incident,
        contact=report.contact,
        channel=report.channel,
        kind=report.kind,
        topic=report.topic,
        text=text,
        reporter=reporter,
        witness=report.witness,
        safe_to_call=report.safe_to_call,
        received_at=at,
        token_id=report.token_id,
        external_id=report.external_id,
        status_digest=report.status_digest,
        source_code=report.source_code,
    )
    data: dict[str, Any] = {"report": row.pk, "channel": report.channel, "kind": report.kind}
    if text is not None:
        data |= {"content": text.pk, "digest": digest(text, report.text)}
    timeline.append(incident, "REPORT_RECEIVED", at=at, by=by, data=data)
    return row
