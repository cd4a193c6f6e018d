"""Import official boundary and point files into the gazetteer: `./ess places import FILE`.

CSV with the columns code,level,name_th,name_en,parent_code,lat,lng, or GeoJSON.
"""

from __future__ import annotations

import argparse

from esshelpme.cli.rooms import existing_file, function, program, tell


def arguments(parser: argparse.ArgumentParser) -> None:
    """`import FILE`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="import FILE")
    reading = actions.add_parser("import", help="read a CSV or GeoJSON file", allow_abbrev=False)
    reading.add_argument("file", metavar="FILE")


def run(options: argparse.Namespace) -> int:
    """0 when done; 1 when the file has errors, each on a line of its own on standard error."""
    path = existing_file(options.file)
    with program():
        try:
            report = function("esshelpme.places.importing.import_file")(path)
        except ValueError as error:
            for line in str(error).splitlines():
                tell(line)
            return 1
        tell(str(report))
    return 0
