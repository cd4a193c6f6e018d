"""Set up the LINE official account: rich menu, webhook address and its test (`./ess line setup`).

Needs ESS_LINE_CHANNEL_SECRET and ESS_LINE_CHANNEL_ACCESS_TOKEN, or a running simulator.
"""

from __future__ import annotations

import argparse

from esshelpme.cli.rooms import function, program


def arguments(parser: argparse.ArgumentParser) -> None:
    """`setup`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="setup")
    actions.add_parser(
        "setup", help="install the rich menu, set and test the webhook address", allow_abbrev=False
    )


def run(options: argparse.Namespace) -> int:
    """The room's own exit status."""
    with program():
        status: int = function("esshelpme.line.setup.run")()
        return status
