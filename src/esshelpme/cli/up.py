"""Start everything and stay in the foreground.

Database, migrations, demonstration data, web, workers and timers, under one supervisor that restarts what
ends. Ctrl-C or SIGTERM stops everything that was started. The environment is described in docs/operations.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from esshelpme.cli.options import port
from esshelpme.cli.processes import Layout, database, preparation, program
from esshelpme.platform.cluster import Cluster
from esshelpme.platform.config import ROOT, Config, load
from esshelpme.platform.errors import Refusal
from esshelpme.platform.files import writable_dir
from esshelpme.platform.journal import SUPERVISED, Journal, as_json
from esshelpme.platform.ports import free_port, refuse_if_taken
from esshelpme.platform.postgres import take_over, up_lock
from esshelpme.platform.supervisor import Supervisor

UNCLEAN_PATIENCE_S = 10
"""After a kill -9 the former web server may hold its port for as long as it takes to end its requests."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen, and whether to load the demonstration data."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=port, default=8000, help="port to listen on (default: %(default)s; 0: any free one)"
    )
    parser.add_argument("--no-demo", action="store_true", help="do not load the demonstration data")


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop. Raises Refusal, in one line, when that cannot be."""
    config = load({**os.environ, "ESS_PORT": str(options.port or 8000)})
    home = writable_dir(config.data_dir)
    lock = up_lock(home)
    if not lock.acquire(timeout=1.0):  # a command that merely looks holds it for a moment
        raise Refusal(
            f"ESS Help Me already runs on {home} (process {lock.read().partition(' ')[0] or 'unknown'}): "
            "stop it first, or set ESS_DATA_DIR to another folder."
        )
    try:
        unclean = lock.read() != ""
        layout = _layout(config, options.host, options.port, patience=UNCLEAN_PATIENCE_S if unclean else 0)
        lock.note(f"{os.getpid()} {layout.local_url}")
        journal = Journal(machine=as_json(config.log_json), colour=sys.stdout.isatty())
        status = asyncio.run(_serve(layout, journal, demo=not (options.no_demo or config.production)))
        lock.note("")
        return status
    finally:
        lock.release()


def _layout(config: Config, host: str, port: int, *, patience: float) -> Layout:
    deadline = time.monotonic() + patience
    port = port or free_port()
    while True:
        try:
            refuse_if_taken(host, port)
            break
        except Refusal:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.2)
    simulator_port = free_port() if config.simulated else None
    layout = Layout(config=config, host=host, port=port, simulator_port=simulator_port)
    if "ESS_BASE_URL" not in os.environ:
        layout = replace(layout, config=replace(config, base_url=f"http://127.0.0.1:{port}"))
    return layout


async def _serve(layout: Layout, journal: Journal, *, demo: bool) -> int:
    begin = time.monotonic()
    supervisor = Supervisor(env=_environment(layout, journal), cwd=ROOT, journal=journal)
    supervisor.listen()
    try:
        await _database(layout.config, supervisor, journal)
        with tempfile.TemporaryDirectory(prefix="ess-up-") as scratch:
            shown = Path(scratch) / "demo"
            step = preparation(demo=demo)
            status = await supervisor.once(replace(step, env={**step.env, "ESS_PREPARED": str(shown)}))
            if supervisor.stopping:
                return 0
            if status:
                raise Refusal("The database could not be prepared: see the lines above.")
            logins = shown.read_text(encoding="utf-8") if shown.exists() else ""
        await supervisor.start(program(layout))
        if not supervisor.stopping:
            journal.say(_welcome(layout, logins, time.monotonic() - begin))
        await supervisor.wait()
        journal.say("Stopping…")
        return 0
    finally:
        await supervisor.stop()


async def _database(config: Config, supervisor: Supervisor, journal: Journal) -> None:
    if config.database_url_given is not None:
        from esshelpme.platform.probe import check_database

        await asyncio.to_thread(check_database, config.database_url_given)
        return
    cluster = Cluster(config.data_dir, say=journal.say)
    await asyncio.to_thread(take_over, cluster, journal.say)
    await supervisor.start([database(cluster)])


def _environment(layout: Layout, journal: Journal) -> dict[str, str]:
    config = layout.config
    own = {
        "DJANGO_SETTINGS_MODULE": "esshelpme.site.settings",
        "ESS_DATA_DIR": str(config.data_dir),
        "ESS_PORT": str(layout.port),
        "ESS_BASE_URL": config.base_url,
        "ESS_LOG": "json" if journal.machine else "text",
        SUPERVISED: "colour" if journal.colour else "plain",
        "PYTHONUNBUFFERED": "1",
    }
    if layout.simulator_port is not None:
        own["ESS_SIM_PORT"] = str(layout.simulator_port)
    return {**os.environ, **own}


def _welcome(layout: Layout, logins: str, seconds: float) -> str:
    base = layout.config.base_url
    rows = [
        ("Start here", f"{base}/"),
        ("Console", f"{base}/console/"),
        ("Report form", f"{base}/r"),
        ("API", f"{base}/api/v1/openapi.json"),
    ]
    if layout.simulator_port is not None:
        rows.insert(1, ("Simulator", f"{base}/sim/"))
    lines = ["", f"ESS Help Me is running ({seconds:.0f} s).", *(f"  {name:<12} {url}" for name, url in rows)]
    if logins.strip():
        lines += ["", *(f"  {line}" for line in logins.strip().splitlines())]
    return "\n".join([*lines, "", "Ctrl-C stops everything.", ""])
