"""The environment, read once into one frozen value (the variables are listed in docs/operations.md).

Nothing else in the program reads `os.environ`. Wrong values raise ConfigError with one line naming the variable.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from esshelpme.platform.errors import ConfigError
from esshelpme.platform.files import private_text, writable_dir
from esshelpme.platform.ids import new_secret

ROOT: Final = Path(__file__).resolve().parents[3]
"""The clone: where `ess`, `.venv` and `node_modules` live."""

LINE_API: Final = "https://api.line.me"
LINE_DATA_API: Final = "https://api-data.line.me"
SECRET_KEY_LENGTH: Final = 50


@dataclass(frozen=True)
class LineAccount:
    """One LINE official account's credentials."""

    secret: str
    token: str


@dataclass(frozen=True)
class LoginChannel:
    """LINE Login, by which responders sign in."""

    channel_id: str
    secret: str


@dataclass(frozen=True)
class Config:
    """Everything the environment may say. Empty variables count as unset."""

    env: Literal["local", "production"]
    data_dir: Path
    database_url_given: str | None
    secret_key_given: str | None
    base_url: str
    line_account_given: LineAccount | None
    line_api_base_url_given: str | None
    line_data_base_url_given: str | None
    line_basic_id: str | None
    line_liff_id: str | None
    line_outreach: LineAccount | None
    line_login: LoginChannel | None
    allowed_hosts_given: tuple[str, ...]
    time_zone: str
    map_style_url: str | None
    map_pmtiles: Path | None
    simulator_port: int | None
    web_workers: int
    log_json: bool | None
    """True: JSON lines; False: lines for people; None: decide by whether standard output is a terminal."""

    @property
    def production(self) -> bool:
        """Whether this is a real service with real people in it."""
        return self.env == "production"

    @property
    def simulated(self) -> bool:
        """Whether the built-in simulator plays LINE. Never in production."""
        return self.line_account_given is None

    @cached_property
    def secret_key(self) -> str:
        """The signing key: given, or generated once into the data folder (never in production)."""
        if self.secret_key_given is not None:
            return self.secret_key_given
        return private_text(writable_dir(self.data_dir) / "secret-key", lambda: new_secret(384))

    @property
    def allowed_hosts(self) -> list[str]:
        """Host names that requests may carry. Local: any. Production: the public one, loopback, and the listed."""
        if not self.production:
            return ["*"]
        public = urlsplit(self.base_url).hostname or ""
        return [public, "127.0.0.1", "localhost", "[::1]", *self.allowed_hosts_given]

    @property
    def line_login_channel_id(self) -> str | None:
        """LINE Login's channel id, when configured."""
        return self.line_login.channel_id if self.line_login else None

    @property
    def line_login_channel_secret(self) -> str | None:
        """LINE Login's channel secret, when configured."""
        return self.line_login.secret if self.line_login else None

    def derived(self, purpose: str) -> str:
        """A key of its own for `purpose` (64 hex digits), from the signing key by HMAC-SHA256."""
        return hmac.new(self.secret_key.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    @cached_property
    def line_account(self) -> LineAccount:
        """LINE's credentials; with the simulator, ones that only this installation knows."""
        if self.line_account_given is not None:
            return self.line_account_given
        return LineAccount(self.derived("simulator channel secret"), self.derived("simulator access token"))

    @property
    def line_api_base_url(self) -> str:
        """Where replies and pushes go, without a trailing slash."""
        return self.line_api_base_url_given or self._simulator_url or LINE_API

    @property
    def line_data_base_url(self) -> str:
        """Where the content of photos and voice is fetched, without a trailing slash."""
        return self.line_data_base_url_given or self._simulator_url or LINE_DATA_API

    @property
    def _simulator_url(self) -> str | None:
        if not self.simulated:
            return None
        # Port 0 refuses at once: a simulator that does not run must never let a message leave for the real LINE.
        return f"http://127.0.0.1:{self.simulator_port or 0}"


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read `environ` (default: the process's own). Raises ConfigError for the first variable that is wrong or missing."""
    environ = os.environ if environ is None else environ

    def text(name: str) -> str | None:
        return environ.get(name, "").strip() or None

    def number(name: str, default: int | None, low: int, high: int) -> int | None:
        value = text(name)
        if value is None:
            return default
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
        return int(value)

    def url(name: str) -> str | None:
        value = text(name)
        if value is None:
            return None
        parts = _split(name, value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigError(f"{name} must be an address such as https://example.go.th, not {value!r}.")
        return value.rstrip("/")

    def pair(first: str, second: str) -> tuple[str, str] | None:
        a, b = text(first), text(second)
        if (a is None) != (b is None):
            missing, there = (first, second) if a is None else (second, first)
            raise ConfigError(f"{missing} is missing: {there} is set, and the two only work together.")
        return None if a is None or b is None else (a, b)

    env = text("ESS_ENV") or "local"
    if env not in {"local", "production"}:
        raise ConfigError(f"ESS_ENV must be 'local' or 'production', not {env!r}.")
    database = text("DATABASE_URL")
    if database is not None and _split("DATABASE_URL", database).scheme not in {"postgres", "postgresql"}:
        raise ConfigError(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name (PostgreSQL 15 or later)."
        )
    secret_key = text("ESS_SECRET_KEY")
    if secret_key is not None and len(secret_key) < SECRET_KEY_LENGTH:
        raise ConfigError(
            f"ESS_SECRET_KEY must have at least {SECRET_KEY_LENGTH} characters; it has {len(secret_key)}."
        )
    line = pair("ESS_LINE_CHANNEL_SECRET", "ESS_LINE_CHANNEL_ACCESS_TOKEN")
    outreach = pair("ESS_LINE_OUTREACH_CHANNEL_SECRET", "ESS_LINE_OUTREACH_CHANNEL_ACCESS_TOKEN")
    login = pair("ESS_LINE_LOGIN_CHANNEL_ID", "ESS_LINE_LOGIN_CHANNEL_SECRET")
    if env == "production":
        if secret_key is None:
            raise ConfigError(
                "ESS_SECRET_KEY is required when ESS_ENV=production: 50 or more random characters."
            )
        if line is None:
            raise ConfigError(
                "ESS_LINE_CHANNEL_SECRET and ESS_LINE_CHANNEL_ACCESS_TOKEN are required when ESS_ENV=production: "
                "the simulator never plays LINE there."
            )
    basic_id = text("ESS_LINE_BASIC_ID")
    if basic_id is not None and not basic_id.startswith("@"):
        raise ConfigError(f"ESS_LINE_BASIC_ID must start with @, not {basic_id!r}.")
    log = text("ESS_LOG")
    if log not in {None, "json", "text"}:
        raise ConfigError(f"ESS_LOG must be 'json' or 'text', not {log!r}.")
    zone = text("ESS_TIME_ZONE") or "Asia/Bangkok"
    if zone not in available_timezones():
        raise ConfigError(f"ESS_TIME_ZONE must be a name such as Asia/Bangkok, not {zone!r}.")
    pmtiles = text("ESS_MAP_PMTILES")
    port = number("ESS_PORT", 8000, 1, 65535)
    return Config(
        env="production" if env == "production" else "local",
        data_dir=Path(text("ESS_DATA_DIR") or ROOT / "var").expanduser().absolute(),
        database_url_given=database,
        secret_key_given=secret_key,
        base_url=url("ESS_BASE_URL") or f"http://127.0.0.1:{port}",
        line_account_given=LineAccount(*line) if line else None,
        line_api_base_url_given=url("ESS_LINE_API_BASE_URL"),
        line_data_base_url_given=url("ESS_LINE_DATA_BASE_URL"),
        line_basic_id=basic_id,
        line_liff_id=text("ESS_LINE_LIFF_ID"),
        line_outreach=LineAccount(*outreach) if outreach else None,
        line_login=LoginChannel(*login) if login else None,
        allowed_hosts_given=tuple(
            name for name in (text("ESS_ALLOWED_HOSTS") or "").replace(",", " ").split()
        ),
        time_zone=zone,
        map_style_url=url("ESS_MAP_STYLE_URL"),
        map_pmtiles=Path(pmtiles) if pmtiles else None,
        simulator_port=number("ESS_SIM_PORT", None, 1, 65535),
        web_workers=number("ESS_WEB_WORKERS", 1, 1, 64) or 1,
        log_json=None if log is None else log == "json",
    )


def _split(name: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"{name} is not a valid address: {error}.") from error
    return parts


@lru_cache(maxsize=1)
def current() -> Config:
    """The configuration of this process. Tests that change the environment call `current.cache_clear()`."""
    return load()
