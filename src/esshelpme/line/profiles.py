"""The language of new people, from their LINE profile: asked behind the conversation, never before an answer."""

from __future__ import annotations

import asyncio

import django.db
import structlog

from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import choose_language
from esshelpme.line.client import LineClient, LineError, Temporary
from esshelpme.line.threads import in_thread
from esshelpme.platform.clock import now

log = structlog.get_logger(__name__)

AT_ONCE = 5
EVERY_SECONDS = 0.5


async def learn_languages(client: LineClient) -> None:
    """Ask for profiles that were never asked for, for ever. Names and pictures are not kept."""
    while True:
        try:
            for contact in await in_thread(_without_profile):
                await _learn(client, contact)
        except django.db.Error as error:
            log.warning("database_away", error=type(error).__name__)
        except Exception:  # a profile must not stop the messages of this process
            log.exception("profile_failed")
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
    await in_thread(_keep, contact, language)


def _without_profile() -> list[Contact]:
    return list(
        Contact.objects.filter(channel=Contact.Channel.LINE, profile_at__isnull=True).order_by("id")[:AT_ONCE]
    )


def _keep(contact: Contact, language: str) -> None:
    fresh = Contact.objects.filter(pk=contact.pk).first()
    if fresh is None:  # erased meanwhile
        return
    if language:
        choose_language(fresh, language=language, chosen_by="PROFILE")
    Contact.objects.filter(pk=contact.pk).update(profile_at=now())
