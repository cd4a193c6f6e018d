"""What `./ess up` does before it serves: migrate, check, load the demonstration data once.

A process of its own, not a command for people: `python -m esshelpme.cli.prepare [--demo]`. What `load_demo`
prints (the demo logins) goes to the file named by ESS_PREPARED, for the supervisor to show.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path


def main() -> int:
    """0 when ready to serve; 2 after one line on standard error."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esshelpme.site.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.core.management.base import CommandError, SystemCheckError
    from django.db import DatabaseError

    from esshelpme.cli.migrations import alone, apply_pending

    django.setup()
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # empty unless collectstatic fills it
    shown = io.StringIO()
    try:
        with alone():
            apply_pending(lambda line: print(line, flush=True))
            if "--demo" in sys.argv[1:]:
                call_command("load_demo", stdout=shown)
        call_command("check", databases=["default"], stdout=io.StringIO())
    except (SystemCheckError, CommandError, DatabaseError) as error:
        print(str(error).strip(), file=sys.stderr)
        return 2
    if target := os.environ.get("ESS_PREPARED"):
        Path(target).write_text(shown.getvalue(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
