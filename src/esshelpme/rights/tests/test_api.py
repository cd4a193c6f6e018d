"""The router: the catalogue and the check over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from ninja import NinjaAPI
from ninja.testing import TestClient

from esshelpme.rights.api import router
from esshelpme.rights.check import InvalidRequest


@pytest.fixture(scope="module")
def client() -> TestClient:
    api = NinjaAPI(urls_namespace="rights-tests")

    @api.exception_handler(InvalidRequest)
    def invalid(request: Any, error: InvalidRequest) -> Any:
        return api.create_response(request, {"errors": error.errors}, status=422)

    api.add_router("", router)
    return TestClient(api)


def test_the_catalogue_tells_law_amount_and_time(client: TestClient) -> None:
    items = {item["code"]: item for item in client.get("/programmes").json()["items"]}
    assert len(items) >= 31
    elderly = items["ELDERLY_ALLOWANCE"]
    assert elderly["source"]["date"] == "2023-08-12"
    assert elderly["amount"] == {"baht": 600, "per": "month"}
    assert elderly["valid_from"] == "2023-08-12"
    assert elderly["valid_to"] is None
    assert {"2009-04-01", "2011-10-01"} < {a["valid_from"] for a in elderly["amounts"]}
    assert items["FOSTER_FAMILY"]["amount"] is None, "an unconfirmed amount is not shown as the amount"


def test_a_check_answers_per_contract(client: TestClient) -> None:
    body = {
        "persons": [{"id": "yai", "birth_date": "1950-05-01", "thai_national": True, "state_pension": False}]
    }
    response = client.post("/rights/check", json=body)
    assert response.status_code == 200
    item = next(i for i in response.json()["items"] if i["programme"] == "ELDERLY_ALLOWANCE")
    assert item["verdict"] == "LIKELY"
    assert item["amount"] == {"baht": 700, "per": "month"}
    assert item["missing"] == []
    assert set(item) == {"programme", "person", "verdict", "amount", "criteria", "missing"}
    assert set(item["criteria"][0]) == {"text_th", "text_en", "met", "source"}


@pytest.mark.parametrize(
    "body",
    [{}, {"persons": "x"}, {"persons": [{"id": "a", "birth_date": "2567-01-01"}]}, {"persons": [{"id": 5}]}],
)
def test_bad_input_is_422_with_paths(client: TestClient, body: dict[str, Any]) -> None:
    response = client.post("/rights/check", json=body)
    assert response.status_code == 422
    assert all(error["path"].startswith("persons") for error in response.json()["errors"])
