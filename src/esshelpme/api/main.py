"""The API, mounted at `/api/v1/`: every operation behind a bearer token, every refusal a problem document."""

from __future__ import annotations

import json
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.parser import Parser

from esshelpme.access.guard import public
from esshelpme.access.roles import Right
from esshelpme.api import incidents, problems, reports
from esshelpme.api.auth import Bearer
from esshelpme.api.limits import body_bytes
from esshelpme.api.openapi import complete
from esshelpme.rights.api import router as rights_router

TITLE = "ESS Help Me"
VERSION = "1"
DESCRIPTION = "Reports, incidents and what can be done with them. Times are RFC 3339 in UTC, errors RFC 9457."


class LimitedParser(Parser):
    """JSON of a bounded size. NaN and Infinity are not JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        most = body_bytes()
        if int(request.META.get("CONTENT_LENGTH") or 0) > most or len(request.body) > most:
            raise problems.BodyTooLarge(f"The body may have {most} bytes at most.")
        return json.loads(request.body, parse_constant=_not_json)


def _not_json(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


class Api(NinjaAPI):
    """NinjaAPI with views of its own for the document and for wrong addresses, each marked as public."""

    def get_openapi_schema(self, **options: Any) -> Any:
        return complete(cast("dict[str, Any]", super().get_openapi_schema(**options)))

    def _get_urls(self) -> list[URLPattern | URLResolver]:
        # The library's own pages for document and root are replaced: they carry no guard.
        routes = [
            pattern
            for pattern in super()._get_urls()
            if getattr(pattern, "name", None) not in ("openapi-json", "openapi-view", "api-root")
        ]
        return [
            path("openapi.json", document, name="openapi-json"),
            path("", root, name="api-root"),
            *routes,
            re_path(r"^.*$", nowhere),
        ]


@public
def document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return JsonResponse(api.get_openapi_schema())


@public
def root(request: HttpRequest) -> HttpResponse:
    """Where to begin."""
    return JsonResponse(
        {"name": TITLE, "version": VERSION, "openapi": request.build_absolute_uri("openapi.json")}
    )


@public
def nowhere(request: HttpRequest) -> HttpResponse:
    return problems.not_found(request)


nowhere.csrf_exempt = True  # type: ignore[attr-defined]  # a wrong address is 404 for POST too

api = Api(
    title=TITLE,
    version=VERSION,
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="api",
    parser=LimitedParser(),
)
problems.register(api)
api.add_router("", reports.router)
api.add_router("", incidents.router)
api.add_router("", rights_router, auth=Bearer(Right.CHECK_RIGHTS))
