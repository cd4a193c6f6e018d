"""`./ess COMMAND …`: the table of commands, their arguments and their exit statuses.

0: done. 1: done, with a negative answer (doctor found something, a test failed). 2: a wrong argument or a
refusal, told in one line on standard error. 130: interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Final, NoReturn

from esshelpme.platform.errors import Refusal

COMMANDS: Final = {
    "up": "start everything and stay in the foreground",
    "test": "run the test suite against a throw-away database",
    "bench": "run benchmarks, each beside its measured limit",
    "directory": "import or export agencies, units, members and rosters",
    "places": "import official boundary and point files",
    "token": "make an API token",
    "line": "set up the LINE official account",
    "lint": "check style, types, imports and templates",
    "doctor": "check the installation and say how to mend it",
    "manage": "run one of Django's management commands",
}
"""Name → one line.

Each is a module `esshelpme.cli.NAME` with `arguments(parser)` and `run(options) -> int`.
"""

PASS_THROUGH: Final = {"test", "manage"}
"""Commands that hand every argument but `--help` on as it is."""


class Parser(argparse.ArgumentParser):
    """Answers a wrong argument with one line and exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Print the line and leave."""
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    args = list(sys.argv[1:] if argv is None else argv)
    if (status := check(args)) is not None:
        return status
    module = _module(args[0])
    try:
        run: Callable[[argparse.Namespace], int] = module.run
        return run(_options(module, args))
    except Refusal as refusal:
        print(f"./ess: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def check(argv: Sequence[str]) -> int | None:
    """The exit status of a call that ends before it begins: help, a wrong command or argument. None: go on.

    Needs the standard library alone, so that it answers before anything is installed.
    """
    args = list(argv) or ["--help"]
    if args[0] in {"-h", "--help", "help"}:
        print(_overview())
        return 0
    if args[0] not in COMMANDS:
        print(f"./ess: no command {args[0]!r} (see ./ess --help)", file=sys.stderr)
        return 2
    try:
        _options(_module(args[0]), args)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    return None


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {command:<{width}}  {line}" for command, line in COMMANDS.items()]
    return "\n".join(["usage: ./ess COMMAND …", "", *lines, "", "./ess COMMAND --help explains each."])


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"esshelpme.cli.{name}")


def _options(module: ModuleType, args: list[str]) -> argparse.Namespace:
    """The command's options; SystemExit after help was shown or a wrong argument told."""
    name = args[0]
    parser = Parser(
        prog=f"./ess {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if name in PASS_THROUGH:
        if args[1:2] in (["--help"], ["-h"]):
            parser.print_help()
            raise SystemExit(0)
        return argparse.Namespace(rest=args[1:])
    module.arguments(parser)
    return parser.parse_args(args[1:])
