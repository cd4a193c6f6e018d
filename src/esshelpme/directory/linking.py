"""Binding a member to a LINE account by a one-time code typed in the 1:1 chat (or scanned, which types it)."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from esshelpme.directory.models import LinkCode, Member
from esshelpme.platform.ids import new_ref, read_ref

CODE_LASTS = timedelta(minutes=30)
_TYPED = re.compile(r"^\s*LINK[\s:-]*([0-9A-Za-z]{4}[\s-]?[0-9A-Za-z]{4})\s*$", re.IGNORECASE)


def new_link_code(member: Member, *, at: datetime) -> str:
    """A code for this member, as typed: `LINK ABCD1234`. Codes made before stop working."""
    LinkCode.objects.filter(member=member, used_at__isnull=True).delete()
    code = new_ref()
    LinkCode.objects.create(member=member, digest=_digest(code), expires_at=at + CODE_LASTS)
    return f"LINK {code}"


def typed_code(text: str) -> str | None:
    """The code in a typed text, or None when the text is no attempt to link."""
    match = _TYPED.match(text)
    return read_ref(match.group(1)) if match else None


def use_code(code: str, *, line_user_id: str, at: datetime) -> Member | None:
    """Bind the account; None when the code is wrong, used or expired."""
    used = LinkCode.objects.filter(digest=_digest(code), used_at__isnull=True, expires_at__gt=at)
    found = used.select_related("member__unit").first()
    if found is None or not used.filter(pk=found.pk).update(used_at=at):
        return None
    member = found.member
    member.line_user_id, member.line_verified_at = line_user_id, at
    member.save(update_fields=["line_user_id", "line_verified_at"])
    return member


def unlink(member: Member) -> None:
    """Release the LINE account; the member gets no more offers there."""
    member.line_user_id = member.line_verified_at = None
    member.save(update_fields=["line_user_id", "line_verified_at"])


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
