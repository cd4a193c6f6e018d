"""POST /reports: what partners, programs and call-takers' own systems tell us."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from esshelpme.access.log import looked
from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.api.auth import Bearer, officer_of
from esshelpme.api.problems import FieldsWrong
from esshelpme.api.schemas import IncidentOut, ReportIn
from esshelpme.contacts.people import contact_for
from esshelpme.incidents import opening
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.models import Incident, Report
from esshelpme.incidents.place import Place
from esshelpme.incidents.queries import detail_after
from esshelpme.intake.reporting import Understood, learn, open_report, place_from_text, understand
from esshelpme.platform.clock import now
from esshelpme.platform.ids import new_secret
from esshelpme.platform.writing import writing

router = Router(tags=["Incidents"])

LOCK_CLASS = 0x455354  # advisory locks by external id; the conversation's are 0x455353
CONTACT_CHANNELS = {"phone": "PHONE", "web": "WEB", "api": "API", "partner": "API"}


@router.post(
    "/reports",
    auth=Bearer(Right.TAKE_REPORT),
    response={201: IncidentOut, 200: IncidentOut},
    summary="Report something",
)
def create_report(request: HttpRequest, payload: ReportIn, response: HttpResponse) -> Status[dict[str, Any]]:
    """Opens an incident and begins its dispatch at once: 201 with the incident.

    The same `external_id` from the same token is the same report, also at the same instant: 200 with the
    incident as it is now. Without a location the place is taken from the text, if it names one.
    """
    officer, at = officer_of(request), now()
    with transaction.atomic():
        with writing():
            incident, made = _same_or_new(officer, payload, at=at)
        looked(officer, what="INCIDENT", ref=incident.ref, at=at)
        answer = detail_after(officer, incident)
    response["Location"] = f"/api/v1/incidents/{incident.ref}"
    return Status(201 if made else 200, answer)


def _same_or_new(officer: Officer, payload: ReportIn, *, at: datetime) -> tuple[Incident, bool]:
    if payload.external_id is not None:
        _hold(f"{officer.token_id}:{payload.external_id}")
        before = (
            Report.objects.filter(token_id=officer.token_id, external_id=payload.external_id)
            .select_related("incident")
            .first()
        )
        if before is not None:
            return before.incident, False
    return _open(officer, payload, at=at), True


def _hold(key: str) -> None:
    """Two requests with one external id go one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_CLASS, key])


def _open(officer: Officer, payload: ReportIn, *, at: datetime) -> Incident:
    who = payload.reporter
    understood = understand(payload.text, who.language if who else None) if payload.text else None
    place = _place(payload, understood)
    # Every report has a contact of its own: a program's reporters are strangers to each other, and a second
    # emergency of one person must never be refused because the first is still open.
    contact = contact_for(
        channel=CONTACT_CHANNELS[payload.channel],
        address=new_secret(),
        at=at,
        language=(who.language if who else None) or "th",
    )
    person = (
        {
            name: value
            for name, value in (("name", who.name), ("phone", who.phone), ("language", who.language))
            if value
        }
        if who
        else {}
    )
    incident, _ = open_report(
        opening.ReportIn(
            contact=contact,
            channel=payload.channel.upper(),
            kind=payload.kind,
            text=payload.text or "",
            topic=payload.topic or "",
            reporter=person or None,
            witness=bool(who and who.witness),
            safe_to_call=bool(who and who.safe_to_call),
            token_id=officer.token_id,
            external_id=payload.external_id,
        ),
        at=at,
        by=officer.actor,
        place=place,
        dangers=understood.dangers if understood else (),
        discreet=True if understood and understood.reading.discreet else None,
        exercise=bool(payload.exercise),
    )
    if understood is not None and incident.kind == "UNKNOWN":
        learn(incident, understood, at=at, by="system")
    return incident


def _place(payload: ReportIn, understood: Understood | None) -> Place | None:
    where = payload.location
    if where is None:
        return place_from_text(understood) if understood is not None else None
    found_by = "PIN" if where.accuracy_m is None else "GPS"
    source = "STAFF" if payload.channel == "phone" else found_by
    try:
        return place_at(
            where.lat, where.lng, source=source, accuracy_m=where.accuracy_m, address=where.address or ""
        )
    except ValueError as error:
        raise FieldsWrong({"location": str(error)}) from error
