from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from esshelpme.access.accounts import BadAccount, create_account, new_password
from esshelpme.access.officer import SYSTEM
from esshelpme.access.roles import Role
from esshelpme.directory.models import Agency
from esshelpme.platform.clock import now

LONGEST_LINE = 1000


class Command(BaseCommand):
    help = (
        "Make an account of staff. The password is asked for on a terminal, read from standard input with "
        "--password-stdin, or else generated and printed alone on standard output, once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("--role", choices=[r.value for r in Role], default=Role.ADMINISTRATOR.value)
        parser.add_argument("--name", default="", help="the person's name, as colleagues see it")
        parser.add_argument("--agency", metavar="CODE", help="needed by RESPONDER and CASE_WORKER")
        parser.add_argument("--areas", default="", metavar="CODES", help="TIS-1099 codes, by commas: 10,5001")
        parser.add_argument("--password-stdin", action="store_true", help="read it from standard input")
        parser.add_argument("--generate", action="store_true", help="never ask: make a password and print it")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = None
        if options["agency"]:
            agency = Agency.objects.filter(code=options["agency"]).first()
            if agency is None:
                raise CommandError(f"No agency has the code {options['agency']}.")
        password, generated = self._password(options)
        try:
            create_account(
                username=options["username"],
                role=options["role"],
                name=options["name"],
                agency=agency,
                areas=[code.strip() for code in options["areas"].split(",") if code.strip()],
                password=password,
                at=now(),
                by=SYSTEM,
            )
        except BadAccount as error:
            raise CommandError(WHY.get(error.code, str(error))) from None
        self.stderr.write(f"Account {options['username']} with the role {options['role']}.")
        if generated:
            self.stderr.write("Its password, which is not shown again:")
            self.stdout.write(password)

    def _password(self, options: dict[str, Any]) -> tuple[str, bool]:
        if options["password_stdin"]:
            given = sys.stdin.readline(LONGEST_LINE).rstrip("\n")
        elif sys.stdin.isatty() and not options["generate"]:
            given = getpass.getpass("Password: ")
            if getpass.getpass("Again: ") != given:
                raise CommandError("The two passwords differ. Nothing was made.")
        else:
            return new_password(), True
        try:
            validate_password(given)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        return given, False


WHY = {
    "USERNAME": "A user name has 1 to 60 letters, digits and @ . + - _ only.",
    "TAKEN": "There is an account of this name already.",
    "AREAS": "No province, district or subdistrict has one of these codes (TIS-1099: 2, 4 or 6 digits).",
    "AGENCY": "This role sees what its agency is assigned to: give --agency CODE.",
}
