"""The console in a real browser: the board changes by itself, a report is entered by keyboard alone, axe is content."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from esshelpme.access.models import Account
from esshelpme.conftest import CHIANG_MAI, Town
from esshelpme.console.tests.conftest import Open
from esshelpme.console.tests.live import serving
from esshelpme.incidents.models import Incident
from esshelpme.incidents.states import Status
from esshelpme.platform.chromium import find_chromium
from esshelpme.platform.clock import now
from esshelpme.platform.config import ROOT
from esshelpme.platform.ids import show_ref

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
PATIENCE_MS = 20_000


@pytest.fixture(autouse=True, scope="module")
def _async_unsafe() -> Iterator[None]:
    # Playwright's own event loop lives in the test's thread until the module ends; the pages run elsewhere.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("ESS_CHROMIUM") or find_chromium()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=str(path), args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        yield browser
        browser.close()


@pytest.fixture
def desk(chromium: Any, account: Callable[..., Account], town: Town, tmp_path: Path) -> Iterator[Any]:
    """`desk(viewport=DESK, theme="light", language="th")` → a page signed in at the running program."""
    contexts = []
    with serving(tmp_path) as base_url:
        officer = account("SUPERVISOR")

        def open_(*, viewport: dict[str, int] = DESK, theme: str = "light", language: str = "th") -> Any:
            client = Client()
            client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
            session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
            context = chromium.new_context(viewport=viewport, base_url=base_url)
            context.set_default_timeout(PATIENCE_MS)
            names = {
                django_settings.SESSION_COOKIE_NAME: session,
                "ess_theme": theme,
                "ess_language": language,
            }
            context.add_cookies([{"name": n, "value": v, "url": base_url} for n, v in names.items()])
            contexts.append(context)
            page = context.new_page()
            page.problems = []
            page.on("pageerror", lambda error: page.problems.append(str(error)))
            page.on(
                "console",
                lambda m: page.problems.append(m.text) if "Content Security" in m.text else None,
            )
            return page

        yield open_
        for context in contexts:
            context.close()


def axe(page: Any) -> list[str]:
    """What axe objects to, serious or critical."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})).violations"
    )
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')[:200]}"
        for v in found
    ]


def test_the_board_changes_by_itself_within_a_second_or_so(desk: Any, open_incident: Open) -> None:
    page = desk()
    page.goto("/console/")
    page.wait_for_selector("#connection.live")
    assert page.locator(".incident-row").count() == 0
    incident = open_incident(at=now())
    page.wait_for_selector(f'[data-ref="{incident.ref}"]', timeout=5_000)
    assert page.locator("#ribbon .burns .count").first.inner_text() == "1"
    assert page.title().startswith("(1)")
    assert page.problems == []


def test_a_new_row_waits_while_somebody_works_in_the_list(desk: Any, open_incident: Open) -> None:
    first = open_incident(at=now())
    page = desk()
    page.goto("/console/")
    page.wait_for_selector("#connection.live")
    page.keyboard.press("j")
    row = page.locator(f'[data-ref="{first.ref}"]')
    before = row.bounding_box()
    # Somebody works: keys are pressed again and again, the newcomer burns more and would stand above.
    incident = open_incident(at=now(), dangers=["WEAPON"])
    for _ in range(100):
        page.keyboard.press("j")
        if page.locator("#held").is_visible():
            break
        page.wait_for_timeout(50)
    assert page.locator("#held").inner_text() == "ใหม่ 1 เหตุ"
    assert page.locator(f'[data-ref="{incident.ref}"]').count() == 0
    assert row.bounding_box() == before
    page.locator("#held").click()
    page.wait_for_selector(f'[data-ref="{incident.ref}"]')


def test_a_report_by_telephone_by_keyboard_alone(desk: Any) -> None:
    page = desk()
    page.goto("/console/")
    page.wait_for_selector("#connection.live")
    page.keyboard.press("n")
    page.wait_for_url("**/console/new/")
    page.wait_for_function("() => document.activeElement.name === 'kind'")
    page.keyboard.press("1")
    page.keyboard.type("ดุสิต")
    page.wait_for_selector('.place-option[aria-selected="true"]')
    page.keyboard.press("Enter")
    page.keyboard.type("มีคนถือมีดหน้าบ้าน")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/console/incidents/**")
    incident = Incident.objects.get()
    assert incident.kind == "ASSAULT"
    assert incident.district == "1002"
    assert incident.status == Status.DISPATCHING
    assert show_ref(incident.ref) in page.locator("h1 ~ .ref").inner_text()


def test_the_call_is_made_and_recorded_by_keys(desk: Any, open_incident: Open) -> None:
    incident = open_incident(at=now(), point=CHIANG_MAI)
    page = desk()
    page.goto(f"/console/incidents/{incident.ref}/")
    page.wait_for_selector("#connection.live")
    page.keyboard.press(".")
    page.wait_for_selector("#dialog[open] .script")
    page.keyboard.press("Space")  # the first outcome: accepted
    page.fill("#d-by", "ร.ต.อ. สมมติ")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog:not([open])", state="attached")
    page.wait_for_selector(".need.held")
    incident.refresh_from_db()
    assert incident.status == Status.ACCEPTED


def test_what_was_typed_outlives_a_reload(desk: Any, open_incident: Open) -> None:
    incident = open_incident(at=now())
    page = desk()
    page.goto(f"/console/incidents/{incident.ref}/")
    page.fill("#message-text", "ยังอยู่ไหม ตำรวจ")
    assert "ตำรวจ" in page.locator("#telling").inner_text()  # discreet: a telling word is pointed out
    assert page.locator("[data-preview]").inner_text() == "ยังอยู่ไหม ตำรวจ"
    page.reload()
    page.wait_for_function("() => document.querySelector('#message-text').value === 'ยังอยู่ไหม ตำรวจ'")
    page.fill("#message-text", "ยังอยู่ไหม")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".bubble.mine >> text=ยังอยู่ไหม")
    page.wait_for_function("() => document.querySelector('#message-text').value === ''")


def test_the_incident_fits_a_desk_without_scrolling(desk: Any, open_incident: Open) -> None:
    incident = open_incident(at=now(), dangers=["WEAPON", "CHILD"])
    page = desk()
    page.goto(f"/console/incidents/{incident.ref}/")
    height = page.evaluate("() => [document.documentElement.scrollHeight, innerHeight]")
    assert height[0] <= height[1]
    for part in (".head-what .badge.strong", "#facts .where", "#coming .need", "#composer", ".head-act .big"):
        box = page.locator(part).first.bounding_box()
        assert box is not None, part
        assert box["y"] + box["height"] <= DESK["height"], part


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_and_the_policy_are_content(
    desk: Any, open_incident: Open, theme: str, viewport: dict[str, int]
) -> None:
    incident = open_incident(at=now(), dangers=["WEAPON"])
    page = desk(viewport=viewport, theme=theme)
    for path in ("/console/", f"/console/incidents/{incident.ref}/", "/console/new/", "/accounts/2fa/"):
        page.goto(path)
        page.wait_for_load_state("load")
        assert axe(page) == [], path
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"
    page.goto(f"/console/incidents/{incident.ref}/")
    page.wait_for_selector("#connection.live")
    page.keyboard.press("a")
    page.wait_for_selector("#dialog[open] .unit-option")
    assert axe(page) == []
    assert page.problems == []
