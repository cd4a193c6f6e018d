"""The report form on an old phone: bytes, requests, time to the first tap; slow 3G, a CPU four times slower."""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

from esshelpme.cli.bench._stand import stand
from esshelpme.cli.bench.results import BenchResult, Figure
from esshelpme.platform.chromium import ensure_chromium
from esshelpme.platform.errors import Refusal

ROUNDS = 5
LATENCY_MS = 400
BYTES_A_SECOND = 400 * 1024 / 8  # Chromium's own "slow 3G": 400 kbit/s
CPU_SLOWER = 4
GOAL_S = 3.0
GOAL_BYTES = 100 * 1024
PHONE = {"width": 360, "height": 740}


def run() -> BenchResult:
    """Open the form with nothing cached and press the first kind, several times."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Refusal(
            "This benchmark drives a browser: run ./ess test once, which installs what it needs."
        ) from None
    chromium = os.environ.get("ESS_CHROMIUM") or str(ensure_chromium(print))
    with stand() as at, at.web(), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        address = f"http://127.0.0.1:{at.web_port}/r"
        _open(browser, address)  # the first page of a fresh process is not what is measured
        rounds = [_open(browser, address) for _ in range(ROUNDS)]
        browser.close()
    taps, paints, sizes, requests = zip(*rounds, strict=True)
    return BenchResult(
        "form",
        [
            Figure("first tap p50", statistics.median(taps), "s", GOAL_S),
            Figure("first paint p50", statistics.median(paints), "s"),
            Figure("bytes of the first load", max(sizes), "B", GOAL_BYTES),
            Figure("requests of the first load", max(requests), "requests"),
        ],
        [f"{LATENCY_MS} ms latency, {BYTES_A_SECOND:,.0f} B/s, CPU {CPU_SLOWER} times slower, empty cache"],
    )


def _open(browser: Any, address: str) -> tuple[float, float, int, int]:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    speed = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
    devtools.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **speed})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    begin = time.monotonic()
    page.goto(address, wait_until="commit")
    page.locator(".tile").first.click()
    tap = time.monotonic() - begin
    page.wait_for_load_state("networkidle")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    context.close()
    return tap, paint / 1000, sum(sizes), len(sizes)
