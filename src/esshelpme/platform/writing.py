"""One transaction, its writes gathered: rows of one table go in one statement at the end.

    with writing():
        gather(outbox_rows, row)          # inserted with its like when the block ends

Within the block one step of an incident may append ten timeline rows and six messages; each table is written once.
Blocks nest: the outermost writes. An exception writes nothing, and rolls the transaction back. Outside of any block
what is gathered is written at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

Write = Callable[[list[Any]], object]


class _Local(threading.local):
    gathered: dict[Write, list[Any]] | None = None
    kept: dict[Any, Any]


_local = _Local()


@contextmanager
def writing() -> Iterator[None]:
    """Open a transaction, or join the one that an outer block opened."""
    if _local.gathered is not None:
        yield
        return
    with transaction.atomic():
        _local.gathered, _local.kept = {}, {}
        try:
            yield
            _write_all()
        finally:
            _local.gathered, _local.kept = None, {}


def gather(write: Write, row: Any) -> None:
    """Hand a row to `write`, together with all others for it, when the block ends; now, outside of a block."""
    if _local.gathered is None:
        write([row])
    else:
        _local.gathered.setdefault(write, []).append(row)


def kept(key: Any, make: Callable[[], Any]) -> Any:
    """The one object for `key` in this block (an incident is one object, however often it is fetched)."""
    if _local.gathered is None:
        return make()
    if key not in _local.kept:
        _local.kept[key] = make()
    return _local.kept[key]


def held(key: Any) -> Any | None:
    """What this block keeps for `key`, or None."""
    return None if _local.gathered is None else _local.kept.get(key)


def keep(key: Any, value: Any) -> None:
    """Make `value` the one object for `key` in this block."""
    if _local.gathered is not None:
        _local.kept[key] = value


def _write_all() -> None:
    # A write may gather more (never endlessly: each adds rows for tables further down).
    while _local.gathered:
        write = next(iter(_local.gathered))
        write(_local.gathered.pop(write))
