"""Every limit of the public pages, by name. A deployment overrides one with the Django setting `WEB_<NAME>`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.conf import settings

TEXT_MAX: Final = 20_000
"""Characters of free text that one report may have. What is longer is refused by name, with the text kept."""
TEXT_PART: Final = 5_000
"""A text longer than this is kept as several messages, as a chat would send it."""
PLACE_MAX: Final = 1_000
PHONE_MAX: Final = 40
CODE_MAX: Final = 20
"""Characters of a placement's code, as the reports table keeps it."""

PHOTOS_MAX: Final = 5
PHOTO_BYTES: Final = 10 * 1024 * 1024
PHOTO_PIXELS: Final = 60_000_000
"""Above this a picture is not decoded: a bomb, not a photo (cameras of 2025 make up to 50 million)."""
SHOWN_PIXELS: Final = 2048
"""Longest side of the picture that others see."""

ADDRESS_WINDOW: Final = timedelta(minutes=10)
ADDRESS_REPORTS: Final = 20
"""Reports from one network address within the window before a second tap is asked for. Never refused: thousands of
phones share one address behind a mobile carrier."""
CONFIRM_AFTER: Final = timedelta(seconds=3)
"""The second tap counts when it comes at least this long after the question."""
SAME_WORDS_WITHIN: Final = timedelta(minutes=10)
"""The same words from the same address within this join the incident that is open already."""
SAME_WORDS_FROM: Final = 20
"""Texts shorter than this may be alike by chance."""

STATUS_WINDOW: Final = timedelta(seconds=60)
STATUS_POSTS: Final = 60
"""What one status page may send within the window."""
FIX_EVERY: Final = timedelta(seconds=30)
"""A live position is passed on at most this often, unless the person moved or the fix became much better."""
FIX_MOVED_M: Final = 60.0

REFRESH_SECONDS: Final = 20
"""How often a status page without JavaScript loads itself again."""
EXIT_URL: Final = "https://www.google.com/search?q=%E0%B8%9E%E0%B8%A2%E0%B8%B2%E0%B8%81%E0%B8%A3%E0%B8%93%E0%B9%8C%E0%B8%AD%E0%B8%B2%E0%B8%81%E0%B8%B2%E0%B8%A8"
"""Where quick exit leads: an ordinary search for the weather."""


def limit(name: str) -> Any:  # each limit has its own type
    """The limit `name`, as the deployment set it (`WEB_<name>`) or the default above."""
    return getattr(settings, f"WEB_{name}", globals()[name])
