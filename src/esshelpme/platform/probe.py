"""Does the database answer, and is it one that we can run on."""

from __future__ import annotations

from typing import Final

from esshelpme.platform.dsn import OLDEST_SERVER, without_password
from esshelpme.platform.errors import Refusal

TIMEOUT_S: Final = 10


def check_database(url: str) -> int:
    """The server's version number (such as 180006). Raises Refusal in one line when it cannot be used."""
    import psycopg  # noqa: PLC0415  # heavy, and this module is imported before anything is installed

    try:
        with psycopg.connect(url, connect_timeout=TIMEOUT_S) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        reason = (str(error).strip().splitlines() or ["no answer"])[-1]
        raise Refusal(f"DATABASE_URL: no connection to {without_password(url)}: {reason}") from None
    except psycopg.Error as error:
        raise Refusal(f"DATABASE_URL cannot be understood: {str(error).strip().splitlines()[0]}") from None
    if version < OLDEST_SERVER:
        raise Refusal(
            f"DATABASE_URL: PostgreSQL 15 or later is needed; {without_password(url)} is {version // 10000}."
        )
    return version
