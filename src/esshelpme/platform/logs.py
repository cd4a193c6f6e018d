"""One log for the whole program: lines for people at a terminal, JSON for machines.

A process calls `set_up` once. Under the supervisor it writes bare lines, which the supervisor stamps with
time and process name; by itself it stamps its own. Events are short sentences with named facts:
`log.info("offer accepted", offer=…, unit=…)`. No word of a reporter, no name, phone or exact place belongs in
a log.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import Any, Final

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from esshelpme.platform.journal import PROCESS, SUPERVISED, as_json

_STATUS_PAGE: Final = re.compile(r"/t/[A-Za-z0-9_-]{16,}")
_QUIET: Final = {
    "django.request": logging.ERROR,
    "django.server": logging.ERROR,
    "procrastinate": logging.WARNING,
    "asyncio": logging.WARNING,
    "psycopg.pool": logging.ERROR,
}
"""Library → lowest level shown: what they say below it repeats what we log ourselves."""


def set_up(process: str = "ess", *, log_json: bool | None, level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's logs to standard error in one shape.

    `process` names who speaks when no supervisor did. `log_json`: as in `as_json`.
    """
    process = os.environ.get(PROCESS, process)
    supervised = SUPERVISED in os.environ
    machine = as_json(log_json)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _without_secrets,
        structlog.processors.StackInfoRenderer(),
    ]
    if machine:
        shared += [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
        ]
        if not supervised:
            shared.append(_name(process))
        renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        if not supervised:
            shared.append(structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False))
        colours = (supervised and os.environ.get(SUPERVISED) == "colour") or sys.stderr.isatty()
        # Plain: the other formatters print local variables, and these hold words, names and places.
        renderer = structlog.dev.ConsoleRenderer(
            colors=colours,
            pad_event_to=0,
            pad_level=False,
            exception_formatter=structlog.dev.plain_traceback,
        )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, lowest in _QUIET.items():
        logging.getLogger(name).setLevel(lowest)


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Addresses of status pages let whoever knows them act: libraries that log a failed request must not tell them."""
    event.pop("request", None)  # Django adds the whole request; its address is in the sentence
    for name, value in event.items():
        if isinstance(value, str) and "/t/" in value:
            event[name] = _STATUS_PAGE.sub("/t/…", value)
        elif name == "positional_args" and isinstance(value, tuple):
            event[name] = tuple(
                _STATUS_PAGE.sub("/t/…", part) if isinstance(part, str) else part for part in value
            )
    return event


def _name(process: str) -> Processor:
    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return add


def get(name: str) -> Any:
    """A logger for a module: `log = logs.get(__name__)`."""
    return structlog.stdlib.get_logger(name)
