"""`python -m esshelpme.cli`: what `./ess` runs inside the virtual environment."""

from __future__ import annotations

from esshelpme.cli.main import main

raise SystemExit(main())
