"""Installing: quick when nothing changed, never at another clone's cost, not needed for a word of help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from esshelpme.cli import install
from esshelpme.cli.main import COMMANDS
from esshelpme.platform.config import ROOT
from esshelpme.platform.errors import Refusal


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose installing steps are only written down, in the file `steps`."""
    root = tmp_path / "clone"
    (root / "requirements").mkdir(parents=True)
    for name in ("requirements/base.txt", "requirements/dev.txt", "package-lock.json"):
        (root / name).write_text(name)
    monkeypatch.setattr(install, "ROOT", root)
    monkeypatch.setattr(install, "VENV", root / ".venv")
    monkeypatch.setattr(install, "STAMPS", root / ".venv" / "ess")
    done: list[str] = []

    def note(step: str) -> None:
        done.append(step)
        (root / "steps").write_text(" ".join(done))

    def environment() -> None:
        (root / ".venv" / "ess").mkdir(parents=True, exist_ok=True)

    def browser() -> None:
        note("browser")
        (root / "node_modules").mkdir(exist_ok=True)
        (root / ".venv" / "ess" / "package-lock.json").write_text("package-lock.json")

    monkeypatch.setattr(install, "_environment", environment)
    monkeypatch.setattr(install, "_pip", note)
    monkeypatch.setattr(install, "_browser_packages", browser)
    return root


def steps(clone: Path) -> list[str]:
    return (clone / "steps").read_text().split()


def test_an_unchanged_lock_is_not_installed_again(clone: Path) -> None:
    install.bring_up_to_date("base.txt")
    install.bring_up_to_date("base.txt")
    assert steps(clone) == ["base.txt", "browser"]


def test_a_changed_lock_is(clone: Path) -> None:
    install.bring_up_to_date("base.txt")
    (clone / "requirements" / "base.txt").write_text("another")
    install.bring_up_to_date("base.txt")
    assert steps(clone) == ["base.txt", "browser", "base.txt"]


def test_what_tests_need_includes_what_the_program_needs(clone: Path) -> None:
    install.bring_up_to_date("dev.txt")
    install.bring_up_to_date("base.txt")
    assert steps(clone) == ["dev.txt", "browser"]


def test_another_clones_folders_are_left_alone(clone: Path, tmp_path: Path) -> None:
    for name in (".venv", "node_modules"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kept").touch()
        (clone / name).symlink_to(tmp_path / name)
    install.bring_up_to_date("base.txt")
    for name in (".venv", "node_modules"):
        assert not (clone / name).is_symlink()
        assert (tmp_path / name / "kept").exists()


def test_a_tool_that_fails_is_told_with_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    code = "print('Looking'); print('ERROR: no matching distribution'); raise SystemExit(3)"
    with pytest.raises(Refusal, match=r"could not be installed \(exit status 3\)"):
        install.run_quietly([sys.executable, "-c", code], {}, "The Python packages could not be installed")
    assert capsys.readouterr().err.strip() == "ERROR: no matching distribution"


def test_help_needs_nothing_installed() -> None:
    """As in a fresh clone: the interpreter without any installed package."""
    code = "import sys; sys.path.insert(0, 'src'); from esshelpme.cli.main import COMMANDS, check\n"
    code += "for command in COMMANDS: assert check([command, '--help']) == 0"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert all(f"usage: ./ess {command}" in done.stdout for command in COMMANDS)


def test_an_old_python_is_told_in_one_line(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho 3.9.2\n")
    old.chmod(0o755)
    clone = tmp_path / "clone"
    clone.mkdir()
    (clone / "ess").write_bytes((ROOT / "ess").read_bytes())
    for tool in ("dirname", "cat", "cmp"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    done = subprocess.run(
        ["/bin/sh", str(clone / "ess"), "up"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "./ess: needs Python 3.11 or later (found: python3 3.9.2). Install it, or set ESS_PYTHON to one.\n"
    )
