"""`./ess line setup`: the rich menu, the webhook's address and its test, and what only a person can switch on."""

from __future__ import annotations

import asyncio
import sys

from django.conf import settings

from esshelpme.line.client import LineClient, LineError, LineHosts
from esshelpme.line.richmenu import menu, picture

CONSOLE_SWITCHES = (
    "Webhook: ON",
    "Webhook redelivery: ON (off by default: a lost request is then lost)",
    "Error statistics aggregation: ON",
    "Auto-reply messages: OFF, Greeting messages: OFF (the program answers)",
)


def run() -> int:
    """Set the account up. Returns the exit status; says each step on standard error."""
    return asyncio.run(_run())


async def install_menus(client: LineClient, *, language: str = "th") -> str:
    """Install the default rich menu unless it is there already, and remove our older ones; returns its id."""
    wanted = menu(language)
    there = (await client.get("/v2/bot/richmenu/list")).get("richmenus", [])
    found = next((row["richMenuId"] for row in there if row.get("name") == wanted["name"]), None)
    if found is None:
        found = (await client.call("POST", "/v2/bot/richmenu", value=wanted))["richMenuId"]
        await client.call(
            "POST", f"/v2/bot/richmenu/{found}/content", data=picture(language), type="image/png"
        )
    await client.call("POST", f"/v2/bot/user/all/richmenu/{found}")
    for row in there:
        if row["richMenuId"] != found and str(row.get("name", "")).startswith(f"ess-main-{language}-"):
            await client.call("DELETE", f"/v2/bot/richmenu/{row['richMenuId']}")
    return str(found)


async def _run() -> int:
    config = settings.CONFIG
    hosts = LineHosts(api=config.line_api_base_url, data=config.line_data_base_url)
    try:
        async with LineClient(hosts=hosts, token=config.line_account.token) as client:
            info = await client.get("/v2/bot/info")
            _say(
                f"Account: {info.get('displayName')} {info.get('basicId')}, chat mode {info.get('chatMode')}"
            )
            _say(f"Rich menu: {await install_menus(client)}")
            endpoint = f"{config.base_url}/line/webhook"
            await client.call("PUT", "/v2/bot/channel/webhook/endpoint", value={"endpoint": endpoint})
            _say(f"Webhook address: {endpoint}")
            test = await client.call("POST", "/v2/bot/channel/webhook/test", value={"endpoint": endpoint})
    except LineError as error:
        _say(
            f"LINE refuses: {error}. Check ESS_LINE_CHANNEL_ACCESS_TOKEN and ESS_BASE_URL, then run this again."
        )
        return 1
    _say(f"Webhook test: {'works' if test.get('success') else test.get('reason')} {test.get('detail', '')}")
    for line in CONSOLE_SWITCHES:
        _say(f"  In LINE's console: {line}")
    return 0 if test.get("success") else 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201  # a command's words for people
