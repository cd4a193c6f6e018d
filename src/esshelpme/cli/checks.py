"""What `./ess doctor` looks at: one function a subject, each giving verdicts with the way to mend."""

from __future__ import annotations

import json
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from esshelpme.platform.chromium import PACKAGE, find_chromium
from esshelpme.platform.clock import now
from esshelpme.platform.config import ROOT, Config
from esshelpme.platform.errors import Refusal
from esshelpme.platform.files import writable_dir
from esshelpme.platform.postgres import database_url, supervised, up_lock

FREE_SPACE_BYTES: Final = 2 * 1024**3
CONNECTIONS: Final = 100
CLOCK_TOLERANCE: Final = timedelta(seconds=5)
DISTINCT_LETTERS: Final = 12
"""A random key of 50 characters has many more different ones; a sentence or a repeated word has fewer."""


@dataclass(frozen=True)
class Verdict:
    """What was found about something; `mend` says how to put it right."""

    about: str
    state: Literal["ok", "note", "wrong"]
    found: str
    mend: str = ""


@dataclass
class Patient:
    """The installation under examination."""

    config: Config
    trouble: str | None = None
    """Why the embedded database could not be started."""

    @property
    def has_database(self) -> bool:
        """Whether there is a database to look at."""
        return self.config.database_url_given is not None or (self.config.data_dir / "postgres").is_dir()


Check = Callable[[Patient], Iterable[Verdict]]


def python(_: Patient) -> Iterator[Verdict]:
    """The interpreter and the packages beside it."""
    yield Verdict("python", "ok", sys.version.split()[0])
    pairs = {"Python packages": ("requirements/base.txt", ".venv/ess/base.txt"),
             "browser packages": ("package-lock.json", ".venv/ess/package-lock.json")}  # fmt: skip
    for about, (lock, stamp) in pairs.items():
        one, other = ROOT / lock, ROOT / stamp
        fresh = other.exists() and one.read_bytes() == other.read_bytes()
        mend = "" if fresh else "run ./ess up, or any other command: it installs them"
        yield Verdict(
            about, "ok" if fresh else "wrong", "as locked" if fresh else f"differ from {lock}", mend
        )


def fonts(_: Patient) -> Iterator[Verdict]:
    """The Thai typefaces of pages and pictures."""
    found = any((ROOT / "node_modules" / "@ibm").glob("plex-sans-thai/fonts/**/*.woff2"))
    mend = "" if found else "remove node_modules and run ./ess up"
    yield Verdict("Thai fonts", "ok" if found else "wrong", "installed" if found else "missing", mend)


def data_folder(patient: Patient) -> Iterator[Verdict]:
    """Where everything is written."""
    folder = patient.config.data_dir
    try:
        writable_dir(folder)
    except Refusal as refusal:
        yield Verdict("data folder", "wrong", str(refusal), f"chown it to the service's user: {folder}")
        return
    free = shutil.disk_usage(folder).free
    if free < FREE_SPACE_BYTES:
        yield Verdict(
            "data folder", "wrong", f"only {free / 1024**3:.1f} GiB free in {folder}", "free or add space"
        )
    else:
        yield Verdict("data folder", "ok", f"{folder}, {free / 1024**3:.0f} GiB free")


def secret_key(patient: Patient) -> Iterator[Verdict]:
    """The signing key."""
    key = patient.config.secret_key
    if len(set(key)) < DISTINCT_LETTERS:
        yield Verdict("ESS_SECRET_KEY", "wrong", "not random", "make one: openssl rand -base64 48")
    else:
        kept = "given" if patient.config.secret_key_given else "generated, in the data folder"
        yield Verdict("secret key", "ok", kept)


def address(patient: Patient) -> Iterator[Verdict]:
    """The public address, on which QR codes and links depend."""
    url = patient.config.base_url
    if patient.config.production and not url.startswith("https://"):
        yield Verdict("ESS_BASE_URL", "wrong", f"{url} is not https", "set it to the public https address")
    else:
        yield Verdict("address", "ok", url)


def database(patient: Patient) -> Iterator[Verdict]:
    """Reachable, new enough, durable, migrated, its clock ours."""
    if not patient.has_database:
        yield Verdict("database", "note", "none yet", "./ess up creates it")
        return
    if patient.trouble:
        yield Verdict(
            "database", "wrong", patient.trouble, "see the line above, and postgres.log in the data folder"
        )
        return
    try:
        facts = _database_facts(database_url(patient.config))
    except Refusal as refusal:
        yield Verdict("database", "wrong", str(refusal), "start the database, or correct DATABASE_URL")
        return
    yield Verdict("database", "ok", f"PostgreSQL {facts['version'] // 10000}")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        if facts[setting] == "off":
            mend = f"set {setting} = on: with it off, an acknowledged report can be lost"
            yield Verdict(setting, "wrong", "off", mend)
    if facts["connections"] < CONNECTIONS:
        found, mend = f"max_connections is {facts['connections']}", f"raise it to {CONNECTIONS} or more"
        yield Verdict("connections", "note", found, mend)
    if abs(facts["now"] - now()) > CLOCK_TOLERANCE:
        yield Verdict("clock", "wrong", "the database's clock differs from ours", "run NTP on both machines")
    yield from _migrations()


