"""Make an API token. Standard output holds the token alone; it is shown once and stored only as a hash."""

from __future__ import annotations

import argparse
from typing import Final

from esshelpme.cli.rooms import function, program, tell

ROLES: Final = (
    "ADMINISTRATOR",
    "SUPERVISOR",
    "CALL_TAKER",
    "RESPONDER",
    "CASE_WORKER",
    "OUTREACH_OFFICER",
    "ANALYST",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """A name for people, and a role."""
    parser.add_argument("name", metavar="NAME", help="what the token is for, shown in the access log")
    parser.add_argument(
        "--role", choices=ROLES, default="ADMINISTRATOR", help="default: %(default)s, for all areas"
    )


def run(options: argparse.Namespace) -> int:
    """Print the token."""
    with program():
        token = function("esshelpme.access.tokens.create_token")(name=options.name, role=options.role)
        tell(f"Token '{options.name}' with the role {options.role}; it is not shown again:")
        print(token)
    return 0
