"""Keeps a table of processes running: starts them stage by stage, restarts what ends, stops all cleanly.

Without a dependency, and without a state of its own: a kill -9 of the supervisor ends its children too (the
kernel tells them), and the next start finds what they left.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from esshelpme.platform.errors import Refusal
from esshelpme.platform.journal import Journal
from esshelpme.platform.processes import Process, Running


class Supervisor:
    """Runs rows of `Process`. Use from one event loop: `start` each stage, `wait`, `stop`."""

    def __init__(self, *, env: Mapping[str, str], cwd: Path, journal: Journal) -> None:
        self._env = env
        self._cwd = cwd
        self._journal = journal
        self._running: list[Running] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._told_to_stop = asyncio.Event()

    def listen(self) -> None:
        """Stop on SIGTERM, SIGINT and SIGHUP; a second one ends everything by force."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(name, self._told)

    def _told(self) -> None:
        if self._told_to_stop.is_set():
            for running in self._running:
                running.kill()
        self._told_to_stop.set()

    @property
    def stopping(self) -> bool:
        """Whether somebody asked us to stop."""
        return self._told_to_stop.is_set()

    async def start(self, processes: Sequence[Process]) -> None:
        """Start rows, lower stages first; each stage is ready before the next one starts.

        Returns early when told to stop meanwhile. Raises Refusal when a row with a `ready` ends five times
        before it is ready even once.
        """
        ordered = sorted(processes, key=lambda row: row.stage)
        for _, rows in groupby(ordered, key=lambda row: row.stage):
            stage = [self._run(row) for row in rows]
            for running in stage:
                if running.process.ready is not None:
                    await self._until_ready(running)
            if self.stopping:
                return

    async def once(self, process: Process) -> int:
        """Run a row to its end, once (a preparation).

        Returns its exit status, 130 when told to stop meanwhile.
        """
        running = Running(
            process, env=self._env, cwd=self._cwd, out=self._journal.line, note=self._journal.note
        )
        self._running.append(running)
        living = asyncio.create_task(running.live_once())
        await self._first(living)
        if not living.done():
            await running.stop()
        self._running.remove(running)
        status = await living
        return 130 if self.stopping else status

    async def wait(self) -> None:
        """Until told to stop."""
        await self._told_to_stop.wait()

    async def stop(self) -> None:
        """Stop everything, later stages first."""
        ordered = sorted(self._running, key=lambda running: -running.process.stage)
        for _, stage in groupby(ordered, key=lambda running: running.process.stage):
            await asyncio.gather(*(running.stop() for running in stage))
        await asyncio.gather(*self._keepers)

    def pids(self) -> dict[str, int | None]:
        """Process name → number, for tests and curious people."""
        return {running.process.name: running.pid for running in self._running}

    def _run(self, process: Process) -> Running:
        running = Running(
            process, env=self._env, cwd=self._cwd, out=self._journal.line, note=self._journal.note
        )
        self._running.append(running)
        self._keepers.append(asyncio.create_task(running.keep(), name=process.name))
        return running

    async def _until_ready(self, running: Running) -> None:
        serving = asyncio.create_task(running.serving())
        while not serving.done() and not self.stopping:
            await self._first(serving, patience=0.2)
            if running.restarts >= 5 and not serving.done():
                serving.cancel()
                raise Refusal(f"'{running.process.name}' does not start: see the lines above.")
        serving.cancel()

    async def _first(self, task: asyncio.Task[object], patience: float | None = None) -> None:
        told = asyncio.create_task(self._told_to_stop.wait())
        await asyncio.wait({task, told}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
