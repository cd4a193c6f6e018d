"""One person's flood: answered and processed up to a rate, kept beyond it, never blocked from help.

Pins and buttons have a rate of their own, far above what hands can do, so that no flood of texts hides the one tap
that matters.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from esshelpme.intake.heard import Heard, Type
from esshelpme.intake.models import Conversation

WINDOW = timedelta(seconds=60)
WORDS_A_WINDOW = 60
TAPS_A_WINDOW = 180
TAPS = frozenset({Type.LOCATION, Type.BUTTON, Type.UNSEND, Type.FOLLOW, Type.UNFOLLOW})


def over_limit(heard: Heard, *, at: datetime) -> bool:
    """Whether this event comes above the person's rate: it is kept for staff, and changes nothing."""
    row = Conversation.objects.filter(contact__channel="LINE", contact__address=heard.user_id).first()
    if row is None:
        return False
    if row.window_from is None or at - row.window_from >= WINDOW:
        Conversation.objects.filter(pk=row.pk).update(window_from=at, window_count=1)
        return False
    Conversation.objects.filter(pk=row.pk).update(window_count=F("window_count") + 1)
    # Until an incident is open, words are how help is called: they have the taps' rate.
    generous = heard.type in TAPS or row.incident_id is None
    return row.window_count >= (TAPS_A_WINDOW if generous else WORDS_A_WINDOW)
