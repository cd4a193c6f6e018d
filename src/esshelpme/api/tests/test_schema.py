"""The OpenAPI document and the API say the same: requests made from the document, answers held against it.

Short and always the same: what it finds is a test to write elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from esshelpme.api.main import api
from esshelpme.api.tests.conftest import Caller

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="session")
def wsgi() -> Any:
    return get_wsgi_application()


@pytest.fixture
def document(wsgi: Any, existing: str) -> Iterator[Any]:
    # The end of a request must not close the connection that holds the test's transaction. (Django's own test
    # client sees to it by itself, and connects the signals again: it has spoken before.)
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        with override_settings(API_REQUESTS_PER_MINUTE=0):
            yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", wsgi)
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


OPERATIONS = [
    (path, method) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods
]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_are_as_documented(
    document: Any, path: str, method: str, centre: Caller, existing: str
) -> None:
    operation = document[path][method]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=15,
        derandomize=True,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def run(case: Any) -> None:
        if "ref" in (case.path_parameters or {}):
            case.path_parameters["ref"] = existing
        case.call_and_validate(headers={"Authorization": f"Bearer {centre.secret}"}, checks=CHECKS)

    run()


@pytest.fixture
def existing(centre: Caller) -> str:
    """A reference to act on: a made-up one would only ever be 404."""
    return str(centre.report()["ref"])
