"""PostgreSQL addresses: from a URL to what Django and psycopg want."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

OLDEST_SERVER: Final = 150000
"""`server_version_num` of the oldest PostgreSQL that we run on: 15."""


def django_database(url: str) -> dict[str, Any]:
    """A PostgreSQL URL as an entry of Django's DATABASES, without pooling.

    `host` in the query names a socket folder and wins over the one before the path; every other key goes to
    libpq.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    port = options.pop("port", None) or parts.port or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "OPTIONS": options,
    }


def socket_url(*, user: str, password: str, name: str, folder: str) -> str:
    """The URL of a database behind the Unix socket in `folder`."""
    who, secret, database, host = (quote(part, safe="") for part in (user, password, name, folder))
    return f"postgresql://{who}:{secret}@/{database}?host={host}"


def without_password(url: str) -> str:
    """`url` as it may be shown: host, port and name, never the user's password."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.get("host") or parts.hostname or "localhost"
    port = f":{parts.port}" if parts.port else ""
    return f"{host}{port}/{unquote(parts.path.lstrip('/'))}"
