"""Where the simulator listens, whom it calls and where it keeps its state: all from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPLY_TOKEN_SECONDS = 60
"""How long a reply token lives. LINE promises "about one minute" and nothing more."""
REDELIVERED_TOKEN_LIMIT_SECONDS = 20 * 60
"""A redelivered event's token gets a fresh minute, but never lives longer than this after the event."""
RETRY_KEY_SECONDS = 24 * 60 * 60
"""How long a retry key is remembered; afterwards the same key sends again."""
NON_FRIEND_PUSH_SECONDS = 7 * 24 * 60 * 60
"""Pushes reach people who are no friends for this long after they wrote."""


CHANNEL_SECRET = "simulator-secret"  # noqa: S105 (signs nothing but the simulator's webhooks)
ACCESS_TOKEN = "simulator-token"  # noqa: S105 (opens nothing but the simulator)
BOT_USER_ID = "U" + "e55" * 10 + "e5"
ACCOUNT_NAME = "ESS Help Me"
BASIC_ID = "@esshelpme"


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """One simulated official account.

    ``data_dir`` None keeps everything in memory (tests). ``learn_users``: ids that LINE would not know are
    introduced by the first push to them, so that a directory's members need no registration.
    """

    channel_secret: str = CHANNEL_SECRET
    access_token: str = ACCESS_TOKEN
    webhook_url: str | None = "http://127.0.0.1:8000/line/webhook"
    webhook_url_is_fixed: bool = False
    data_dir: Path | None = None
    account_name: str = ACCOUNT_NAME
    basic_id: str = BASIC_ID
    bot_user_id: str = BOT_USER_ID
    learn_users: bool = True
    enforce_rates: bool = True

    @classmethod
    def from_environment(cls) -> SimulatorConfig:
        """Read ``ESS_SIM_*`` and, for defaults, ``ESS_PORT``, ``ESS_DATA_DIR`` and ``ESS_LINE_BASIC_ID``."""
        env = os.environ
        fixed = env.get("ESS_SIM_WEBHOOK_URL")
        return cls(
            channel_secret=env.get("ESS_SIM_CHANNEL_SECRET", CHANNEL_SECRET),
            access_token=env.get("ESS_SIM_ACCESS_TOKEN", ACCESS_TOKEN),
            webhook_url=fixed or f"http://127.0.0.1:{env.get('ESS_PORT', '8000')}/line/webhook",
            webhook_url_is_fixed=fixed is not None,
            data_dir=Path(env.get("ESS_DATA_DIR", "./var")) / "simulator",
            account_name=env.get("ESS_SIM_ACCOUNT_NAME", ACCOUNT_NAME),
            basic_id=env.get("ESS_LINE_BASIC_ID") or BASIC_ID,
        )
