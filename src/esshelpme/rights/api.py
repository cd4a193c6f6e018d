"""HTTP: the catalogue and the rights check, as a router for the API room to mount (with its authentication).

`InvalidRequest` from here is the API's to turn into a 422 problem document with `errors`.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import ConfigDict, Field, SkipValidation

from .catalogue import Programme, Source, default
from .check import check_rights

BANGKOK = ZoneInfo("Asia/Bangkok")
router = Router(tags=["Rights"])

Day = Annotated[str, Field(description="YYYY-MM-DD, Christian era", json_schema_extra={"format": "date"})]
Baht = Annotated[float, Field(json_schema_extra={"minimum": 0})]
Level = Literal[
    "KINDERGARTEN", "PRIMARY", "LOWER_SECONDARY", "UPPER_SECONDARY", "VOCATIONAL", "UNIVERSITY", "NONE"
]
EventType = Literal["CRIME_VICTIM", "DOMESTIC_VIOLENCE", "HARDSHIP", "DEATH", "HOMELESS", "UNEMPLOYED"]


class StudentIn(Schema):
    level: Level


class PersonIn(Schema):
    id: str
    birth_date: Day
    thai_national: bool | None = None
    sex: str | None = None
    disability_card: bool | None = None
    yearly_income: Baht | None = None
    state_pension: bool | None = None
    student: StudentIn | None = None
    pregnant: bool | None = None
    newborn_grant_household_income_per_head: Baht | None = None


class HouseholdIn(Schema):
    income_per_head_month: Baht | None = None
    province: str | None = None


class EventIn(Schema):
    type: EventType
    on: Day
    person: str


class CheckIn(Schema):
    """Documents the request and lets every value pass: `read_request` judges them and says in Thai what is
    wrong.
    """

    model_config = ConfigDict(extra="ignore", json_schema_extra={"required": ["persons"]})

    on: SkipValidation[Day | None] = None
    persons: SkipValidation[list[PersonIn]] = None  # type: ignore[assignment]  # absent is told by read_request
    household: SkipValidation[HouseholdIn | None] = None
    events: SkipValidation[list[EventIn] | None] = None


class AmountOut(Schema):
    baht: int
    per: Literal["month", "year", "once"]


class CriterionOut(Schema):
    text_th: str
    text_en: str
    met: bool | None
    source: str


class ItemOut(Schema):
    programme: str
    person: str
    verdict: Literal["LIKELY", "MAYBE", "NO"]
    amount: AmountOut | None = None
    up_to: bool | None = Field(None, description="the amount is a ceiling at the office's discretion")
    criteria: list[CriterionOut]
    missing: list[str]


class CheckOut(Schema):
    items: list[ItemOut]


class SourceOut(Schema):
    law_th: str
    law_en: str
    date: str | None
    certainty: Literal["A", "B", "C"]


class ProgrammeAmountOut(AmountOut):
    up_to: bool
    certainty: Literal["A", "B", "C"]
    note_th: str
    note_en: str
    valid_from: str
    valid_to: str | None


class AgencyOut(Schema):
    th: str
    en: str


class ProgrammeOut(Schema):
    code: str
    name_th: str
    name_en: str
    agency: AgencyOut
    kind: str
    source: SourceOut
    amount: AmountOut | None = None
    amounts: list[ProgrammeAmountOut]
    valid_from: str
    valid_to: str | None
    documents: list[AgencyOut]
    apply: AgencyOut
    note: AgencyOut
    certainty: Literal["A", "B", "C"]
    signed_off: dict[str, str] | None


class ProgrammesOut(Schema):
    items: list[ProgrammeOut]


def today() -> date:
    """The day in Thailand: rights are counted by the calendar there, whatever the server's zone."""
    return datetime.now(BANGKOK).date()


@router.get(
    "/programmes", response=ProgrammesOut, exclude_none=False, summary="The catalogue of rights and welfare"
)
def programmes(request: HttpRequest) -> dict[str, Any]:
    """Every programme with its legal source, the amounts of its versions (past ones too), and where to
    apply.
    """
    return {"items": [dict(_programme(p.code, today())) for p in default().programmes]}


@router.post(
    "/rights/check",
    response=CheckOut,
    exclude_unset=True,
    summary="Which programmes fit these people (stores nothing)",
)
def check(request: HttpRequest, payload: CheckIn) -> dict[str, Any]:
    """Each programme for each person: LIKELY, MAYBE or NO, every criterion explained, and what is missing."""
    given = {name: getattr(payload, name) for name in payload.model_fields_set}
    return {"items": check_rights(given, on=today())}


@cache
def _programme(code: str, on: date) -> dict[str, Any]:
    programme: Programme = default()[code]
    version = programme.version(on) or programme.versions[-1]
    shown = [a for a in version.amounts if a.certainty != "C"]
    lowest = min(shown, key=lambda a: a.baht) if shown else None
    return {
        "code": code,
        "name_th": programme.name_th,
        "name_en": programme.name_en,
        "agency": {"th": programme.agency_th, "en": programme.agency_en},
        "kind": programme.kind,
        "source": _source(version.source),
        "amount": {"baht": lowest.baht, "per": lowest.per} if lowest else None,
        "amounts": [
            {
                "baht": a.baht,
                "per": a.per,
                "up_to": a.up_to,
                "certainty": a.certainty,
                "note_th": a.note_th,
                "note_en": a.note_en,
                "valid_from": v.valid_from.isoformat(),
                "valid_to": v.valid_to.isoformat() if v.valid_to else None,
            }
            for v in programme.versions
            for a in v.amounts
        ],
        "valid_from": version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "documents": [dict(d) for d in programme.documents],
        "apply": {"th": programme.apply_th, "en": programme.apply_en},
        "note": {"th": programme.note_th, "en": programme.note_en},
        "certainty": version.source.certainty,
        "signed_off": dict(programme.signed_off) if programme.signed_off else None,
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "law_th": source.law_th,
        "law_en": source.law_en,
        "date": source.dated.isoformat() if source.dated else None,
        "certainty": source.certainty,
    }
