"""Shapes of requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

from esshelpme.api.limits import API_TEXT_LENGTH
from esshelpme.dispatch.states import AssignmentStatus, NeedStatus
from esshelpme.incidents.states import Danger, Disposition, Kind, Status, Topic
from esshelpme.outbox.line_messages import clean
from esshelpme.platform.clock import stamp

STAMP = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"
Moment = Annotated[
    datetime,
    PlainSerializer(
        stamp, return_type=Annotated[str, Field(pattern=STAMP, json_schema_extra={"format": "date-time"})]
    ),
]


def _one_line(text: str) -> str:
    if clean(text) != text or "\n" in text:
        raise ValueError("control characters are not allowed")
    return text


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=API_TEXT_LENGTH),
    AfterValidator(clean),
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(clean)]


class LocationIn(BaseModel):
    """Degrees (WGS 84), metres."""

    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, strict=True)]
    lng: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, strict=True)]
    accuracy_m: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False, strict=True)] | None = None
    address: (
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(clean)]
        | None
    ) = None


class ReporterIn(BaseModel):
    """Who calls. `safe_to_call` absent means no."""

    name: Line | None = None
    phone: Line | None = None
    language: Annotated[str, StringConstraints(max_length=35)] | None = None
    safe_to_call: Annotated[bool, Field(strict=True)] | None = None
    witness: Annotated[bool, Field(strict=True)] | None = None


class ReportIn(BaseModel):
    """A report taken by telephone, a web form, a program or a partner."""

    channel: Literal["phone", "web", "api", "partner"]
    kind: Kind
    topic: Topic | None = None
    text: Text | None = None
    location: LocationIn | None = None
    reporter: ReporterIn | None = None
    external_id: (
        Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_line)] | None
    ) = Field(None, description="the same id from the same token is the same report, also when sent at once")
    exercise: Annotated[bool, Field(strict=True)] | None = Field(
        None, description="a drill: marked everywhere, counted nowhere"
    )


class NeedOut(Schema):
    need: str
    lead: bool
    status: NeedStatus


class LocationOut(Schema):
    """`lat`, `lng`, `address`: null for who may not see them, or after erasure. `area`: TIS-1099 code."""

    lat: float | None
    lng: float | None
    accuracy_m: float | None
    source: Literal["PIN", "GPS", "TEXT", "STAFF"]
    address: str | None
    area: str | None
    flag: Literal["SEA", "ABROAD", "BORDER"] | None


class ReportOut(Schema):
    """`text`, `name` and `phone` are null for who may not see them, and after erasure (`removed_at`)."""

    channel: str
    kind: Kind
    topic: Topic | None
    text: str | None
    removed_at: Moment | None
    received_at: Moment
    external_id: str | None
    witness: bool
    safe_to_call: bool
    language: str | None
    name: str | None
    phone: str | None


class AssignmentOut(Schema):
    unit: str
    need: str
    status: AssignmentStatus
    via: str
    external_ref: str | None
    distance_km: float | None
    accepted_by: str | None
    offered_at: Moment
    deadline_at: Moment | None
    accepted_at: Moment | None
    en_route_at: Moment | None
    on_scene_at: Moment | None
    ended_at: Moment | None


class IncidentItem(Schema):
    """An incident in a list."""

    ref: str
    kind: Kind
    topic: Topic | None
    status: Status
    disposition: Disposition | None
    channel: str
    priority: Annotated[int, Field(ge=1, le=5)]
    priority_reasons: list[str]
    dangers: list[Danger]
    discreet: bool
    exercise: bool
    witness: bool
    safe_to_call: bool
    needs: list[NeedOut]
    location: LocationOut | None
    created_at: Moment
    updated_at: Moment
    cancel_requested_at: Moment | None
    said_safe_at: Moment | None


class IncidentOut(IncidentItem):
    """A whole incident."""

    reports: list[ReportOut]
    assignments: list[AssignmentOut]
    linked_to: str | None
    merged_into: str | None


class PageOut(Schema):
    """`next_cursor` is null on the last page."""

    items: list[IncidentItem]
    next_cursor: str | None


class StepOut(Schema):
    """One step. Words are joined in as `data.text`; null with `data.removed_at` after unsend or erasure."""

    seq: Annotated[int, Field(ge=1)]
    at: Moment
    type: str
    actor: str
    data: dict[str, Any]


class TimelineOut(Schema):
    items: list[StepOut]


class ActionIn(BaseModel):
    """`action` and its fields; fields it does not know are ignored."""

    model_config = ConfigDict(extra="allow")

    action: str


def _empty_is_absent(value: Any) -> Any:
    return None if value == "" else value


def _zone_may_be_spaced(value: Any) -> Any:
    """`+07:00` in an address arrives as a space when it was not escaped."""
    return (
        value.replace(" ", "+")
        if isinstance(value, str) and value.count(" ") == 1 and "T" in value
        else value
    )


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("needs its zone, for example 2026-01-31T08:00:00Z")
    return moment


class ListQuery(Schema):
    """An empty value counts as absent."""

    status: Annotated[Status | None, BeforeValidator(_empty_is_absent)] = None
    kind: Annotated[Kind | None, BeforeValidator(_empty_is_absent)] = None
    since: Annotated[
        Annotated[datetime, BeforeValidator(_zone_may_be_spaced), AfterValidator(_with_zone)] | None,
        BeforeValidator(_empty_is_absent),
    ] = Field(None, description="opened at or after")
    cursor: Annotated[str | None, BeforeValidator(_empty_is_absent)] = Field(
        None, description="`next_cursor` of the page before"
    )
    limit: Annotated[int | None, Field(ge=1, le=500), BeforeValidator(_empty_is_absent)] = Field(
        None, description="1 to 500; 50 when absent"
    )
    exercise: Annotated[bool | None, BeforeValidator(_empty_is_absent)] = Field(
        None, description="true: exercises too"
    )
