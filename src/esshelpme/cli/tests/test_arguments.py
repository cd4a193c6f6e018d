"""Every command explains itself; a wrong argument gets one line and exit status 2."""

from __future__ import annotations

import pytest

from esshelpme.cli.main import COMMANDS, check, main


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"usage: ./ess {command}" in shown
    assert len(shown.splitlines()) > 3


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert check([]) == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in COMMANDS)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["nope"], "no command 'nope'"),
        (["up", "--port", "99999"], "'99999' is no port"),
        (["up", "--prot", "1"], "unrecognized arguments: --prot"),
        (["up", "extra"], "unrecognized arguments: extra"),
        (["token"], "required: NAME"),
        (["token", "x", "--role", "KING"], "invalid choice: 'KING'"),
        (["directory"], "import FILE | export"),
        (["directory", "import"], "required: FILE"),
        (["directory", "delete"], "invalid choice: 'delete'"),
        (["places", "import"], "required: FILE"),
        (["line"], "setup"),
        (["bench", "nope"], "'nope' is none of"),
        (["doctor", "now"], "unrecognized arguments: now"),
        (["lint", "all"], "'all' is none of"),
    ],
)
def test_a_wrong_argument_gets_one_line_and_status_2(
    argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(argv) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert len(shown.err.strip().splitlines()) == 1
    assert shown.out == ""


@pytest.mark.parametrize(
    "argv", [["test", "-k", "word"], ["manage", "shell"], ["up", "--no-demo"], ["token", "x"]]
)
def test_a_right_call_goes_on(argv: list[str]) -> None:
    assert check(argv) is None


def test_a_missing_file_is_told_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["directory", "import", "/no/such/file.json"]) == 2
    assert (
        capsys.readouterr().err.strip() == "./ess: cannot read /no/such/file.json: No such file or directory."
    )


def test_a_wrong_environment_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESS_ENV", "prod")
    assert main(["up"]) == 2
    assert capsys.readouterr().err.strip() == "./ess: ESS_ENV must be 'local' or 'production', not 'prod'."
