"""The environment: what each variable means, and the one line told for each wrong value."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from esshelpme.platform.config import LINE_API, ROOT, load
from esshelpme.platform.errors import ConfigError

KEY = "k3y" * 20
LINE = {"ESS_LINE_CHANNEL_SECRET": "secret", "ESS_LINE_CHANNEL_ACCESS_TOKEN": "token"}
PRODUCTION = {"ESS_ENV": "production", "ESS_SECRET_KEY": KEY, **LINE}


def test_nothing_set_is_a_local_installation_with_a_simulated_line() -> None:
    config = load({})
    assert config.env == "local"
    assert config.data_dir == ROOT / "var"
    assert config.database_url_given is None
    assert config.base_url == "http://127.0.0.1:8000"
    assert config.simulated
    assert config.time_zone == "Asia/Bangkok"


def test_empty_counts_as_unset() -> None:
    assert load({"DATABASE_URL": " ", "ESS_ENV": ""}) == load({})


def test_production_with_all_it_needs() -> None:
    config = load(
        {**PRODUCTION, "ESS_BASE_URL": "https://ess.example.go.th/", "ESS_ALLOWED_HOSTS": "a.th, b.th"}
    )
    assert config.production
    assert not config.simulated
    assert config.base_url == "https://ess.example.go.th"
    assert config.line_api_base_url == LINE_API
    assert {"ess.example.go.th", "a.th", "b.th"} <= set(config.allowed_hosts)
    assert "*" not in config.allowed_hosts


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"ESS_ENV": "prod"}, "ESS_ENV must be 'local' or 'production'"),
        ({"ESS_ENV": "production", **LINE}, "ESS_SECRET_KEY is required"),
        ({"ESS_ENV": "production", "ESS_SECRET_KEY": KEY}, "ESS_LINE_CHANNEL_SECRET and"),
        ({"ESS_ENV": "production", "ESS_SECRET_KEY": "short", **LINE}, "at least 50 characters; it has 5"),
        ({"ESS_LINE_CHANNEL_SECRET": "x"}, "ESS_LINE_CHANNEL_ACCESS_TOKEN is missing"),
        ({"ESS_LINE_CHANNEL_ACCESS_TOKEN": "x"}, "ESS_LINE_CHANNEL_SECRET is missing"),
        ({"ESS_LINE_OUTREACH_CHANNEL_SECRET": "x"}, "ESS_LINE_OUTREACH_CHANNEL_ACCESS_TOKEN is missing"),
        ({"ESS_LINE_LOGIN_CHANNEL_ID": "1"}, "ESS_LINE_LOGIN_CHANNEL_SECRET is missing"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must look like postgresql://"),
        ({"DATABASE_URL": "postgresql://host:port/x"}, "DATABASE_URL is not a valid address"),
        ({"DATABASE_URL": "postgresql://host"}, "DATABASE_URL must look like postgresql://"),
        ({"ESS_BASE_URL": "ess.example.go.th"}, "ESS_BASE_URL must be an address"),
        ({"ESS_LINE_BASIC_ID": "esshelpme"}, "ESS_LINE_BASIC_ID must start with @"),
        ({"ESS_WEB_WORKERS": "0"}, "ESS_WEB_WORKERS must be a whole number from 1 to 64"),
        ({"ESS_WEB_WORKERS": "๓"}, "ESS_WEB_WORKERS must be a whole number"),
        ({"ESS_LOG": "xml"}, "ESS_LOG must be 'json' or 'text'"),
        ({"ESS_TIME_ZONE": "Bangkok"}, "ESS_TIME_ZONE must be a name such as Asia/Bangkok"),
    ],
)
def test_a_wrong_value_is_told_in_one_line_naming_the_variable(environ: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(environ)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_the_secret_key_is_made_once_and_kept_to_ourselves(tmp_path: Path) -> None:
    first = load({"ESS_DATA_DIR": str(tmp_path)}).secret_key
    assert len(first) >= 50
    assert load({"ESS_DATA_DIR": str(tmp_path)}).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_the_simulator_gets_credentials_of_this_installation_alone(tmp_path: Path) -> None:
    one = load({"ESS_DATA_DIR": str(tmp_path / "a"), "ESS_SIM_PORT": "4321"})
    other = load({"ESS_DATA_DIR": str(tmp_path / "b")})
    assert one.line_account != other.line_account
    assert one.line_api_base_url == "http://127.0.0.1:4321"


def test_without_its_simulator_a_simulated_installation_can_never_reach_the_real_line() -> None:
    assert "line.me" not in load({}).line_api_base_url
    assert "line.me" not in load({}).line_data_base_url
