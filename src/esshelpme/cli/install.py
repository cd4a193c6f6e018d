"""Brings `.venv` and `node_modules` in step with the lock files, then runs the command.

Run by any Python 3.11 or later with nothing installed, so it imports the standard library alone. A wrong
argument is told before anything is installed. Two of these in one clone take turns; what was interrupted is
done again.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from esshelpme.cli.main import check
from esshelpme.platform.config import ROOT
from esshelpme.platform.errors import Refusal
from esshelpme.platform.locks import FileLock

VENV: Final = ROOT / ".venv"
STAMPS: Final = VENV / "ess"
"""Copies of what was installed; `./ess` compares them with the locks before it starts anything."""

WITH_DEV: Final = {"test", "lint"}
"""Commands that need requirements/dev.txt, which holds everything of base.txt too."""

OLDEST_NODE: Final = 18


def main(argv: Sequence[str]) -> int:
    """Install what is missing and become the command; returns the exit status of a call that ends here."""
    if (status := check(argv)) is not None:
        return status
    try:
        bring_up_to_date("dev.txt" if argv[0] in WITH_DEV else "base.txt")
    except Refusal as refusal:
        print(f"./ess: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    os.environ.pop("PYTHONPATH", None)
    return _become([str(_python()), "-P", "-m", "esshelpme.cli", *argv])


def _become(order: list[str]) -> NoReturn:
    os.execv(order[0], order)  # noqa: S606  # no shell is wanted


def bring_up_to_date(lock: str) -> None:
    """Make `.venv` hold what `lock` (a file of requirements/) names, and node_modules what its lock names.

    Waits for another one in the same clone. Raises Refusal, in one line, when something cannot be installed.
    """
    turn = FileLock(ROOT / ".ess.lock")
    try:
        if not turn.acquire():
            _say("Another ./ess is installing in this clone; waiting…")
            turn.acquire(timeout=None)
    except OSError as error:
        raise Refusal(f"cannot write to {ROOT} ({error.strerror}): the dependencies live there.") from error
    with turn_held(turn):
        for folder in (VENV, ROOT / "node_modules"):
            if folder.is_symlink():
                folder.unlink()  # another clone's: it is not ours to change, and has another path in it
        _environment()
        if not _same(ROOT / "requirements" / lock, STAMPS / lock):
            _python_packages(lock)
        if (
            not _same(ROOT / "package-lock.json", STAMPS / "package-lock.json")
            or not (ROOT / "node_modules").is_dir()
        ):
            _browser_packages()


@contextmanager
def turn_held(turn: FileLock) -> Iterator[None]:
    """Give the turn back however the block ends."""
    try:
        yield
    finally:
        turn.release()


def _python() -> Path:
    return VENV / "bin" / "python"


def _environment() -> None:
    """Make the virtual environment, again when it is broken, too old or was moved."""
    root = STAMPS / "root"
    works = _runs([str(_python()), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"])
    if works and root.exists() and root.read_text(encoding="utf-8").strip() == str(ROOT):
        return
    moved = root.exists()
    with _step("Making the virtual environment"):
        if not works or moved:
            _need_ensurepip()
            venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(VENV)
        STAMPS.mkdir(exist_ok=True)
        _path_file().write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
        root.write_text(f"{ROOT}\n", encoding="utf-8")


def _path_file() -> Path:
    order = [str(_python()), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    where = subprocess.run(order, capture_output=True, text=True, check=True).stdout.strip()
    return Path(where) / "esshelpme.pth"


def _need_ensurepip() -> None:
    """Debian keeps ensurepip in a package of its own."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() == 0 and (apt := shutil.which("apt-get")):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-qq"], ["install", "--yes", "--no-install-recommends", "-qq", package]):
            subprocess.run(
                [apt, *step], env=quiet, capture_output=True, stdin=subprocess.DEVNULL, check=False
            )
        importlib.invalidate_caches()
        if importlib.util.find_spec("ensurepip") is not None:
            return
    raise Refusal(f"this Python cannot make virtual environments: install the package '{package}'.")


def _python_packages(lock: str) -> None:
    pins = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    count = len(re.findall(r"^[\w.-]+.*==", pins, re.MULTILINE))
    with _step(f"Installing {count} Python packages"):
        _pip(lock)
        for done in {lock, "base.txt"}:
            shutil.copyfile(ROOT / "requirements" / done, STAMPS / done)


def _pip(lock: str) -> None:
    # The lock is complete, so nothing is resolved; bytecode is made when a module is first used.
    order = [str(_python()), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-compile"]
    order += ["--no-input", "--disable-pip-version-check", "--requirement", str(ROOT / "requirements" / lock)]
    run_quietly(
        order, {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}, "The Python packages could not be installed"
    )


def _browser_packages() -> None:
    with _step("Installing the browser packages"):
        env = dict(os.environ)
        npm = _system_npm()
        if npm is None:
            _pip("node.txt")
            npm = str(VENV / "bin" / "npm")
            env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{env.get('PATH', '')}"
        with tempfile.TemporaryDirectory(prefix="ess-npm-") as spare:
            if not os.access(Path.home(), os.W_OK):
                env["npm_config_cache"] = spare
            run_quietly(
                [npm, "ci", "--no-progress", "--loglevel=error"],
                env,
                "The browser packages could not be installed",
            )
        shutil.copyfile(ROOT / "package-lock.json", STAMPS / "package-lock.json")


def _system_npm() -> str | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", done.stdout)
    return npm if found is not None and int(found.group(1)) >= OLDEST_NODE else None


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.read_bytes() == other.read_bytes()


def _runs(order: list[str]) -> bool:
    try:
        return subprocess.run(order, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run_quietly(order: list[str], env: dict[str, str], trouble: str) -> None:
    """Run quietly; on failure show the tool's own last lines and refuse."""
    done = subprocess.run(
        order, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        lines = done.stdout.strip().splitlines()
        told = [
            line for line in lines if re.search(r"error|refused|denied|no space", line, re.IGNORECASE)
        ] or lines
        print("\n".join(f"  {line}" for line in told[-8:]), file=sys.stderr)
        raise Refusal(
            f"{trouble} (exit status {done.returncode}): is the package index reachable, is the disk full?"
        )


@contextmanager
def _step(title: str) -> Iterator[None]:
    begin = time.monotonic()
    _say(f"{title}…")
    yield
    _say(f"{title}: done in {time.monotonic() - begin:.0f} s.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
