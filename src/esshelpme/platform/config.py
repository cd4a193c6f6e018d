"""The environment, read once into one frozen value (the variables are listed in docs/operations.md).

Nothing else in the program reads `os.environ`. Wrong values raise ConfigError with one line naming the
variable.
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
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from esshelpme.platform.environment import Environment, split_url
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
    database_pool: int
    """Connections each process keeps to the database; 0: one for each use."""
    proxies: int
    """How many reverse proxies of our own stand in front and add to X-Forwarded-For."""
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
        """Host names that requests may carry.

        Local: any. Production: the public one, loopback, and the listed.
        """
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
        # Port 0 refuses at once: a simulator that does not run must never let a message leave for the real
        # LINE.
        return f"http://127.0.0.1:{self.simulator_port or 0}"


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read `environ`, by default the process's own.

    Raises ConfigError for the first variable that is wrong or missing.
    """
    read = Environment(os.environ if environ is None else environ)
    production = read.choice("ESS_ENV", ("local", "production")) == "production"
    line = read.pair("ESS_LINE_CHANNEL_SECRET", "ESS_LINE_CHANNEL_ACCESS_TOKEN")
    outreach = read.pair("ESS_LINE_OUTREACH_CHANNEL_SECRET", "ESS_LINE_OUTREACH_CHANNEL_ACCESS_TOKEN")
    login = read.pair("ESS_LINE_LOGIN_CHANNEL_ID", "ESS_LINE_LOGIN_CHANNEL_SECRET")
    if production and line is None:
        raise ConfigError(
            "ESS_LINE_CHANNEL_SECRET and ESS_LINE_CHANNEL_ACCESS_TOKEN are required when "
            "ESS_ENV=production: the simulator never plays LINE there."
        )
    log = read.choice("ESS_LOG", ("json", "text"))
    pmtiles = read.text("ESS_MAP_PMTILES")
    return Config(
        env="production" if production else "local",
        data_dir=Path(read.text("ESS_DATA_DIR") or ROOT / "var").expanduser().absolute(),
        database_url_given=_database_url(read),
        secret_key_given=_secret_key(read, required=production),
        base_url=read.url("ESS_BASE_URL") or f"http://127.0.0.1:{read.number('ESS_PORT', 1, 65535) or 8000}",
        line_account_given=LineAccount(*line) if line else None,
        line_api_base_url_given=read.url("ESS_LINE_API_BASE_URL"),
        line_data_base_url_given=read.url("ESS_LINE_DATA_BASE_URL"),
        line_basic_id=_basic_id(read),
        line_liff_id=read.text("ESS_LINE_LIFF_ID"),
        line_outreach=LineAccount(*outreach) if outreach else None,
        line_login=LoginChannel(*login) if login else None,
        allowed_hosts_given=read.words("ESS_ALLOWED_HOSTS"),
        time_zone=_time_zone(read),
        map_style_url=read.url("ESS_MAP_STYLE_URL"),
        map_pmtiles=Path(pmtiles) if pmtiles else None,
        simulator_port=read.number("ESS_SIM_PORT", 1, 65535),
        web_workers=read.number("ESS_WEB_WORKERS", 1, 64) or 1,
        database_pool=_or(read.number("ESS_DATABASE_POOL", 0, 100), 10),
        proxies=read.number("ESS_PROXIES", 0, 5) or 0,
        log_json=None if log is None else log == "json",
    )


def _database_url(read: Environment) -> str | None:
    value = read.text("DATABASE_URL")
    if value is not None:
        parts = split_url("DATABASE_URL", value)
        if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
            wanted = "postgresql://user:password@host:5432/name (PostgreSQL 15 or later)"
            raise ConfigError(f"DATABASE_URL must look like {wanted}.")
    return value


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _secret_key(read: Environment, *, required: bool) -> str | None:
    value = read.text("ESS_SECRET_KEY")
    if value is None and required:
        wanted = f"{SECRET_KEY_LENGTH} or more random characters"
        raise ConfigError(f"ESS_SECRET_KEY is required when ESS_ENV=production: {wanted}.")
    if value is not None and len(value) < SECRET_KEY_LENGTH:
        raise ConfigError(
            f"ESS_SECRET_KEY must have at least {SECRET_KEY_LENGTH} characters; it has {len(value)}."
        )
    return value


def _basic_id(read: Environment) -> str | None:
    value = read.text("ESS_LINE_BASIC_ID")
    if value is not None and not value.startswith("@"):
        raise ConfigError(f"ESS_LINE_BASIC_ID must start with @, not {value!r}.")
    return value


def _time_zone(read: Environment) -> str:
    value = read.text("ESS_TIME_ZONE") or "Asia/Bangkok"
    if value not in available_timezones():
        raise ConfigError(f"ESS_TIME_ZONE must be a name such as Asia/Bangkok, not {value!r}.")
    return value


@lru_cache(maxsize=1)
def current() -> Config:
    """The configuration of this process. Tests that change the environment call `current.cache_clear()`."""
    return load()
