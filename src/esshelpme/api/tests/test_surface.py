"""What holds for the whole API: tokens, rates, problem documents, the OpenAPI document."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

from esshelpme.access.models import ApiToken
from esshelpme.api.auth import Bearer
from esshelpme.api.limits import Rates
from esshelpme.api.main import api
from esshelpme.api.tests.conftest import Caller, errors_of
from esshelpme.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer ess_wrong", "ess_wrong"]
)
def test_without_a_valid_token_401(header: str | None) -> None:
    response = Client().get("/api/v1/incidents", headers={} if header is None else {"Authorization": header})
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["status"] == 401


def test_a_revoked_token_is_none(centre: Caller) -> None:
    assert centre.get("/incidents").status_code == 200
    ApiToken.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert centre.get("/incidents").status_code == 401


def test_a_cookie_is_no_token(centre: Caller, client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("boss", role="ADMINISTRATOR"))
    assert client.get("/api/v1/incidents").status_code == 401


def test_too_many_requests(centre: Caller, cast: Cast) -> None:
    with override_settings(API_REQUESTS_PER_MINUTE=3):
        assert [centre.get("/incidents").status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = centre.get("/incidents")
        assert refused["Content-Type"] == "application/problem+json"
        assert 1 <= int(refused["Retry-After"]) <= 20
        assert centre.as_(cast.call_taker).get("/incidents").status_code == 200, "each token has its own rate"


def test_a_bucket_refills_evenly() -> None:
    now = [0.0]
    rates = Rates(clock=lambda: now[0])
    assert [rates.take(1, per_minute=2) for _ in range(3)] == [0, 0, 30]
    now[0] = 29.0
    assert rates.take(1, per_minute=2) == 1
    now[0] = 30.0
    assert [rates.take(1, per_minute=2) for _ in range(2)] == [0, 30]
    assert rates.take(1, per_minute=0) == 0


@pytest.mark.parametrize("path", ["/nothing", "/incidents/", "/incidents/A/B/C", "/reports/1"])
def test_wrong_addresses_are_404(centre: Caller, path: str) -> None:
    for response in (centre.get(path), centre.post(path, {})):
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


def test_wrong_methods_are_405(centre: Caller) -> None:
    response = centre.get("/reports")
    assert response.status_code == 405
    assert response["Allow"] == "POST"


class TestRights:
    BODY = {"persons": [{"id": "yai", "birth_date": "1950-05-01", "thai_national": True}]}

    def test_who_may(self, centre: Caller, cast: Cast) -> None:
        assert centre.as_(cast.call_taker).post("/rights/check", self.BODY).status_code == 200
        assert centre.as_(cast.call_taker).get("/programmes").status_code == 200
        assert centre.as_(cast.analyst).post("/rights/check", self.BODY).status_code == 403
        assert centre.as_(cast.stranger).get("/programmes").status_code == 401

    def test_wrong_fields_have_paths(self, centre: Caller) -> None:
        body = {"persons": [{"id": "yai", "birth_date": "2493-05-01"}]}
        assert list(errors_of(centre.post("/rights/check", body))) == ["persons.0.birth_date"]


class TestDocument:
    @pytest.fixture
    def document(self, client: Client) -> dict[str, Any]:
        response = client.get("/api/v1/openapi.json")
        assert response.status_code == 200
        return dict(response.json())

    def test_is_open_to_everybody_and_starts_here(self, client: Client, document: dict[str, Any]) -> None:
        assert document["openapi"].startswith("3.1")
        assert client.get("/api/v1/").json()["openapi"].endswith("/api/v1/openapi.json")
        assert set(document["paths"]) >= {
            "/api/v1/reports",
            "/api/v1/incidents",
            "/api/v1/incidents/{ref}",
            "/api/v1/incidents/{ref}/timeline",
            "/api/v1/incidents/{ref}/actions",
            "/api/v1/programmes",
            "/api/v1/rights/check",
        }

    def test_lists_every_status_with_its_body(self, document: dict[str, Any]) -> None:
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                statuses = set(operation["responses"])
                expected = {"401", "403", "429", "500", "503"}
                if "requestBody" in operation:
                    expected |= {"400", "413", "422"}
                if "{ref}" in path:
                    expected |= {"404"}
                assert statuses >= expected, (method, path)
                assert all(answer["content"] for answer in operation["responses"].values())
                for status, answer in operation["responses"].items():
                    kind = "application/problem+json" if status >= "400" else "application/json"
                    assert list(answer["content"]) == [kind]
                assert operation["security"] == [{"Bearer": []}]
        assert "409" in document["paths"]["/api/v1/incidents/{ref}/actions"]["post"]["responses"]
        assert set(document["paths"]["/api/v1/reports"]["post"]["responses"]) >= {"200", "201"}

    def test_every_reference_leads_somewhere(self, document: dict[str, Any]) -> None:
        def references(node: Any) -> list[str]:
            if isinstance(node, dict):
                own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
                return own + [ref for value in node.values() for ref in references(value)]
            return [ref for value in node for ref in references(value)] if isinstance(node, list) else []

        known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
        assert set(references(document)) <= known

    def test_describes_every_action(self, document: dict[str, Any]) -> None:
        operation = document["paths"]["/api/v1/incidents/{ref}/actions"]["post"]
        shapes = operation["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
        assert {"close", "reopen", "accept_for", "handover", "acknowledge"} <= {
            shape["title"] for shape in shapes
        }


def test_every_operation_needs_a_token_with_a_right() -> None:
    operations = [
        operation
        for router in api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
    ]
    assert len(operations) >= 7
    for operation in operations:
        assert [type(callback) for callback in operation.auth_callbacks] == [Bearer], operation.path
