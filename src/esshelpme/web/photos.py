"""Pictures from the web: checked by what they are, not by what they call themselves, and shown without their secrets.

The original is kept sealed; what others see is drawn anew from its pixels, so that position, camera and anything
hidden behind the picture stay with the original.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, SkipFile
from PIL import Image, ImageOps

from esshelpme.incidents.messages import hear
from esshelpme.incidents.models import Incident, Report
from esshelpme.privacy.content import keep_file
from esshelpme.web.limits import limit

# JPEG includes the MPO files of some phones.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
QUALITY = 82


class NotKept(ValueError):
    """The picture cannot be taken; `code` names why (`photo.CODE` of the catalogue)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as it came, and as others see it."""

    original: bytes
    type: str
    shown: bytes
    width: int
    height: int


@dataclass(slots=True)
class Photos:
    """What came of the pictures of one form."""

    good: list[Photo] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class CappedMemory(MemoryFileUploadHandler):
    """Uploads stay in memory, never on disk unsealed; a file above the limit is cut off and marked `too_big`."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True  # whatever the size

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # Django's signature
        self.kept = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.kept += len(raw_data)
        if self.kept > limit("PHOTO_BYTES"):
            self.request.ess_too_big = getattr(self.request, "ess_too_big", 0) + 1  # type: ignore[union-attr]
            raise SkipFile
        return super().receive_data_chunk(raw_data, start)


def read_photos(files: Iterable[UploadedFile[bytes]], *, too_big: int = 0) -> Photos:
    """Check each file of a form. Never raises: what cannot be taken is named."""
    found = Photos(refused=["too_big"] * bool(too_big))
    for file in files:
        if not file.size:
            continue
        if len(found.good) >= limit("PHOTOS_MAX"):
            found.refused.append("too_many")
            break
        try:
            found.good.append(read_photo(file.read()))
        except NotKept as error:
            found.refused.append(error.code)
    found.refused = list(dict.fromkeys(found.refused))
    return found


def read_photo(data: bytes) -> Photo:
    """Decode a picture and draw it anew. Raises `NotKept`."""
    if len(data) > limit("PHOTO_BYTES"):
        raise NotKept("too_big")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > limit("PHOTO_PIXELS"):
                raise NotKept("too_big")
            type = (image.format or "").lower()
            image.draft("RGB", (limit("SHOWN_PIXELS"), limit("SHOWN_PIXELS")))
            upright = ImageOps.exif_transpose(image)
            flat = Image.new("RGB", upright.size, "white")
            rgba = upright.convert("RGBA")
            flat.paste(rgba, mask=rgba.getchannel("A"))
    except NotKept:
        raise
    except Exception as error:  # a hostile file may break a decoder in any way
        raise NotKept("not_image") from error
    flat.thumbnail((limit("SHOWN_PIXELS"), limit("SHOWN_PIXELS")))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(data, type, out.getvalue(), flat.width, flat.height)


def add_photos(
    incident: Incident, report: Report, photos: Iterable[Photo], *, at: datetime, once: str = ""
) -> int:
    """Join pictures to an incident whose row is locked; returns how many."""
    assert report.contact is not None
    count = 0
    for photo in photos:
        message = hear(
            incident=incident,
            contact=report.contact,
            type="IMAGE",
            text=None,
            said_at=at,
            at=at,
            channel_message_id=once,
        )
        subject = report.contact.subject_id
        original = keep_file(
            subject_id=subject,
            data=photo.original,
            about={"type": f"image/{photo.type}", "size": len(photo.original), "original": True},
            at=at,
        )
        message.media = keep_file(
            subject_id=subject,
            data=photo.shown,
            about={
                "type": "image/jpeg",
                "size": len(photo.shown),
                "width": photo.width,
                "height": photo.height,
                "original_content": original.pk,
            },
            at=at,
        )
        message.save(update_fields=["media"])
        count += 1
    return count
