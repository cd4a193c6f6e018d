"""One supervised process: what it is, and its life from start to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from esshelpme.platform.journal import PROCESS
from esshelpme.platform.unprivileged import Identity, before_exec

FIRST_DELAY_S: Final = 0.2
LONGEST_DELAY_S: Final = 10.0
STEADY_S: Final = 30.0
"""A process that lived this long starts with the first delay again."""


@dataclass(frozen=True)
class Process:
    """A row of the supervisor's table.

    `env` is added to the supervisor's, or replaces it when `bare`. `stage` orders starting (low first) and
    stopping (high first). `before` runs, off the event loop, ahead of every start. `ready` tells when the
    process serves; rows of a later stage wait for it at the first start. `shows` picks the lines of output
    worth a person's time; None: all.
    """

    name: str
    command: Sequence[str]
    stage: int
    env: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    patience_s: float = 10.0
    before: Callable[[], None] | None = None
    ready: Callable[[], bool] | None = None
    preexec: Callable[[], None] | None = None
    shows: Callable[[str], bool] | None = None


Say = Callable[[str, str], None]
"""Takes a process name and one line of its output."""


class Running:
    """Keeps one process alive until told to stop: restarts what ends, waiting longer after each quick end."""

    def __init__(self, process: Process, *, env: Mapping[str, str], cwd: Path, out: Say, note: Say) -> None:
        self.process = process
        self.restarts = 0
        self._env = {**({} if process.bare else env), **process.env, PROCESS: process.name}
        self._cwd = cwd
        self._out = out
        self._note = note
        self._child: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._serving = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The present process number."""
        return None if self._child is None else self._child.pid

    async def keep(self) -> None:
        """Run, and run again, until `stop`."""
        delay = FIRST_DELAY_S / 2
        while not self._stopping.is_set():
            begin = time.monotonic()
            ending = await self._live()
            if self._stopping.is_set():
                return
            self.restarts += 1
            delay = FIRST_DELAY_S if time.monotonic() - begin >= STEADY_S else min(delay * 2, LONGEST_DELAY_S)
            self._note(self.process.name, f"{ending}; starting again in {delay:.1f} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def live_once(self) -> int:
        """Run to the end once; returns the exit status, 1 when it could not start."""
        await self._live()
        return 1 if self._child is None or self._child.returncode is None else self._child.returncode

    async def serving(self) -> None:
        """Wait until the process has been ready once."""
        await self._serving.wait()

    async def stop(self) -> None:
        """End the process cleanly, by force when it takes longer than its patience."""
        self._stopping.set()
        child = self._child
        if child is None or child.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(self.process.stop_signal)
        try:
            await asyncio.wait_for(child.wait(), self.process.patience_s)
        except TimeoutError:
            self._note(self.process.name, "did not stop in time; ended by force")
        self.kill()
        await child.wait()

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)

    async def _live(self) -> str:
        """One life; returns how it ended, in words."""
        try:
            output, pipe = await self._spawn()
        except Exception as error:  # whatever keeps it from starting is told, and tried again
            return f"did not start ({error})"
        child = self._child
        assert child is not None
        if self._stopping.is_set():
            self.kill()  # told to stop while it was being started
        watching = asyncio.create_task(self._watch(child))
        reading = asyncio.create_task(self._read(output))
        code = await child.wait()
        watching.cancel()
        self.kill()  # what a killed parent leaves behind, which may also hold its output open for ever
        await asyncio.wait({reading}, timeout=1.0)
        reading.cancel()
        pipe.close()
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    async def _spawn(self) -> tuple[asyncio.StreamReader, asyncio.ReadTransport]:
        """Start the process; returns its output and the pipe behind it.

        The pipe is our own: with asyncio's, `wait` would wait for everybody who holds it.
        """
        process = self.process
        if process.before is not None:
            await asyncio.to_thread(process.before)
        ours, theirs = os.pipe()
        try:
            self._child = await asyncio.create_subprocess_exec(
                *process.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                env=self._env,
                cwd=self._cwd,
                preexec_fn=process.preexec or before_exec(Identity(None, None), signal.SIGTERM),
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        output = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        pipe, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(output), os.fdopen(ours, "rb", buffering=0)
        )
        return output, pipe

    async def _watch(self, child: asyncio.subprocess.Process) -> None:
        ready = self.process.ready
        while ready is not None and not await asyncio.to_thread(ready):  # noqa: ASYNC110  # it sends no event
            await asyncio.sleep(0.03)
        if child.returncode is None:
            self._serving.set()

    async def _read(self, output: asyncio.StreamReader) -> None:
        """Hand the output on line by line; a line without end is cut, never kept."""
        rest = b""
        while data := await output.read(65536):
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > 65536:
                lines, rest = [*lines, rest], b""
            self._tell(lines)
        self._tell([rest])

    def _tell(self, lines: Sequence[bytes]) -> None:
        for raw in lines:
            line = raw.decode("utf-8", "replace").rstrip()
            if line and (self.process.shows is None or self.process.shows(line)):
                self._out(self.process.name, line)
