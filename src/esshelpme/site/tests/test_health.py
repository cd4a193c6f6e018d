"""What the health addresses tell, and to whom they tell no more."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.test import Client

pytestmark = pytest.mark.django_db


def test_without_a_database_it_names_the_check_and_no_host_or_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError('connection to server at "10.1.2.3" failed: password of user "ess_prod"')

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    monkeypatch.setattr(connection, "close", lambda: None)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failed"] == "database"
    assert "10.1.2.3" not in answer.content.decode()
    assert "ess_prod" not in answer.content.decode()
