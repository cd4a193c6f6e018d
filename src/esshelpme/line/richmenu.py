"""The rich menu: one huge emergency button, and four small ones. Image and areas come from one table.

LINE: JPEG or PNG up to 1 MB, 2500×1686; an area's label is read aloud by screen readers; labels up to 20, the bar
up to 14 characters (developers.line.biz, Messaging API reference, "Rich menu object"). Immutable: change is a new one.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from PIL import Image, ImageDraw, ImageFont

from esshelpme.outbox.line_messages import cut_clusters
from esshelpme.platform.config import ROOT
from esshelpme.words import say

WIDTH, HEIGHT = 2500, 1686
EMERGENCY_HEIGHT = 1060
FONT = ROOT / "node_modules/@ibm/plex-sans-thai/fonts/complete/woff2/IBMPlexSansThai-Bold.woff2"
LATIN = FONT  # the Thai face holds Latin letters too
ALARM, INK, PAPER, TILE, LINE_COLOUR, ACCENT = (
    "#b3261e",
    "#1c2430",
    "#ffffff",
    "#f3f6f8",
    "#d5dde4",
    "#14606b",
)
IMAGE_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Area:
    """One button of the menu: words of `menu.{key}`, the postback, the box in pixels."""

    key: str
    action: str
    x: int
    y: int
    width: int
    height: int
    draw: Callable[[ImageDraw.ImageDraw, int, int, int], None] | None = None


def _moon(draw: ImageDraw.ImageDraw, x: int, y: int, r: int) -> None:
    draw.ellipse((x - r, y - r, x + r, y + r), fill=ACCENT)
    draw.ellipse((x - r // 3, y - r - r // 6, x + r + r // 2, y + r - r // 3), fill=TILE)


def _tick(draw: ImageDraw.ImageDraw, x: int, y: int, r: int) -> None:
    draw.ellipse((x - r, y - r, x + r, y + r), fill=ACCENT)
    draw.line(
        ((x - r // 2, y), (x - r // 8, y + r // 2 - 6), (x + r // 2 + 4, y - r // 3)),
        fill=PAPER,
        width=r // 4,
    )


def _book(draw: ImageDraw.ImageDraw, x: int, y: int, r: int) -> None:
    draw.ellipse((x - r, y - r, x + r, y + r), fill=ACCENT)
    draw.rounded_rectangle((x - r // 10, y - r // 10, x + r // 10, y + r // 2), r // 12, fill=PAPER)
    draw.ellipse((x - r // 8, y - r // 2, x + r // 8, y - r // 4), fill=PAPER)


def _globe(draw: ImageDraw.ImageDraw, x: int, y: int, r: int) -> None:
    draw.ellipse((x - r, y - r, x + r, y + r), fill=ACCENT)
    inner, w = int(r * 0.62), max(4, r // 14)
    draw.ellipse((x - inner, y - inner, x + inner, y + inner), outline=PAPER, width=w)
    draw.ellipse((x - inner // 2, y - inner, x + inner // 2, y + inner), outline=PAPER, width=w)
    draw.line((x - inner, y, x + inner, y), fill=PAPER, width=w)


_TILE_HEIGHT = HEIGHT - EMERGENCY_HEIGHT
_TILE_WIDTH = WIDTH // 4
AREAS = (
    Area("emergency", "report", 0, 0, WIDTH, EMERGENCY_HEIGHT),
    Area("quiet", "start_quietly", 0, EMERGENCY_HEIGHT, _TILE_WIDTH, _TILE_HEIGHT, _moon),
    Area("safe", "menu_safe", _TILE_WIDTH, EMERGENCY_HEIGHT, _TILE_WIDTH, _TILE_HEIGHT, _tick),
    Area("info", "info", 2 * _TILE_WIDTH, EMERGENCY_HEIGHT, _TILE_WIDTH, _TILE_HEIGHT, _book),
    Area("language", "language", 3 * _TILE_WIDTH, EMERGENCY_HEIGHT, _TILE_WIDTH, _TILE_HEIGHT, _globe),
)


def menu(language: str) -> dict[str, Any]:
    """The rich menu object, named by a digest of all it shows so that an unchanged one is not made again."""
    areas = [
        {
            "bounds": {"x": area.x, "y": area.y, "width": area.width, "height": area.height},
            "action": {
                "type": "postback",
                "label": cut_clusters(say(f"menu.{area.key}", language), 20),
                "data": urlencode({"a": area.action}),
            },
        }
        for area in AREAS
    ]
    value: dict[str, Any] = {
        "size": {"width": WIDTH, "height": HEIGHT},
        "selected": True,
        "chatBarText": cut_clusters(say("menu.bar", language), 14),
        "areas": areas,
    }
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode() + picture(language)).hexdigest()[:12]
    return {**value, "name": f"ess-main-{language}-{digest}"}


def picture(language: str) -> bytes:
    """The menu's picture as PNG."""
    image = Image.new("RGB", (WIDTH, HEIGHT), TILE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, EMERGENCY_HEIGHT), fill=ALARM)
    _words(draw, say("menu.emergency", language), WIDTH // 2, EMERGENCY_HEIGHT // 2 - 40, 2200, 300, PAPER)
    _words(draw, say("menu.emergency_hint", language), WIDTH // 2, EMERGENCY_HEIGHT - 200, 2200, 110, PAPER)
    for area in AREAS[1:]:
        middle = area.x + area.width // 2
        if area.x:
            draw.line((area.x, area.y + 70, area.x, HEIGHT - 70), fill=LINE_COLOUR, width=6)
        if area.draw is not None:
            area.draw(draw, middle, area.y + 220, 110)
        _words(draw, say(f"menu.{area.key}", language), middle, area.y + 470, area.width - 60, 92, INK)
    buffer = io.BytesIO()
    image.quantize(64, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _words(draw: ImageDraw.ImageDraw, words: str, x: int, y: int, width: int, size: int, colour: str) -> None:
    """Words centred on a point, as large as `size` and the width allow; tone marks keep their room."""
    while size > 30:
        font = ImageFont.truetype(FONT, size)
        if draw.textlength(words, font=font) <= width:
            break
        size -= 4
    draw.text((x, y), words, font=font, fill=colour, anchor="mm")
