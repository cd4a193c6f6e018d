"""Handing out what people sent: one way, whether it belongs to an incident or waits in the inbox."""

from __future__ import annotations

from django.http import HttpResponse

from esshelpme.privacy.content import reveal_file, reveal_mapping
from esshelpme.privacy.models import Content

# Shown in the page; everything else is offered as a download. SVG and HTML are never shown: they can carry scripts.
SHOWN_TYPES = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "audio/mp4",
        "audio/mpeg",
        "audio/aac",
        "audio/x-m4a",
        "audio/ogg",
        "audio/wav",
        "video/mp4",
    }
)


def file_response(content: Content, name: str) -> HttpResponse | None:
    """Media as it was sent: shown when a browser can do no harm with it, otherwise offered. None when removed."""
    about = reveal_mapping(content) or {}
    data = reveal_file(content)
    if data is None:
        return None
    kind = str(about.get("type", "")).split(";")[0].strip().lower()
    shown = kind in SHOWN_TYPES
    response = HttpResponse(data, content_type=kind if shown else "application/octet-stream")
    response["Content-Disposition"] = "inline" if shown else f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
