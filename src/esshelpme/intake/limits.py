"""One person's flood: answered and processed up to a rate, kept beyond it, never blocked from help.

Words have a rate; pins and buttons have a further allowance that words cannot use up, so that no flood of texts
hides the one tap that matters. Somebody without an open incident who calls for help is heard at any rate: the
first report always gets through. Only what is let through is counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from esshelpme.incidents.models import Incident
from esshelpme.incidents.states import OPEN
from esshelpme.intake.heard import Heard, Type
from esshelpme.intake.models import Conversation
from esshelpme.intake.reporting import understand

WINDOW = timedelta(seconds=60)
WORDS_A_WINDOW = 60
# Words and taps together: at least 180 taps a minute, far above what hands can do.
ALL_A_WINDOW = 240
# What is taken back, or who comes and goes, is never too much.
ALWAYS = frozenset({Type.UNSEND, Type.FOLLOW, Type.UNFOLLOW})
TAPS = frozenset({Type.LOCATION, Type.BUTTON})


def over_limit(heard: Heard, *, at: datetime) -> bool:
    """Whether this event comes above the person's rate: it is kept for staff, and changes nothing."""
    if heard.type in ALWAYS:
        return False
    row = Conversation.objects.filter(contact__channel="LINE", contact__address=heard.user_id).first()
    if row is None:
        return False
    if row.window_from is None or at - row.window_from >= WINDOW:
        Conversation.objects.filter(pk=row.pk).update(window_from=at, window_count=1)
        return False
    most = ALL_A_WINDOW if heard.type in TAPS else WORDS_A_WINDOW
    if row.window_count >= most and not _first_call_for_help(heard):
        return True
    Conversation.objects.filter(pk=row.pk).update(window_count=F("window_count") + 1)
    return False


def is_flood(heard: Heard, *, helped: bool) -> bool:
    """Whether an event, behind one that was over the limit, may go with it: no tap, no possible call for help.

    `helped`: the person has an open incident.
    """
    if heard.type in ALWAYS or heard.type in TAPS:
        return False
    return helped or heard.type is not Type.TEXT or not _tells(heard.text)


def is_helped(user_id: str) -> bool:
    """Whether a LINE user has an open incident."""
    return Incident.objects.filter(
        contact__channel="LINE", contact__address=user_id, status__in=OPEN
    ).exists()


def _first_call_for_help(heard: Heard) -> bool:
    calls = (
        heard.type is Type.LOCATION
        or (heard.type is Type.BUTTON and heard.button.get("a") == "kind")
        or (heard.type is Type.TEXT and _tells(heard.text))
    )
    return calls and not is_helped(heard.user_id)


def _tells(text: str) -> bool:
    understood = understand(text)
    return bool(understood.reading.emergency) or understood.kind is not None
