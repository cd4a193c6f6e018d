"""Does the database answer, and is it one that we can run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esshelpme.platform.dsn import OLDEST_SERVER, without_password
from esshelpme.platform.errors import Refusal

if TYPE_CHECKING:
    import psycopg

TIMEOUT_S: Final = 10

EXTENSIONS: Final = ("btree_gist", "cube", "pg_trgm")
"""What the migrations create: all are in Debian's package, and trusted, so no superuser is needed."""

_MISSING: Final = """
    SELECT wanted FROM unnest(%s::text[]) AS wanted
    WHERE wanted NOT IN (SELECT name FROM pg_available_extensions)
"""
_MAY_CREATE: Final = """
    SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
       AND has_database_privilege(current_database(), 'CREATE')
"""


def check_database(url: str) -> int:
    """The server's version number (such as 180006). Raises Refusal in one line when it cannot be used."""
    import psycopg  # noqa: PLC0415  # heavy, and this module is imported before anything is installed

    shown = without_password(url)
    try:
        with psycopg.connect(url, connect_timeout=TIMEOUT_S) as connection:
            return _usable(connection, shown)
    except psycopg.OperationalError as error:
        reason = (str(error).strip().splitlines() or ["no answer"])[-1]
        raise Refusal(f"DATABASE_URL: no connection to {shown}: {reason}") from None
    except psycopg.Error as error:
        raise Refusal(f"DATABASE_URL cannot be used: {str(error).strip().splitlines()[0]}") from None


def _usable(connection: psycopg.Connection[Any], shown: str) -> int:
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise Refusal(f"DATABASE_URL: PostgreSQL 15 or later is needed; {shown} is {version // 10000}.")
    missing = [row[0] for row in connection.execute(_MISSING, [list(EXTENSIONS)])]
    if missing:
        names = ", ".join(missing)
        raise Refusal(
            f"DATABASE_URL: {shown} lacks the extensions {names}: install PostgreSQL's contrib package."
        )
    row = connection.execute(_MAY_CREATE).fetchone()
    if row is None or not row[0]:
        advice = "make that user the database's owner"
        raise Refusal(f"DATABASE_URL: {connection.info.user} may not create tables in {shown}: {advice}.")
    return version
