"""Template tags for words, times and icons: `{% say %}`, `{% when %}`, `{% clock %}`, `{% icon %}`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from esshelpme.platform.clock import now
from esshelpme.words import DEFAULT, LANGUAGES, has
from esshelpme.words import say as words
from esshelpme.words.pages import language_of

register = template.Library()

# The Buddhist era of Thai calendars: 543 years ahead of the common era.
BUDDHIST_ERA = 543


def language_in(context: template.Context) -> str:
    """The language of a template: what the view or the context processor put there; Thai without either."""
    given = context.get("language")
    if given in LANGUAGES:
        return str(given)
    request = context.get("request")
    return language_of(request) if request is not None else DEFAULT


@register.simple_tag(takes_context=True)
def say(context: template.Context, key: str, **values: Any) -> str:
    """The text `key` in the page's language, with `values` filled in."""
    return words(key, language_in(context), **values)


@register.simple_tag(takes_context=True)
def say_code(context: template.Context, room: str, code: Any, **values: Any) -> str:
    """The text `room.code`, or the code itself where the catalogue has none (a code of a newer release)."""
    key = f"{room}.{code}"
    language = language_in(context)
    return words(key, language, **values) if has(key, language) else str(code or "")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture of the sprite; with `label` it speaks, without it is decoration beside a word."""
    source = f"{static('site/icons.svg')}#{quote(name)}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, source
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', source)


@register.simple_tag(takes_context=True)
def when(context: template.Context, moment: datetime | None, style: str = "ago") -> SafeString | str:
    """A moment as `<time>`: `ago` ticks in the browser, `at` stays; the full date is in the title."""
    if moment is None:
        return ""
    language = language_in(context)
    full = full_time(moment, language)
    text = short_time(moment, language) if style == "at" else full
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        moment.isoformat(),
        full,
        SafeString(' data-ago=""') if style == "ago" else "",
        text,
    )


@register.simple_tag(takes_context=True)
def clock(
    context: template.Context,
    since: datetime | None,
    until: datetime | None = None,
    target_s: int | None = None,
) -> SafeString | str:
    """A running clock since a moment (stopped at `until`), against a target in seconds."""
    if since is None:
        return ""
    return format_html(
        '<time class="clock figures" datetime="{}" title="{}" data-since="{}"{}{}>{}</time>',
        since.isoformat(),
        full_time(since, language_in(context)),
        int(since.timestamp()),
        format_html(' data-until="{}"', int(until.timestamp())) if until else "",
        format_html(' data-target="{}"', target_s) if target_s else "",
        clock_time(since),
    )


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE))


def clock_time(moment: datetime) -> str:
    """Hours and minutes, 24-hour clock, in the deployment's time zone."""
    return local(moment).strftime("%H:%M")


def short_time(moment: datetime, language: str) -> str:
    """Hours and minutes; with the day in front when it is not today's."""
    here = local(moment)
    if here.date() == local(now()).date():
        return clock_time(moment)
    return f"{here.day} {words(f'date.month_{here.month}', language)} {clock_time(moment)}"


def full_time(moment: datetime, language: str) -> str:
    """Day, month, year (พ.ศ. in Thai) and time to the second."""
    here = local(moment)
    year = here.year + BUDDHIST_ERA if language == "th" else here.year
    month = words(f"date.month_{here.month}", language)
    return f"{here.day} {month} {year} {here:%H:%M:%S}"
