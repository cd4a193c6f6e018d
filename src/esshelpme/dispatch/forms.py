"""Fields of staff actions, checked the same way for console and API. Unknown extra fields are ignored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from esshelpme.incidents.states import Disposition, Kind

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
OptionalText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


class Nothing(BaseModel):
    pass


class Noted(BaseModel):
    note: OptionalText = ""


class Close(BaseModel):
    disposition: Disposition
    note: OptionalText = ""
    safe_to_contact: bool | None = None


class Reopen(BaseModel):
    note: Text


class OfUnit(BaseModel):
    unit: Code


class AcceptFor(BaseModel):
    unit: Code
    external_ref: ShortText = ""


class StatusFor(BaseModel):
    unit: Code
    status: Literal["EN_ROUTE", "ON_SCENE", "DONE"]


class Handover(BaseModel):
    to: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    via: ShortText = "PHONE"
    outcome: Literal["ACCEPTED", "REFUSED", "NO_ANSWER"]
    external_ref: ShortText = ""
    answered_by: ShortText = ""
    note: OptionalText = ""


class Backup(BaseModel):
    need: Code


class SetKind(BaseModel):
    kind: Kind


class Location(BaseModel):
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    lng: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    accuracy_m: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None = None
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class SetPlace(BaseModel):
    location: Location


class SetPriority(BaseModel):
    priority: Annotated[int, Field(ge=1, le=5)]
    note: Text


class Quiet(BaseModel):
    on: bool


class Words(BaseModel):
    text: Text


class Merge(BaseModel):
    into: Code


class Acknowledge(BaseModel):
    seq: Annotated[int, Field(ge=1)]


class Call(BaseModel):
    need: Code | None = None


class CallDone(BaseModel):
    task: int
    outcome: Literal["ACCEPTED", "REFUSED", "NO_ANSWER"]
    answered_by: ShortText = ""
    external_ref: ShortText = ""
