"""Words of the catalogue in the page's language: `{% t "web.exit" %}`."""

from __future__ import annotations

from typing import Any

from django import template

from esshelpme.words import say

register = template.Library()


@register.simple_tag(takes_context=True)
def t(context: template.Context, key: str, **values: Any) -> str:
    """The text `key`, with `values` filled in."""
    return say(key, context["language"], **values)
