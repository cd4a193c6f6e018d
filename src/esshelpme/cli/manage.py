"""Run one of Django's management commands, for example `./ess manage shell`.

The embedded database is started for the command when nothing else runs it. `./ess manage help` lists the
commands.
"""

from __future__ import annotations

import argparse
import os
import sys

from esshelpme.platform.cluster import embedded_programs
from esshelpme.platform.config import current
from esshelpme.platform.postgres import in_use


def run(options: argparse.Namespace) -> int:
    """Run the command with the arguments as given; its exit status is ours."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esshelpme.site.settings")
    from django.core.management import execute_from_command_line

    programs = embedded_programs()
    if programs is not None:  # for dbshell; the machine's own psql comes first
        os.environ["PATH"] = f"{os.environ.get('PATH', '')}{os.pathsep}{programs}"
    with in_use(current(), lambda line: print(line, file=sys.stderr)):
        execute_from_command_line(["./ess manage", *options.rest])
    return 0
