"""The main job as a newcomer plays it: two phones and a console in one browser, over the running program."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from esshelpme.conftest import line_id
from esshelpme.platform.chromium import find_chromium
from esshelpme.platform.config import ROOT
from esshelpme.platform.installation import Installation, installation

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "a long night at the desk"
PATIENCE_MS = 30_000
OFFICER = line_id("loop officer")
DIRECTORY = {
    "agencies": [{"code": "L-POLICE", "type": "POLICE", "name_th": "สน.สมมติ"}],
    "units": [
        {
            "code": "L-POL-01",
            "agency": "L-POLICE",
            "name_th": "สายตรวจ 1 (สมมติ)",
            "lat": 13.7563,
            "lng": 100.5018,
            "areas": ["10"],
            "radius_km": 500,
            "kinds": ["ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER"],
            "members": [{"code": "L-POL-01-A", "name": "ส.ต.อ. สมมติ", "line_user_id": OFFICER}],
        }
    ],
}
ACCOUNT = f"""
from esshelpme.access.models import Account
Account.objects.create_user("narin", password={PASSWORD!r}, role="SUPERVISOR", first_name="นรินทร์")
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation() as program:
        file = tmp_path_factory.mktemp("loop") / "directory.json"
        file.write_text(json.dumps(DIRECTORY), encoding="utf-8")
        for arguments in (["directory", "import", str(file)], ["manage", "shell", "-c", ACCOUNT]):
            subprocess.run(
                [sys.executable, "-P", "-m", "esshelpme.cli", *arguments],
                cwd=ROOT,
                env=dict(program.environment),
                check=True,
                capture_output=True,
            )
        yield program


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("ESS_CHROMIUM") or find_chromium()
    with sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=str(path), args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        yield started
        started.close()


def test_button_pin_offer_accept_arrival_close(running: Installation, browser: Any, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="th-TH")
    context.set_default_timeout(PATIENCE_MS)
    console = context.new_page()
    console.goto(f"{running.base_url}/console/")
    console.fill("input[name=login]", "narin")
    console.fill("input[name=password]", PASSWORD)
    console.keyboard.press("Enter")
    console.wait_for_selector("#rows", state="attached")

    desk = context.new_page()
    desk.goto(f"{running.base_url}/sim/")
    citizen = desk.locator("[data-testid=phone][data-role=citizen]").first
    officer = desk.locator("[data-testid=phone][data-role=responder]").first

    # A stranger adds the account and presses the one button.
    citizen.get_by_test_id("follow").click()
    _press(citizen, "a=report")
    _press(citizen, "a=kind&v=ASSAULT")
    citizen.locator("[data-testid=quick-reply][data-action=location]").click()
    desk.get_by_test_id("location-send").click()
    _reads(citizen, "ได้รับแล้ว เดี๋ยวตอบทางนี้นะ")

    # The board shows it by itself; nobody is on the way yet.
    row = console.locator("#rows > *").first
    row.wait_for()
    assert "ข่มขู่หรือทำร้าย" in row.inner_text()

    # The officer's phone rings: accept, go, arrive.
    _press(officer, re.compile(r"a=accept&o="))
    _reads(citizen, "โอเค มีคนรับแล้วนะ")
    _press(officer, re.compile(r"a=enroute&o="))
    _reads(citizen, "กำลังไปแล้วนะ")
    _press(officer, re.compile(r"a=onscene&o="))
    _reads(citizen, "มาถึงแล้วนะ")
    _press(officer, re.compile(r"a=resolve&o="))
    _reads(citizen, "เรียบร้อยแล้วนะ")

    # The call-taker, who watched it, closes.
    console.locator("a[href*='/console/incidents/']").first.click()
    console.locator("main.incident").wait_for()
    assert "สายตรวจ 1" in console.locator("main.incident").inner_text()
    console.get_by_text("ปิดเรื่อง").first.click()
    dialog = console.locator("#dialog[open]")
    dialog.wait_for()
    dialog.locator("[name=disposition][value=HELPED], [name=disposition]").first.evaluate(
        "field => field.type === 'radio' ? field.click() : (field.value = 'HELPED')"
    )
    dialog.locator("button[type=submit]").first.click()
    console.get_by_text("ปิดเหตุ").first.wait_for()

    # Nothing on the citizen's phone tells what it was about.
    shown = citizen.get_by_test_id("chat").inner_text()
    after = shown[shown.index("เดี๋ยวตอบทางนี้") :]
    for word in ("ตำรวจ", "เจ้าหน้าที่", "ช่วย", "เหตุ", "แจ้ง"):
        assert word not in after
    context.close()


def _reads(phone: Any, words: str) -> None:
    """The phone's chat shows these words."""
    phone.get_by_test_id("chat").get_by_text(words).first.wait_for()


def _press(phone: Any, data: str | re.Pattern[str]) -> None:
    """Press the newest button of a chat with this postback."""
    if isinstance(data, str):
        buttons = phone.locator(f"[data-testid=flex-button][data-data='{data}']")
    else:
        buttons = phone.locator(f"[data-testid=flex-button][data-data^='{data.pattern}']")
    buttons.last.click()
