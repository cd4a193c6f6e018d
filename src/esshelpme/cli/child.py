"""One long-running management command as a supervised process: `python -m esshelpme.cli.child run_worker`."""

from __future__ import annotations

import os
import sys

import django

from esshelpme.platform.config import current
from esshelpme.platform.logs import get, set_up


def main() -> None:
    """Set up logging, then Django, then run the command; the supervisor starts it again when it fails."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esshelpme.site.settings")
    set_up(sys.argv[1], log_json=current().log_json)
    from django.core.management import call_command
    from django.db import InterfaceError, OperationalError

    log = get(__name__)
    try:
        django.setup()
        call_command(*sys.argv[1:])
    except (OperationalError, InterfaceError) as error:
        log.error("the database is away", reason=str(error).strip().splitlines()[0] if str(error) else "")
        raise SystemExit(1) from None
    except Exception:
        log.exception("stopped by an error")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
