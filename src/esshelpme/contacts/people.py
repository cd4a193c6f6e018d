"""Finding and changing contacts."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from esshelpme.contacts.models import Contact
from esshelpme.privacy.content import new_subject

LANGUAGES = ("th", "en")


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
                created_at=at,
            )
    except IntegrityError:  # another worker met the person at the same instant
        return Contact.objects.get(channel=channel, address=address)


def choose_language(contact: Contact, *, language: str, chosen_by: str) -> None:
    """Set the language. `chosen_by` is PROFILE (LINE's profile) or PERSON; a person's choice stays."""
    if chosen_by == "PROFILE" and contact.language_from == "PERSON":
        return
    contact.language, contact.language_from = _known(language), chosen_by
    contact.save(update_fields=["language", "language_from"])


def _known(language: str) -> str:
    base = (language or "th").split("-")[0].lower()
    return base if base in LANGUAGES else ("th" if base == "th" else "en")
