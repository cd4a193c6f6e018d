"""Errors as problem documents (RFC 9457): one shape for everything that is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import pydantic
import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from esshelpme.access.officer import Refused
from esshelpme.dispatch.actions import UnknownAction
from esshelpme.dispatch.acts import BadField
from esshelpme.incidents.access import NoSuchIncident
from esshelpme.incidents.states import NotAllowed
from esshelpme.rights.request import InvalidRequest

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_DATABASE_S = 5


class FieldProblem(Schema):
    """One wrong field: `path` as `reporter.phone` or `persons.0.birth_date`, empty for the whole body."""

    path: str
    message: str
    message_th: str | None = None


class Problem(Schema):
    """RFC 9457. `code` names the reason for programs; `errors` is there when fields are wrong."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None


class FieldsWrong(Exception):  # what is the matter, in the caller's words
    """Fields that only show to be wrong when acted on (HTTP 422)."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(str(dict(errors)))
        self.errors = [{"path": path, "message": message} for path, message in errors.items()]


class BodyTooLarge(Exception):  # the same
    """The body is larger than the limit (HTTP 413)."""


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A problem document as a response."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors is not None:
        body["errors"] = errors
    return HttpResponse(
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status=status,
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def fields_wrong(errors: list[dict[str, Any]]) -> HttpResponse:
    """422 with the paths of the wrong fields."""
    named = "; ".join(f"{error['path'] or 'body'}: {error['message']}" for error in errors[:5])
    return problem(422, "FIELDS_WRONG", named or "The request cannot be understood.", errors=errors)


def from_pydantic(errors: Iterable[Mapping[str, Any]], *, skip: int = 0) -> list[dict[str, Any]]:
    """pydantic's errors with their paths, the first `skip` steps left out."""
    return [
        {
            "path": ".".join(str(step) for step in error["loc"][skip:]),
            "message": str(error["msg"]).removeprefix("Value error, "),
        }
        for error in errors
    ]


def register(api: NinjaAPI) -> None:
    """Teach the API every error of the rooms below."""

    def on(kind: type[Exception], answer: Any) -> None:
        api.add_exception_handler(kind, lambda request, error: answer(error))

    on(AuthenticationError, _unauthenticated)
    on(Refused, lambda e: problem(403, "RIGHT_MISSING", str(e)))
    on(NoSuchIncident, lambda e: problem(404, "NO_SUCH_INCIDENT", f"There is no incident {e} for you."))
    on(Http404, lambda e: problem(404, "NOT_FOUND", "There is nothing at this address."))
    on(NotAllowed, lambda e: problem(409, e.code, str(e)))
    on(BodyTooLarge, lambda e: problem(413, "BODY_TOO_LARGE", str(e)))
    on(RequestDataTooBig, lambda e: problem(413, "BODY_TOO_LARGE", str(e)))
    on(UnreadablePostError, lambda e: problem(400, "BODY_UNREADABLE", "The body did not arrive whole."))
    on(ValidationError, lambda e: fields_wrong(_from_ninja(e.errors)))
    on(pydantic.ValidationError, lambda e: fields_wrong(from_pydantic(e.errors(include_url=False))))
    on(FieldsWrong, lambda e: fields_wrong(e.errors))
    on(BadField, lambda e: fields_wrong([{"path": e.path, "message": str(e)}]))
    on(UnknownAction, lambda e: fields_wrong([{"path": "action", "message": f"there is no action {e}"}]))
    on(InvalidRequest, lambda e: fields_wrong([_bilingual(error) for error in e.errors]))
    on(Throttled, _throttled)
    on(HttpError, _http_error)
    on(OperationalError, _database_away)
    on(InterfaceError, _database_away)
    on(Exception, _unexpected)


def _from_ninja(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    # Where it came from (body, query) and the name of the argument are ours, not the caller's.
    return [
        {
            "path": ".".join(str(step) for step in _own_path(error["loc"])),
            "message": str(error["msg"]).removeprefix("Value error, "),
        }
        for error in errors
    ]


def _own_path(location: tuple[Any, ...]) -> tuple[Any, ...]:
    return location[2:] if location and location[0] == "body" else location[1:]


def _bilingual(error: Mapping[str, Any]) -> dict[str, Any]:
    return {"path": error["path"], "message": error["message_en"], "message_th": error["message_th"]}


def _unauthenticated(error: Exception) -> HttpResponse:
    return problem(
        401,
        "TOKEN_NEEDED",
        "Send a valid token: Authorization: Bearer TOKEN.",
        headers={"WWW-Authenticate": 'Bearer realm="api"'},
    )


def _throttled(error: Throttled) -> HttpResponse:
    wait = max(1, int(error.wait or 1))
    return problem(
        429, "TOO_MANY_REQUESTS", f"Try again in {wait} seconds.", headers={"Retry-After": str(wait)}
    )


def _http_error(error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, BodyTooLarge):
        return problem(413, "BODY_TOO_LARGE", str(error.__cause__))
    if error.status_code == 400:
        return problem(400, "NOT_JSON", "The body is not well-formed JSON in UTF-8.")
    return problem(error.status_code, "REFUSED", str(error))


def _database_away(error: Exception) -> HttpResponse:
    log.error("api_database_away", error=str(error))
    return problem(
        503,
        "DATABASE_AWAY",
        "The database does not answer; nothing was changed. Try again.",
        headers={"Retry-After": str(RETRY_DATABASE_S)},
    )


def _unexpected(error: Exception) -> HttpResponse:
    log.error("api_failed", exc_info=error)
    return problem(500, "UNEXPECTED", "Something went wrong here; nothing was changed.")


def not_found(request: HttpRequest, **_: Any) -> HttpResponse:
    """Any address below the API that does not exist."""
    return problem(404, "NOT_FOUND", "There is nothing at this address.")
