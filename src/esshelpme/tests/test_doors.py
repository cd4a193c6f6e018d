"""Every address is guarded or public, and everything that must run is run."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

import esshelpme
from esshelpme.access.guard import GUARD, DenyUnguarded, is_guarded
from esshelpme.access.roles import Right
from esshelpme.cli.processes import Layout, program
from esshelpme.platform.config import current


def addresses(within: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every route with its view."""
    for entry in (within or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback


# Redirects that the sign-in library keeps for its own former addresses: nobody needs them, so they stay shut.
SHUT = "accounts/social/"
# The sign-in page changes its language too.
OPEN_IN_CONSOLE = {"console/language"}


def test_every_address_is_guarded_or_public() -> None:
    found = dict(addresses())
    assert len(found) > 20
    assert [
        route for route, view in found.items() if not is_guarded(view) and not route.startswith(SHUT)
    ] == []


@pytest.mark.django_db
def test_what_has_no_guard_answers_nobody() -> None:
    unguarded = [route for route, view in addresses() if not is_guarded(view)]
    assert [Client().get("/" + route).status_code for route in unguarded] == [403] * len(unguarded)


def test_the_console_has_no_public_page() -> None:
    console = {route: view for route, view in addresses() if route.startswith("console/")}
    assert console
    open_to_all = {
        route for route, view in console.items() if not isinstance(getattr(view, GUARD, None), Right)
    }
    assert open_to_all <= OPEN_IN_CONSOLE


@pytest.mark.django_db
def test_a_stranger_gets_in_nowhere_in_the_console() -> None:
    client = Client()
    for route, view in addresses():
        if isinstance(getattr(view, GUARD, None), Right) and "<" not in route:
            answer = client.get("/" + route.replace("^", "").replace("$", ""))
            assert answer.status_code in (302, 401, 403, 405), route
            if answer.status_code == 302:
                assert "login" in answer["Location"], route


def test_a_view_that_forgot_its_guard_answers_nobody() -> None:
    def forgotten(request: object) -> HttpResponse:
        return HttpResponse("secret")

    door = DenyUnguarded(lambda request: HttpResponse())
    refused = door.process_view(RequestFactory().get("/"), forgotten, (), {})
    assert refused is not None
    assert refused.status_code == 403


def test_every_long_running_command_is_run_by_the_supervisor() -> None:
    ours = {
        name
        for name, app in get_commands().items()
        if name.startswith("run_") and str(app).startswith("esshelpme.")
    }
    layout = Layout(config=current(), host="127.0.0.1", port=8000, simulator_port=8001)
    run = {row.command[-1] for row in program(layout)}
    assert ours
    assert ours <= run
    assert {"web", "worker", "sender", "clock", "jobs", "simulator"} <= {row.name for row in program(layout)}


def test_background_jobs_of_every_queue_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from esshelpme.site.management.commands import run_jobs

    called: list[tuple[Any, ...]] = []
    monkeypatch.setattr(run_jobs, "call_command", lambda *arguments, **_: called.append(arguments))
    run_jobs.Command().handle()
    assert called
    assert not any("queue" in str(word) for word in called[0])


def test_every_task_is_known_to_the_process_that_runs_them() -> None:
    from procrastinate.contrib.django import app

    written = set()
    for config in apps.get_app_configs():
        if config.name.startswith("esshelpme.") and _has_tasks(config.name):
            module = importlib.import_module(f"{config.name}.tasks")
            written |= {name for name in app.tasks if name.startswith(module.__name__)}
    assert any(name.startswith("esshelpme.privacy") for name in written)


def test_every_room_with_tables_is_installed() -> None:
    installed = {config.name for config in apps.get_app_configs()}
    rooms = {f"esshelpme.{found.name}" for found in pkgutil.iter_modules(esshelpme.__path__) if found.ispkg}
    with_tables = {room for room in rooms if _has(room, "models") and room != "esshelpme.simulator"}
    assert with_tables <= installed


def _has_tasks(room: str) -> bool:
    return _has(room, "tasks")


def _has(room: str, module: str) -> bool:
    return importlib.util.find_spec(f"{room}.{module}") is not None