def _database_facts(url: str) -> dict[str, Any]:
    import psycopg

    from esshelpme.platform.probe import check_database

    version = check_database(url)
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit'),"
            " current_setting('full_page_writes'), current_setting('max_connections')::int, clock_timestamp()"
        ).fetchone()
    assert row is not None
    names = ("fsync", "synchronous_commit", "full_page_writes", "connections", "now")
    return {"version": version, **dict(zip(names, row, strict=True))}


def _migrations() -> Iterator[Verdict]:
    import django

    from esshelpme.cli.migrations import pending

    django.setup()
    if count := pending():
        yield Verdict("migrations", "wrong", f"{count} not applied", "./ess up applies them")
    else:
        yield Verdict("migrations", "ok", "all applied")


def running(patient: Patient) -> Iterator[Verdict]:
    """Does the program run here, and do its workers beat."""
    home = patient.config.data_dir
    if not home.is_dir() or not supervised(home):
        yield Verdict("program", "note", "not running on this data folder", "./ess up starts it")
        return
    url = up_lock(home).read().partition(" ")[2]
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5):  # noqa: S310  # our own address
            yield Verdict("program", "ok", f"ready at {url}")
    except urllib.error.HTTPError as error:
        yield Verdict(
            "program", "wrong", f"not ready: {error.read(2000).decode('utf-8', 'replace')}", "see its log"
        )
    except OSError as error:
        yield Verdict("program", "wrong", f"does not answer at {url} ({error})", "see its log")


def line(patient: Patient) -> Iterator[Verdict]:
    """The LINE official account."""
    config = patient.config
    if config.simulated:
        yield Verdict(
            "LINE", "note", "no credentials: the simulator plays LINE", "docs/operations.md, 'LINE'"
        )
        return
    try:
        bot = _line(config, "/v2/bot/info")
        hook = _line(config, "/v2/bot/channel/webhook/endpoint")
    except urllib.error.HTTPError as error:
        mend = (
            "issue a new one in LINE's console" if error.code == 401 else "try again; see LINE's status page"
        )
        yield Verdict("ESS_LINE_CHANNEL_ACCESS_TOKEN", "wrong", f"LINE answers {error.code}", mend)
        return
    except OSError as error:
        yield Verdict(
            "LINE", "wrong", f"{config.line_api_base_url} cannot be reached ({error})", "open the firewall"
        )
        return
    yield Verdict("LINE account", "ok", f"{bot.get('displayName', '?')} {bot.get('basicId', '')}")
    if config.line_basic_id not in {None, bot.get("basicId"), bot.get("premiumId")}:
        found = f"is {config.line_basic_id}, LINE says {bot.get('basicId')}"
        yield Verdict("ESS_LINE_BASIC_ID", "wrong", found, "set it to what LINE says")
    if bot.get("chatMode") == "chat":
        mend = "LINE Official Account Manager → Settings → Response settings: switch Chat off"
        yield Verdict(
            "LINE chat mode", "wrong", "people's messages wait for a person in LINE's own chat", mend
        )
    wanted = f"{config.base_url}/line/webhook"
    if hook.get("endpoint") != wanted or not hook.get("active"):
        found = f"{hook.get('endpoint') or 'none'} ({'in use' if hook.get('active') else 'switched off'})"
        yield Verdict(
            "LINE webhook",
            "wrong",
            f"{found}, should be {wanted}",
            "./ess line setup; switch 'Use webhook' on",
        )
    else:
        yield Verdict("LINE webhook", "ok", wanted)


def _line(config: Config, path: str) -> dict[str, Any]:
    order = urllib.request.Request(  # noqa: S310  # http or https only: the configuration checks it
        config.line_api_base_url + path, headers={"Authorization": f"Bearer {config.line_account.token}"}
    )
    with urllib.request.urlopen(order, timeout=10) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
        return answer


def browser(_: Patient) -> Iterator[Verdict]:
    """Only developers need it."""
    found = find_chromium()
    if found:
        yield Verdict("Chromium", "ok", str(found))
    else:
        yield Verdict(
            "Chromium", "note", "not found (only ./ess test needs it)", f"apt-get install {PACKAGE}"
        )


CHECKS: Final[tuple[Check, ...]] = (
    python,
    fonts,
    data_folder,
    secret_key,
    address,
    database,
    running,
    line,
    browser,
)
