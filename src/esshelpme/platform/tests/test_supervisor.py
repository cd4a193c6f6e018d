"""The supervisor: starts in order, restarts what ends, stops everything, leaves nothing behind."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from esshelpme.platform.errors import Refusal
from esshelpme.platform.journal import Journal
from esshelpme.platform.processes import Process
from esshelpme.platform.server_processes import ended
from esshelpme.platform.supervisor import Supervisor

PATIENCE_S = 20
SOURCE = Path(__file__).resolve().parents[3]


class House:
    """A supervisor with a readable log."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = io.StringIO()
        self.supervisor = Supervisor(
            env=dict(os.environ), cwd=home, journal=Journal(machine=False, colour=False, stream=self.log)
        )

    def python(self, name: str, code: str, *, stage: int = 0, ready: str | None = None) -> Process:
        """A process that runs `code`; ready when the file `ready` is there."""
        marker = self.home / (ready or "")
        return Process(
            name=name,
            command=[sys.executable, "-c", code],
            stage=stage,
            patience_s=3,
            ready=marker.exists if ready else None,
        )

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that must come true."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():  # noqa: ASYNC110  # other processes send no event
                await asyncio.sleep(0.01)

    async def lines(self, text: str, count: int = 1) -> None:
        """Wait until the log holds `text` `count` times."""
        await self.until(lambda: self.log.getvalue().count(text) >= count)


SLEEP = "import time\nprint('alive', flush=True)\ntime.sleep(600)"


@pytest.fixture
async def house(home: Path) -> AsyncIterator[House]:
    house = House(home)
    yield house
    await house.supervisor.stop()


async def test_what_dies_is_started_again(house: House) -> None:
    await house.supervisor.start([house.python("worker", SLEEP)])
    await house.lines("alive")
    number = house.supervisor.pids()["worker"]
    assert number is not None
    os.kill(number, signal.SIGKILL)
    await house.lines("alive", 2)
    assert "ended by SIGKILL; starting again in 0.2 s" in house.log.getvalue()
    assert house.supervisor.pids()["worker"] != number


async def test_what_keeps_dying_is_started_ever_more_slowly(house: House) -> None:
    await house.supervisor.start([house.python("broken", "raise SystemExit(3)")])
    await house.lines("ended with status 3; starting again in 0.8 s")
    delays = re.findall(r"again in ([\d.]+) s", house.log.getvalue())
    assert delays == ["0.2", "0.4", "0.8"]


async def test_a_later_stage_waits_until_the_earlier_one_is_ready(house: House) -> None:
    slow = (
        "import pathlib, time\ntime.sleep(0.3)\npathlib.Path('up').touch()\nprint('first', flush=True)\n"
        + SLEEP
    )
    await house.supervisor.start(
        [house.python("late", SLEEP, stage=1), house.python("early", slow, stage=0, ready="up")]
    )
    await house.lines("alive")
    assert house.log.getvalue().index("first") < house.log.getvalue().index("alive")


async def test_what_never_gets_ready_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esshelpme.platform.processes.LONGEST_DELAY_S", 0.02)
    row = house.python("web", "print('no such module')\nraise SystemExit(1)", ready="never")
    with pytest.raises(Refusal, match="'web' does not start: see the lines above"):
        await house.supervisor.start([row])
    assert "no such module" in house.log.getvalue()


async def test_stopping_ends_everything_also_what_will_not_listen(house: House) -> None:
    deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\n" + SLEEP
    await house.supervisor.start([house.python("deaf", deaf), house.python("good", SLEEP)])
    await house.lines("alive", 2)
    numbers = list(house.supervisor.pids().values())
    await house.supervisor.stop()
    assert all(number is not None and ended(number) for number in numbers)
    assert "did not stop in time; ended by force" in house.log.getvalue()


async def test_a_killed_parents_children_do_not_stay(house: House) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('child', child.pid, flush=True)\ntime.sleep(600)"
    )
    await house.supervisor.start([house.python("web", code)])
    await house.lines("child ")
    found = re.search(r"child (\d+)", house.log.getvalue())
    parent = house.supervisor.pids()["web"]
    assert found is not None
    assert parent is not None
    os.kill(parent, signal.SIGKILL)
    await house.until(lambda: ended(int(found.group(1))))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
async def test_a_kill_9_of_the_supervisor_ends_its_children(home: Path) -> None:
    code = (
        "import asyncio, os, pathlib, sys\n"
        "from esshelpme.platform.journal import Journal\n"
        "from esshelpme.platform.processes import Process\n"
        "from esshelpme.platform.supervisor import Supervisor\n"
        "async def main():\n"
        "    journal = Journal(machine=False, colour=False)\n"
        "    it = Supervisor(env=dict(os.environ), cwd=pathlib.Path('.'), journal=journal)\n"
        f"    await it.start([Process(name='x', command=[sys.executable, '-c', {SLEEP!r}], stage=0)])\n"
        "    while it.pids()['x'] is None:\n"
        "        await asyncio.sleep(0.01)\n"
        "    print('pid', it.pids()['x'], flush=True)\n"
        "    await it.wait()\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(  # noqa: ASYNC220  # the supervisor under test has a loop of its own
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    ) as supervisor:
        assert supervisor.stdout is not None
        number = int(next(line for line in supervisor.stdout if line.startswith("pid")).split()[1])
        supervisor.kill()
    await House(home).until(lambda: ended(number))


async def test_a_preparation_runs_once_and_tells_how_it_ended(house: House) -> None:
    assert await house.supervisor.once(house.python("setup", "print('migrating')")) == 0
    assert await house.supervisor.once(house.python("setup", "raise SystemExit(4)")) == 4
    assert house.log.getvalue().count("migrating") == 1


async def test_a_line_without_end_is_cut_and_none_is_lost(house: House) -> None:
    code = "import sys\nsys.stdout.write('x' * 200000 + 'end')\nsys.stdout.flush()"
    await house.supervisor.once(house.python("loud", code))
    assert house.log.getvalue().count("x") == 200000
    assert "end" in house.log.getvalue()


def test_machines_read_json_with_the_process_in_every_line() -> None:
    out = io.StringIO()
    journal = Journal(machine=True, colour=False, stream=out)
    journal.line("worker", '{"event": "offer sent", "level": "info"}')
    journal.line("web", "plain words")
    journal.note("web", "ended")
    journal.say("\nESS Help Me is running\n  at home\n")
    records = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [record["process"] for record in records] == ["worker", "web", "web", "ess", "ess"]
    assert [record["event"] for record in records][:2] == ["offer sent", "plain words"]
