"""Keeping, revealing and removing what people gave us. Nobody else reads or writes these tables."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from esshelpme.platform.writing import held
from esshelpme.platform.writing import keep as hold
from esshelpme.privacy.models import Content, Subject
from esshelpme.privacy.sealing import installation_key, new_key, seal, unseal

KEYS_REMEMBERED = 4096
_keys: OrderedDict[int, bytes] = OrderedDict()


class Erased(LookupError):
    """The person was erased: their key is gone, nothing more can be kept under it."""


def new_subject(*, at: datetime) -> Subject:
    """A new person with a key of their own."""
    key = new_key()
    subject = Subject.objects.create(wrapped_key=seal(_wrapping_key(), key), created_at=at)
    # Remembered by the process only once it is true: after a crash the number may be another person's.
    hold(("subject key", subject.pk), key)
    transaction.on_commit(lambda: _remember(subject.pk, key))
    return subject


def keep(*, subject_id: int, kind: str, value: str | Mapping[str, Any], at: datetime) -> Content:
    """Seal `value` (a text, or a small mapping for places and people) under the person's key. Raises `Erased`."""
    plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return Content.objects.create(
        subject_id=subject_id,
        kind=kind,
        sealed=seal(_key(subject_id), plain.encode("utf-8", "surrogatepass")),
        salt=os.urandom(16),
        created_at=at,
    )


def keep_file(*, subject_id: int, data: bytes, about: Mapping[str, Any], at: datetime) -> Content:
    """Seal media bytes into the media folder; `about` (type, size, name) is sealed in the row."""
    content = keep(subject_id=subject_id, kind=Content.Kind.MEDIA, value=about, at=at)
    name = f"{content.pk % 1000:03d}/{content.pk}.sealed"
    path = media_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_bytes(seal(_key(subject_id), data))
    os.replace(scratch, path)
    content.file = name
    content.save(update_fields=["file"])
    return content


def digest(content: Content, plain: str | None = None) -> str:
    """The salted digest that the timeline holds in place of the words: HMAC-SHA-256, hexadecimal."""
    words = reveal(content) if plain is None else plain
    assert content.salt is not None
    assert words is not None
    raw = words.encode("utf-8", "surrogatepass")
    return hmac.new(bytes(content.salt), raw, hashlib.sha256).hexdigest()


def reveal(content: Content | None) -> str | None:
    """The words, or None when they were removed or their owner erased."""
    if content is None or content.sealed is None:
        return None
    try:
        key = _key(content.subject_id)
    except Erased:
        return None
    return unseal(key, content.sealed).decode("utf-8", "surrogatepass")


def reveal_mapping(content: Content | None) -> dict[str, Any] | None:
    """A kept mapping (place, person), or None when removed."""
    plain = reveal(content)
    return None if plain is None else json.loads(plain)


def reveal_many(content_ids: Iterable[int]) -> dict[int, str | None]:
    """The words of many contents at once, by id."""
    rows = Content.objects.filter(pk__in=set(content_ids))
    _load_keys({row.subject_id for row in rows})
    return {row.pk: reveal(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Shown:
    """A content as readers see it: its words, or since when they are gone."""

    kind: str
    words: str | None
    removed_at: datetime | None


def show_many(content_ids: Iterable[int]) -> dict[int, Shown]:
    """Many contents at once, by id, with what became of the removed ones (two queries)."""
    rows = list(Content.objects.filter(pk__in=set(content_ids)))
    open_keys(row.subject_id for row in rows if row.sealed is not None)
    return {row.pk: Shown(row.kind, reveal(row), row.removed_at) for row in rows}


def open_keys(subject_ids: Iterable[int]) -> None:
    """Fetch the keys of many persons by one query, before their contents are revealed one by one."""
    _load_keys(set(subject_ids))


def reveal_file(content: Content) -> bytes | None:
    """Media bytes, or None when removed."""
    if content.sealed is None or not content.file:
        return None
    path = media_folder() / content.file
    try:
        return unseal(_key(content.subject_id), path.read_bytes())
    except (FileNotFoundError, Erased):
        return None


def remove(content: Content, *, because: str, at: datetime) -> None:
    """Remove the words and keep the fact. Twice is once."""
    if content.removed_at is not None:
        return
    file = content.file
    content.sealed = content.salt = None
    content.file = ""
    content.removed_at, content.removed_because = at, because
    content.save(update_fields=["sealed", "salt", "file", "removed_at", "removed_because"])
    if file:
        transaction.on_commit(lambda: (media_folder() / file).unlink(missing_ok=True))


def erase_subject(subject_id: int, *, because: str, at: datetime) -> int:
    """Forget a person: every content and the key. Returns how many contents went."""
    rows = list(Content.objects.select_for_update().filter(subject_id=subject_id, removed_at__isnull=True))
    for row in rows:
        remove(row, because=because, at=at)
    Subject.objects.filter(pk=subject_id).update(wrapped_key=None, erased_at=at)
    _keys.pop(subject_id, None)
    return len(rows)


def media_folder() -> Path:
    return Path(settings.CONFIG.data_dir) / "media"


def _wrapping_key() -> bytes:
    return installation_key("subjects", settings.SECRET_KEY)


def _key(subject_id: int) -> bytes:
    key = held(("subject key", subject_id)) or _keys.get(subject_id)
    if key is None:
        _load_keys({subject_id})
        key = _keys.get(subject_id)
        if key is None:
            raise Erased(f"subject {subject_id} was erased")
    return key


def _load_keys(subject_ids: set[int]) -> None:
    wanted = subject_ids - _keys.keys()
    if not wanted:
        return
    for pk, wrapped in Subject.objects.filter(pk__in=wanted, wrapped_key__isnull=False).values_list(
        "pk", "wrapped_key"
    ):
        _remember(pk, unseal(_wrapping_key(), wrapped or b""))


def _remember(subject_id: int, key: bytes) -> None:
    _keys[subject_id] = key
    while len(_keys) > KEYS_REMEMBERED:
        _keys.popitem(last=False)
