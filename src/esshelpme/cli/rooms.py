"""What the commands share.

Django set up, the database running, a room's function found by its dotted name.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from esshelpme.platform.config import current
from esshelpme.platform.errors import Refusal
from esshelpme.platform.postgres import in_use


def tell(line: str) -> None:
    """A line for the person: standard output belongs to the command's result."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def program() -> Iterator[None]:
    """Django ready, the database running and migrated, for the length of the block.

    Raises Refusal otherwise.
    """
    from esshelpme.platform.logs import set_up

    config = current()
    set_up(log_json=config.log_json)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esshelpme.site.settings")
    with in_use(config, tell):
        import django
        from django.db import OperationalError

        from esshelpme.cli.migrations import alone, apply_pending, pending

        django.setup()
        try:
            if pending():
                with alone():
                    apply_pending(tell)
        except OperationalError as error:
            reason = (str(error).strip().splitlines() or ["no answer"])[-1]
            raise Refusal(f"The database does not answer: {reason}") from None
        yield


def function(dotted: str) -> Callable[..., Any]:
    """`package.module.name` as the function it names."""
    module, _, name = dotted.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def existing_file(text: str) -> Path:
    """An argument that must name a readable file. Raises Refusal in one line."""
    path = Path(text)
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise Refusal(f"cannot read {text}: {error.strerror}.") from None
