"""A caller of the API, speaking JSON through Django's whole stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.test import Client

from esshelpme.api.limits import rates
from esshelpme.conftest import BANGKOK, Cast

BASE = "/api/v1"


@dataclass
class Caller:
    """Calls with one token; without one, anonymously."""

    secret: str | None = None
    # One for all: each client loads the whole stack of middleware.
    client: ClassVar[Client] = Client(raise_request_exception=False)

    def as_(self, secret: str | None) -> Caller:
        return Caller(secret)

    def get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        return self.client.get(BASE + path, query, headers=self._headers)

    def post(self, path: str, body: Any) -> Any:
        raw = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.client.post(BASE + path, raw, content_type="application/json", headers=self._headers)

    def report(self, **fields: Any) -> dict[str, Any]:
        """A report that must be taken; returns the incident."""
        body = {
            "channel": "phone",
            "kind": "ASSAULT",
            "location": {"lat": BANGKOK[0], "lng": BANGKOK[1]},
            **fields,
        }
        response = self.post("/reports", {name: value for name, value in body.items() if value is not None})
        assert response.status_code == 201, response.content
        return dict(response.json())

    def act(self, ref: str, action: str, **fields: Any) -> Any:
        return self.post(f"/incidents/{ref}/actions", {"action": action, **fields})

    @property
    def _headers(self) -> dict[str, str]:
        return {} if self.secret is None else {"Authorization": f"Bearer {self.secret}"}


@pytest.fixture(autouse=True)
def _full_buckets() -> Iterator[None]:
    rates.forget()
    yield
    rates.forget()


@pytest.fixture
def centre(cast: Cast) -> Caller:
    """The administrator's program."""
    return Caller(cast.administrator)


def errors_of(response: Any) -> dict[str, str]:
    """Field errors of a 422, by path."""
    assert response.status_code == 422, response.content
    assert response["Content-Type"] == "application/problem+json"
    return {error["path"]: error["message"] for error in response.json()["errors"]}
