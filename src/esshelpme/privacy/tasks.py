"""Jobs of this room, found by procrastinate."""

from __future__ import annotations

import structlog
from procrastinate.contrib.django import app

from esshelpme.platform.clock import now
from esshelpme.privacy.retention import enforce

log = structlog.get_logger(__name__)


@app.periodic(cron="40 20 * * *")  # 03:40 in Bangkok: the quietest hour
@app.task(queueing_lock="enforce_retention", pass_context=False)
def enforce_retention(timestamp: int) -> None:
    """Remove what is over, every night."""
    removed = enforce(now())
    log.info("retention_enforced", **removed)
