"""A phone of 360 pixels in a real browser: report, leave, lose the signal, share a place; axe objects to nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from esshelpme.conftest import BANGKOK, Town, line_id
from esshelpme.platform.chromium import find_chromium
from esshelpme.platform.config import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 360, "height": 740}
HERE = {"latitude": BANGKOK[0], "longitude": BANGKOK[1], "accuracy": 11}
ELSEWHERE = "/privacy?lang=en"  # stands for the ordinary page that quick exit leads to


@pytest.fixture(autouse=True)
def _settings(settings: Any) -> None:
    settings.WEB_EXIT_URL = ELSEWHERE


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("ESS_CHROMIUM") or find_chromium()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        # Playwright's own event loop lives in the tests' thread; the pages run in others.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = play.chromium.launch(executable_path=str(path), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_phone(chromium: Any, live_server: Any) -> Iterator[Any]:
    """`open_phone(javascript=…)` → a page of a fresh browser on a small phone."""
    contexts = []

    def open_(**more: Any) -> Any:
        options: dict[str, Any] = {
            "viewport": PHONE,
            "has_touch": True,
            "geolocation": HERE,
            "permissions": ["geolocation"],
            "base_url": live_server.url,
            **more,
        }
        context = chromium.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda m: page.problems.append(m.text) if "Content Security" in m.text else None)
        return page

    yield open_
    for context in contexts:
        context.close()


def choose(page: Any, kind: str) -> None:
    page.locator(f".tile:has(input[value={kind}])").tap()


def send(page: Any) -> None:
    page.locator("[data-send]").tap()
    page.wait_for_url("**/t/*")


def test_two_taps_and_one_for_the_place(open_phone: Any, town: Town) -> None:
    from esshelpme.incidents.models import Incident

    page = open_phone()
    page.goto("/r")
    choose(page, "CONFINEMENT")
    page.locator("[data-gps]").tap()
    page.locator("[data-gps-status]", has_text="11").wait_for()
    send(page)
    incident = Incident.objects.get()
    assert (incident.kind, incident.place_source, incident.place_accuracy_m) == ("CONFINEMENT", "GPS", 11)
    assert incident.status == "DISPATCHING"
    assert page.title() == "บันทึก"
    assert page.problems == []
    # The form is gone from the tab's history: back does not show it.
    assert page.evaluate("history.length") <= 2
    assert page.evaluate("sessionStorage.length") == 0


def test_everything_is_large_enough_and_fits(open_phone: Any, town: Town) -> None:
    page = open_phone()
    page.goto("/r")
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(
            'a, button, input:not([type=hidden]), select, textarea, summary, .tile')]
        .filter(e => e.checkVisibility() && !e.closest('.visually-hidden'))
        .filter(e => !e.matches('[type=radio],[type=checkbox]'))
        .map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect().height])"""
    )
    assert [name for name, height in sizes if height < 47.5] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    exit_button = page.locator("[data-exit]")
    page.mouse.wheel(0, 3000)
    assert exit_button.is_visible()
    box = exit_button.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 60


def test_without_javascript(open_phone: Any, town: Town) -> None:
    from esshelpme.incidents.models import Incident, Message
    from esshelpme.privacy.content import reveal

    page = open_phone(java_script_enabled=False)
    page.goto("/r")
    choose(page, "DISTURBED")
    page.locator("#place").fill("เขตพระนคร กรุงเทพ")
    send(page)
    assert Incident.objects.get().district == "1001"
    page.get_by_role("link", name="พิมพ์ถึงศูนย์").tap()
    page.locator("textarea").fill("เขาอยู่หน้าบ้าน")
    page.locator("main button").tap()
    page.wait_for_url("**/t/*")
    page.locator(".mine").nth(0).wait_for()
    assert reveal(Message.objects.get(direction="IN").content) == "เขาอยู่หน้าบ้าน"


def test_quick_exit_takes_the_place_of_the_page(open_phone: Any) -> None:
    page = open_phone()
    page.goto("/?lang=en")
    page.goto("/r")
    page.locator("#text").fill("secret words")
    before = page.evaluate("history.length")
    page.locator("[data-exit]").tap()
    page.wait_for_url("**" + ELSEWHERE)
    assert page.evaluate("history.length") == before
    assert page.evaluate("sessionStorage.length") == 0
    page.go_back()
    assert "/r" not in page.url
    page.goto("/r")
    assert page.locator("#text").input_value() == ""


def test_escape_three_times_leaves_and_once_does_not(open_phone: Any) -> None:
    page = open_phone()
    page.goto("/r")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert "/r" in page.url
    page.keyboard.press("Escape")
    page.wait_for_url("**" + ELSEWHERE)


def test_offline_then_online_is_one_report(open_phone: Any, town: Town) -> None:
    from esshelpme.incidents.models import Incident, Report

    page = open_phone()
    page.goto("/r")
    choose(page, "SEXUAL")
    page.locator("#text").fill("ช่วยที")
    page.context.set_offline(True)
    page.locator("[data-send]").tap()
    page.locator("[data-send-status]", has_text="ไม่มีสัญญาณ").wait_for()
    assert not Incident.objects.exists()
    page.context.set_offline(False)
    page.wait_for_url("**/t/*")
    assert Report.objects.count() == 1


