"""One ASGI application on one port, by granian: `python -m esshelpme.platform.serve MODULE:NAME --port N`.

The worker process asks the kernel to end it when its parent dies, so that a kill -9 of the server never
leaves a worker behind that holds the port and answers with old code.
"""

from __future__ import annotations

import argparse
import importlib
import signal
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from esshelpme.platform.config import current
from esshelpme.platform.logs import set_up
from esshelpme.platform.unprivileged import die_with_parent

LONGEST_GOODBYE_S = 5
"""Live streams never end by themselves; after this many seconds a stopping worker is ended with them."""


def load(target: str) -> Any:
    """Import `module:name`, in the worker."""
    die_with_parent(signal.SIGKILL)
    set_up("web", log_json=current().log_json)
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    server = Granian(
        options.target,
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGI,
        workers=options.workers,
        websockets=False,
        log_level=LogLevels.error,  # its warnings tell of streams that a stop cuts
        respawn_failed_workers=options.workers
        > 1,  # one worker: its end is ours, and the supervisor restarts us
        respawn_interval=0.5,
        workers_kill_timeout=LONGEST_GOODBYE_S,
    )
    server.serve(target_loader=load)


if __name__ == "__main__":
    main()
