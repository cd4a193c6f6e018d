"""Import or export the directory: agencies, units, members and duty rosters, as one JSON file.

An import is taken whole or not at all, updates by code, never deletes what the file does not name, and is
seen by running processes at once. Each error names its path in the file.
"""

from __future__ import annotations

import argparse
import json
import sys

from esshelpme.cli.rooms import existing_file, function, program, tell


def arguments(parser: argparse.ArgumentParser) -> None:
    """`import FILE` or `export`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="import FILE | export")
    reading = actions.add_parser("import", help="read a directory file (JSON)", allow_abbrev=False)
    reading.add_argument("file", metavar="FILE")
    actions.add_parser("export", help="write the directory to standard output (JSON)", allow_abbrev=False)


def run(options: argparse.Namespace) -> int:
    """0 when done; 1 when the file has errors, each on a line of its own on standard error."""
    if options.action == "export":
        with program():
            json.dump(
                function("esshelpme.directory.files.export_directory")(),
                sys.stdout,
                ensure_ascii=False,
                indent=1,
            )
            print()
        return 0
    path = existing_file(options.file)
    with program():
        try:
            report = function("esshelpme.directory.files.import_directory")(path)
        except ValueError as error:  # what the room raises for a file it cannot take, one error a line
            for line in str(error).splitlines():
                tell(line)
            return 1
        tell(str(report))
    return 0
