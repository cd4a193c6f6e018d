"""The language of new people, from their LINE profile: asked behind the conversation, never before an answer."""

from __future__ import annotations

import asyncio

import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError

from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import choose_language
from esshelpme.line.client import LineClient, LineError, Temporary
from esshelpme.platform.clock import now

log = structlog.get_logger(__name__)

AT_ONCE = 5
EVERY_SECONDS = 0.5


async def learn_languages(client: LineClient) -> None:
    """Ask for profiles that were never asked for, for ever. Names and pictures are not kept."""
    while True:
        try:
            for contact in await sync_to_async(_without_profile)():
                await _learn(client, contact)
        except DatabaseError:
            log.warning("database_away")
        await asyncio.sleep(EVERY_SECONDS)


async def _learn(client: LineClient, contact: Contact) -> None:
    language = ""
    try:
        profile = await client.get(f"/v2/bot/profile/{contact.address}")
        language = str(profile.get("language", ""))
    except Temporary:
        return
    except LineError:
        pass  # blocked, gone, or never consented: the person keeps what we know
    await sync_to_async(_keep)(contact, language)


def _without_profile() -> list[Contact]:
    return list(
        Contact.objects.filter(channel=Contact.Channel.LINE, profile_at__isnull=True).order_by("id")[:AT_ONCE]
    )


def _keep(contact: Contact, language: str) -> None:
    contact.refresh_from_db()
    if language:
        choose_language(contact, language=language, chosen_by="PROFILE")
    Contact.objects.filter(pk=contact.pk).update(profile_at=now())
