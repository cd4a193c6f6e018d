"""The start page and the privacy notice: for newcomers, evaluators, and anybody who wants to know."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from esshelpme.access.guard import public
from esshelpme.privacy.retention import RULES, Rule
from esshelpme.web.respond import language_asked, page
from esshelpme.words import say

STEPS = ("press", "place", "offer", "accept", "go", "close")
NUMBERS = ("191", "1300", "1669", "199", "1323")
DAYS_A_YEAR = 365
DAYS_A_MONTH = 30


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, in two minutes, and the doors to it."""
    context = {"steps": STEPS, "numbers": NUMBERS, "simulated": settings.CONFIG.simulated}
    return page(request, "web/home.html", context, language=language_asked(request), private=False)


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, why, how long (from the table that the nightly job enforces), who sees it, what one may ask."""
    language = language_asked(request)
    periods = [
        {
            "what": say(f"retention.{rule.code}", language),
            "why": say(f"retention.{rule.code}_why", language),
            "long": period_words(rule, language),
        }
        for rule in RULES
    ]
    context = {"periods": periods, "operator": say("brand.operator", language)}
    return page(request, "web/privacy.html", context, language=language, private=False)


def period_words(rule: Rule, language: str) -> str:
    """A period as people say it: years, months, days, or always."""
    if rule.period is None:
        return say("retention.always", language)
    days = rule.period.days
    for unit, size in (("years", DAYS_A_YEAR), ("months", DAYS_A_MONTH)):
        if days >= size and days % size == 0:
            return say(f"retention.{unit}", language, n=days // size)
    return say("retention.days", language, n=days)
