"""Samples people send, made here: drawn photos, a hummed voice message. And reading a picture's size."""

from __future__ import annotations

import io
import math
import struct
import wave
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Media type and size in pixels."""

    type: str
    width: int
    height: int


def image_size(data: bytes) -> ImageSize | None:
    """Type and size of a PNG or JPEG from its header; None for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return ImageSize("image/png", width, height)
    if data[:3] == b"\xff\xd8\xff":
        try:
            with Image.open(io.BytesIO(data)) as picture:
                return ImageSize("image/jpeg", *picture.size)
        except (OSError, ValueError):
            return None
    return None


SAMPLES = ("door", "street", "room")


def sample_photo(name: str) -> bytes:
    """A drawn JPEG of 720×960 that stands for a photo from a phone: ``door``, ``street`` or ``room``."""
    draw_scene = {"door": _door, "street": _street, "room": _room}[name if name in SAMPLES else "room"]
    picture = Image.new("RGB", (720, 960), "#20242c")
    draw_scene(ImageDraw.Draw(picture))
    picture = picture.filter(ImageFilter.GaussianBlur(1.6))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


def sample_voice(duration_ms: int) -> bytes:
    """A WAV of a low hum, 8 kHz mono, at most a minute: a voice message. (LINE's own are M4A.)"""
    count = 8 * max(1, min(duration_ms, 60_000))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        tones = (
            math.sin(index / 8000 * 2 * math.pi * (180 + 40 * math.sin(index / 2600)))
            for index in range(count)
        )
        sound.writeframes(b"".join(struct.pack("<h", round(5200 * tone)) for tone in tones))
    return out.getvalue()


def _gradient(draw: ImageDraw.ImageDraw, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> None:
    for y in range(960):
        share = y / 959
        draw.line(
            (0, y, 720, y), fill=tuple(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        )


def _door(draw: ImageDraw.ImageDraw) -> None:
    _gradient(draw, (58, 62, 74), (32, 34, 42))
    draw.polygon([(0, 960), (720, 960), (560, 730), (160, 730)], fill="#4b4f5a")
    draw.rectangle((210, 190, 510, 740), fill="#6d4a2f")
    draw.rectangle((240, 225, 480, 450), fill="#5d3e27")
    draw.rectangle((240, 480, 480, 710), fill="#5d3e27")
    draw.ellipse((462, 455, 490, 483), fill="#d2b36a")
    draw.rectangle((300, 110, 420, 165), fill="#c9ccd4")
    draw.ellipse((335, 20, 385, 70), fill="#ffe9b0")
    draw.line((505, 190, 505, 740), fill="#ffd27a", width=7)


def _street(draw: ImageDraw.ImageDraw) -> None:
    _gradient(draw, (18, 24, 48), (46, 44, 60))
    for index, height in enumerate((420, 520, 360, 560, 460)):
        left = index * 150 - 20
        draw.rectangle((left, 760 - height, left + 128, 760), fill=("#2a2f45", "#343a52")[index % 2])
        for row in range(height // 70):
            for column in range(3):
                lit = (index + row * 2 + column) % 4 == 0
                x, y = left + 16 + column * 38, 780 - height + row * 66
                draw.rectangle((x, y, x + 22, y + 34), fill="#ffd98a" if lit else "#202539")
    draw.polygon([(0, 960), (720, 960), (470, 760), (250, 760)], fill="#3b3d47")
    draw.polygon([(350, 960), (370, 960), (363, 770), (357, 770)], fill="#d8d2b8")
    draw.rectangle((596, 420, 606, 790), fill="#8a8d97")
    draw.ellipse((570, 392, 632, 446), fill="#ffe6a3")


def _room(draw: ImageDraw.ImageDraw) -> None:
    _gradient(draw, (128, 118, 104), (92, 82, 72))
    draw.polygon([(0, 960), (720, 960), (600, 700), (120, 700)], fill="#6b5b4b")
    draw.rectangle((60, 150, 290, 430), fill="#a9c4d9")
    draw.line((175, 150, 175, 430), fill="#ece6da", width=10)
    draw.line((60, 290, 290, 290), fill="#ece6da", width=10)
    draw.polygon([(390, 700), (660, 700), (630, 540), (420, 540)], fill="#8c6a4a")
    draw.polygon([(440, 860), (520, 820), (575, 880), (480, 915)], fill="#b98a5c")
    draw.line((446, 858, 566, 884), fill="#6d4f33", width=8)
    draw.line((520, 822, 484, 912), fill="#6d4f33", width=8)
    draw.ellipse((160, 790, 250, 840), fill="#e8e2d6")
    draw.polygon([(205, 810), (300, 770), (318, 800)], fill="#e8e2d6")
