"""Run benchmarks; each figure stands beside its limit, measured in the same run.

Benchmarks use a temporary installation of their own; they neither read nor change ESS_DATA_DIR or
DATABASE_URL.
"""

# A benchmark is a module of this package with a function `run() -> BenchResult` and a docstring whose first
# line says what it measures; adding the file is all it takes.

from __future__ import annotations

import argparse
import ast
import importlib
import json
from pathlib import Path
from typing import Final

from esshelpme.cli.options import one_of

_FRAME: Final = {"__init__", "results"}


def names() -> list[str]:
    """The benchmarks that exist, by their files."""
    files = (file.stem for file in Path(__file__).parent.glob("*.py"))
    return sorted(name for name in files if not name.startswith("_") and name not in _FRAME)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which, and for whom."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    known = names()
    parser.add_argument(
        "name", nargs="*", type=one_of(known), metavar="NAME", help="only these (default: all)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object for each benchmark, one a line")
    lines = [f"  {name:<16} {_about(name)}" for name in known]
    parser.epilog = "\n".join(["benchmarks:", *lines]) if lines else "No benchmarks yet."


def run(options: argparse.Namespace) -> int:
    """Run them one after the other."""
    for name in options.name or names():
        result = importlib.import_module(f"{__name__}.{name}").run()
        print(
            json.dumps(result.as_json(), ensure_ascii=False) if options.json else result.as_text(), flush=True
        )
    return 0


def _about(name: str) -> str:
    """The first line of a benchmark's docstring, read without importing what it needs."""
    text = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
