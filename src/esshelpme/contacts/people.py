"""Finding and changing contacts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from esshelpme.contacts.models import Contact
from esshelpme.privacy.content import new_subject

LANGUAGES = ("th", "en")
A_DAY = timedelta(days=1)
# How a language was learnt, the surest last.
SURENESS = ("DEFAULT", "TEXT", "PROFILE", "PERSON")
_THAI = re.compile("[\u0e00-\u0e7f]")
_LATIN_WORDS = re.compile(r"[A-Za-z]{2,}")


def contact_for(*, channel: str, address: str, at: datetime, language: str = "th") -> Contact:
    """The contact behind an address, made at the first sight of it."""
    found = Contact.objects.filter(channel=channel, address=address).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Contact.objects.create(
                channel=channel,
                address=address,
                subject=new_subject(at=at),
                language=_known(language),
                last_heard_at=at,
                created_at=at,
            )
    except IntegrityError:  # another worker met the person at the same instant
        return Contact.objects.get(channel=channel, address=address)


def heard_from(contact: Contact, *, at: datetime) -> None:
    """Note, once a day, that the person is still there."""
    if contact.last_heard_at is None or at - contact.last_heard_at > A_DAY:
        contact.last_heard_at = at
        contact.save(update_fields=["last_heard_at"])


def choose_language(contact: Contact, *, language: str, chosen_by: str) -> None:
    """Set the language. `chosen_by` is TEXT, PROFILE or PERSON; what is surer stays."""
    if SURENESS.index(chosen_by) < SURENESS.index(contact.language_from):
        return
    contact.language, contact.language_from = _known(language), chosen_by
    contact.save(update_fields=["language", "language_from"])


def language_of_text(text: str) -> str | None:
    """Thai or English, when the script tells it; None for other scripts and too little text."""
    if _THAI.search(text):
        return "th"
    return "en" if len(_LATIN_WORDS.findall(text)) >= 2 else None


def _known(language: str) -> str:
    base = (language or "th").split("-")[0].lower()
    return base if base in LANGUAGES else ("th" if base == "th" else "en")