def test_a_lost_answer_is_not_a_second_report(open_phone: Any, town: Town) -> None:
    from esshelpme.incidents.models import Report

    page = open_phone()
    page.goto("/r")
    choose(page, "ASSAULT")
    lost: list[Any] = []

    def lose_first(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())  # the server took it, the phone never heard
            route.abort()
        else:
            route.continue_()

    page.route("**/r", lose_first)
    send(page)
    assert lost
    assert Report.objects.count() == 1


def test_typing_survives_a_reload(open_phone: Any) -> None:
    page = open_phone()
    page.goto("/r")
    choose(page, "GATHERING")
    page.locator("#text").fill("คำที่ห้ามหาย")
    page.reload()
    assert page.locator("#text").input_value() == "คำที่ห้ามหาย"
    assert page.locator("input[value=GATHERING]").is_checked()


def test_a_typed_place_offers_names(open_phone: Any) -> None:
    page = open_phone()
    page.goto("/r")
    page.locator("#place").fill("สุเทพ")
    page.get_by_role("button", name="ต.สุเทพ").tap()
    assert page.locator("input[name=pick]").input_value() == "500108"


def test_refused_permission_leads_to_typing(open_phone: Any) -> None:
    page = open_phone(permissions=[])
    page.goto("/r")
    page.locator("[data-gps]").tap()
    page.locator("[data-gps-status]", has_text="พิมพ์ชื่อสถานที่").wait_for()


def test_the_status_page_changes_by_itself_and_keeps_what_is_typed(open_phone: Any, town: Town) -> None:
    from esshelpme.conftest import AT
    from esshelpme.dispatch.models import Assignment
    from esshelpme.dispatch.offers import accept_by_line
    from esshelpme.incidents.models import Message

    page = open_phone()
    page.goto("/r")
    choose(page, "DISTURBED")
    page.locator("[data-gps]").tap()
    page.locator("[data-gps-status]", has_text="11").wait_for()
    send(page)
    page.locator("#say").fill("กำลังพิมพ์อยู่")
    code = Assignment.objects.get(unit__code=town.police).code
    accept_by_line(code=code, line_user_id=line_id(town.police_member), at=AT)
    page.get_by_role("heading", name="มีเจ้าหน้าที่รับแล้ว").wait_for()
    assert page.locator("#say").input_value() == "กำลังพิมพ์อยู่"
    page.locator(".compose button").tap()
    page.locator(".mine").wait_for()  # in words, or as "sent" when they made the page discreet
    assert page.locator("#say").input_value() == ""
    assert Message.objects.filter(direction="IN").count() == 1
    assert page.problems == []


def test_live_location_follows_the_phone_and_stops(open_phone: Any, town: Town) -> None:
    from esshelpme.incidents.models import Incident
    from esshelpme.incidents.place import place_of

    page = open_phone()
    page.goto("/r")
    choose(page, "DISTURBED")
    page.locator("#place").fill("เขตพระนคร กรุงเทพ")
    send(page)
    page.get_by_role("heading", name="ยังรู้แค่บริเวณกว้าง ๆ").wait_for()
    page.locator("[data-live]").check()
    page.locator("[data-gps-said]", has_text="11").first.wait_for()
    place = place_of(Incident.objects.get())
    assert place is not None
    assert (place.source, round(place.lat, 5)) == ("GPS", BANGKOK[0])
    assert page.locator("[data-live]").is_checked()
    page.locator("[data-live]").uncheck()
    assert page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_phone: Any, town: Town, scheme: str) -> None:
    page = open_phone(color_scheme=scheme)
    axe = AXE.read_text("utf-8")

    def check(what: str) -> None:
        page.evaluate(axe)
        found = page.evaluate(
            """async () => (await axe.run(document, {runOnly:
                ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}))
            .violations.map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 120)).join(' | ')}`)"""
        )
        assert found == [], what

    for path in ("/", "/r", "/privacy", "/r?lang=en", "/t/unknown"):
        page.goto(path)
        for summary in page.locator("summary").all():
            summary.click()
        check(path)
    page.goto("/r")
    page.locator("[data-send]").tap()
    page.locator("#problem").wait_for()
    check("/r with a problem")
    for kind in ("SEXUAL", "DISTURBED"):
        page.goto("/r")
        choose(page, kind)
        send(page)
        check(f"status without a place, {kind}")
        page.locator("details.more > summary").first.tap()
        check(f"status, everything open, {kind}")
        page.goto(page.url + "/write")
        check("write")


def test_first_load_is_small(open_phone: Any) -> None:
    page = open_phone()
    weights: dict[str, int] = {}
    page.on("response", lambda r: weights.__setitem__(r.url, len(r.body())) if r.status == 200 else None)
    page.goto("/r")
    page.wait_for_load_state("networkidle")
    assert sum(weights.values()) < 100_000
    assert len(weights) <= 6
    assert Path(ROOT / "src/esshelpme/web/static/web/public.css").stat().st_size <= 10_240
