"""The page, its files and the phones on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from esshelpme.simulator.client import FakeLine
from esshelpme.simulator.tests.conftest import Http, Listener

CHROMIUM = "/usr/bin/chromium"
OFFICER = "U" + "c" * 32
OFFER = {
    "type": "flex",
    "altText": "งานใหม่",
    "contents": {
        "type": "bubble",
        "body": {
            "type": "box",
            "layout": "vertical",
            "contents": [{"type": "text", "text": "ห่าง 2 กม.", "wrap": True}],
        },
        "footer": {
            "type": "box",
            "layout": "vertical",
            "contents": [
                {
                    "type": "button",
                    "style": "primary",
                    "action": {"type": "postback", "label": "รับงาน", "data": "a=accept&o=1"},
                }
            ],
        },
    },
}
ASK_PLACE = {
    "type": "text",
    "text": "อยู่ที่ไหน",
    "quickReply": {"items": [{"type": "action", "action": {"type": "location", "label": "ส่งตำแหน่ง"}}]},
}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sim/", "text/html"),
        ("/sim/assets/main.js", "text/javascript"),
        ("/sim/assets/desk.css", "text/css"),
        ("/sim/assets/stickers/1.svg", "image/svg+xml"),
        ("/sim/api/state", "application/json"),
    ],
)
def test_pages_come_with_a_strict_policy(http: Http, path: str, kind: str) -> None:
    status, _, headers = http("GET", path)
    assert status == 200
    assert headers["content-type"].startswith(kind)
    assert "'unsafe-inline'" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'self'")


@pytest.mark.parametrize(
    "path",
    ["/sim/assets/../desk.py", "/sim/assets/%2e%2e/desk.py", "/sim/outlines/../../site/settings.py",
     "/sim/assets/maplibre/../package.json", "/sim/outlines/seats.csv", "/sim/nothing", "/etc/passwd"],
)  # fmt: skip
def test_nothing_but_the_page_s_own_files_is_served(http: Http, path: str) -> None:
    assert http("GET", path)[0] == 404


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, wired: FakeLine) -> Iterator[Any]:
    opened = browser.new_page(viewport={"width": 1366, "height": 768})
    failures: list[str] = []
    opened.on("pageerror", lambda error: failures.append(str(error)))
    opened.on(
        "console", lambda entry: failures.extend([entry.text] if "Content Security" in entry.text else [])
    )
    opened.goto(f"{wired.url}/sim/")
    yield opened
    opened.close()
    assert failures == []


def phone(page: Any, role: str) -> Any:
    return page.locator(f'[data-testid="phone"][data-role="{role}"]').first


@pytest.mark.browser
def test_cause_and_effect_on_two_phones(page: Any, wired: FakeLine, listener: Listener) -> None:
    citizen, officer, http = phone(page, "citizen"), phone(page, "responder"), Http(wired)
    citizen.get_by_test_id("follow").click()
    user = listener.wait_for(1)[0]["source"]["userId"]
    http("POST", "/v2/bot/message/push", {"to": user, "messages": [ASK_PLACE], "notificationDisabled": True})
    citizen.locator('[data-testid="quick-reply"][data-action="location"]').click()
    citizen.get_by_test_id("location-send").click()
    place = listener.wait_for(2)[1]["message"]
    assert place["type"] == "location"
    assert citizen.get_by_test_id("location-bubble").count() == 1
    assert citizen.get_by_test_id("quick-reply").count() == 0, "quick replies vanish once something was sent"
    assert "อยู่ที่ไหน" in citizen.get_by_test_id("peek").inner_text()

    http("POST", "/v2/bot/message/push", {"to": OFFICER, "messages": [OFFER]})
    officer.locator('[data-testid="flex-button"][data-data="a=accept&o=1"]').click()
    assert listener.wait_for(3)[2]["postback"] == {"data": "a=accept&o=1"}
    assert officer.get_by_test_id("peek").inner_text().endswith("งานใหม่")


@pytest.mark.browser
def test_writing_and_unsending(page: Any, listener: Listener) -> None:
    citizen = phone(page, "citizen")
    citizen.get_by_test_id("write-anyway").click()
    citizen.get_by_test_id("text-input").fill("<b>ช่วยด้วย</b>")
    citizen.get_by_test_id("send").click()
    assert listener.wait_for(1)[0]["message"]["text"] == "<b>ช่วยด้วย</b>"
    citizen.get_by_text("<b>ช่วยด้วย</b>").click(button="right")
    citizen.get_by_test_id("unsend").click()
    assert listener.wait_for(2)[1]["type"] == "unsend"
    citizen.locator('[data-testid="bubble"][data-removed="true"]').wait_for()
    assert citizen.get_by_text("ช่วยด้วย").count() == 0


@pytest.mark.browser
def test_blocking_photos_voice_and_stickers(page: Any, listener: Listener) -> None:
    citizen = phone(page, "citizen")
    citizen.get_by_test_id("follow").click()
    listener.wait_for(1)
    for count, choice in enumerate(
        [["attach-photo", "photo-door"], ["attach-voice"], ["attach-sticker", "sticker-2"]], 2
    ):
        citizen.get_by_test_id("attach").click()
        for test_id in choice:
            citizen.get_by_test_id(test_id).click()
        listener.wait_for(count)
    assert [event["message"]["type"] for event in listener.events[1:]] == ["image", "audio", "sticker"]
    citizen.get_by_test_id("phone-menu").click()
    citizen.get_by_test_id("block").click()
    assert listener.wait_for(5)[4]["type"] == "unfollow"
    citizen.get_by_test_id("unblock").click()
    assert listener.wait_for(6)[5]["follow"] == {"isUnblocked": True}


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1366])
def test_it_fits_the_screen_in_both_languages(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    for code in ("en", "th"):
        page.reload()
        button = page.get_by_test_id(f"lang-{code}")
        if button.is_visible():
            button.click()
            page.locator(f'html[lang="{code}"]').wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.querySelector('.surface').scrollWidth") <= width
        assert page.get_by_test_id("phone").first.is_visible()
