"""Time: aware UTC everywhere inside, RFC 3339 at the edge."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC.

    Only surfaces and processes call it: rooms take `at=` as an argument.
    """
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """`moment` as RFC 3339 in UTC with six decimals and `Z`, as the API promises.

    Raises ValueError for a naive datetime: guessing its zone would shift somebody's night by seven hours.
    """
    if moment.tzinfo is None:
        raise ValueError("stamp() needs an aware datetime")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
