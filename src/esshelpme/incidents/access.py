"""Fetching an incident is the permission check: one function does both."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right, Scope
from esshelpme.incidents.changes import lock
from esshelpme.incidents.models import Incident
from esshelpme.platform.ids import read_ref

# Statuses of assignments, named by the room above, of who has or had an incident.
HAS_IT = ("ACCEPTED", "EN_ROUTE", "ON_SCENE", "DONE")


class NoSuchIncident(LookupError):
    """There is none, or it lies outside the officer's area or agency (HTTP 404 either way)."""


def incident_for(
    officer: Officer, ref: str, *, right: Right = Right.SEE_INCIDENT, for_update: bool = False
) -> Incident:
    """The incident `ref`, if the officer's role has `right` and reaches it. Raises `Refused` or `NoSuchIncident`."""
    officer.require(right)
    rows = visible_to(officer)
    if officer.scope is Scope.AGENCY and officer.agency_id is not None:
        # Who was only asked sees no page of it: exact place, words and people come with the accept.
        rows = rows.filter(Exists(taken_by(officer.agency_id)))
    incident = rows.filter(ref=read_ref(ref) or "").first()
    if incident is None:
        raise NoSuchIncident(ref)
    return lock(incident.pk) if for_update else incident


def taken_by(agency_id: int) -> QuerySet[Incident]:
    """For `Exists`: whether a unit of the agency accepted this incident and was not taken off it again.

    Who was taken off (perhaps for good reason: the offender's own station) learns nothing more.
    """
    return Incident.objects.filter(
        pk=OuterRef("pk"),
        assignments__unit__agency_id=agency_id,
        assignments__accepted_at__isnull=False,
        assignments__status__in=HAS_IT,
    )


def visible_to(officer: Officer) -> QuerySet[Incident]:
    """All incidents the officer's scope reaches."""
    rows = Incident.objects.all()
    if officer.scope is Scope.NONE:
        return rows.none()
    if officer.areas:
        rows = rows.filter(_within(officer.areas))
    if officer.scope is Scope.AGENCY:
        if officer.agency_id is None:
            # A token or account of such a role without an agency reaches what its areas say: nothing, when none.
            return rows if officer.areas else rows.none()
        rows = rows.filter(
            pk__in=Incident.objects.filter(assignments__unit__agency_id=officer.agency_id).values("pk")
        )
    return rows


def _within(areas: tuple[str, ...]) -> Q:
    # An incident whose place is not known yet belongs to everybody who answers calls.
    condition = Q(province="")
    for field, digits in (("province", 2), ("district", 4), ("subdistrict", 6)):
        codes = [code for code in areas if len(code) == digits]
        if codes:
            condition |= Q(**{f"{field}__in": codes})
    return condition
