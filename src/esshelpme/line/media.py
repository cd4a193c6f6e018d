"""Copying media that people sent before LINE forgets it: sealed under the person's key, never trusted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, transaction

from esshelpme.incidents.models import Message
from esshelpme.intake.models import MediaToFetch, TakenBack
from esshelpme.line.client import LineClient, LineError, Temporary
from esshelpme.privacy.content import Erased, keep_file

log = structlog.get_logger(__name__)

# LINE accepts videos of up to 200 MB from people; more than this cannot be looked at on a board anyway.
LIMIT = 25 * 1024 * 1024
TRIES = 8
IDLE_SECONDS = 0.5
AT_ONCE = 4


async def copy_media(client: LineClient) -> None:
    """Copy what waits, for ever."""
    while True:
        try:
            waiting = await sync_to_async(_waiting)()
        except DatabaseError:
            waiting = []
        if waiting:
            await asyncio.gather(*(_copy(client, row) for row in waiting))
        await asyncio.sleep(IDLE_SECONDS)


async def _copy(client: LineClient, row: MediaToFetch) -> None:
    try:
        type, data = await client.content(row.channel_message_id, limit=LIMIT)
        await sync_to_async(_keep)(row, type, data)
    except LineError as error:
        await sync_to_async(_failed)(row, error)
    except (OSError, Erased, DatabaseError) as error:
        log.exception("media_not_kept", message=row.message_id)
        await sync_to_async(_failed)(row, Temporary(type(error).__name__))


def _waiting() -> list[MediaToFetch]:
    return list(
        MediaToFetch.objects.filter(done_at__isnull=True, next_try_at__lte=_now()).order_by("next_try_at")[
            :AT_ONCE
        ]
    )


def _keep(row: MediaToFetch, type: str, data: bytes) -> None:
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(of=("self",)).select_related("contact").get(pk=row.message_id)
        )
        taken_back = TakenBack.objects.filter(
            contact=message.contact, channel_message_id=row.channel_message_id
        ).exists()
        if not taken_back and message.media_id is None and message.contact is not None:
            message.media = keep_file(
                subject_id=message.contact.subject_id,
                data=data,
                about={"type": type, "size": len(data)},
                at=_now(),
            )
            message.save(update_fields=["media"])
        MediaToFetch.objects.filter(pk=row.pk).update(done_at=_now())


def _failed(row: MediaToFetch, error: LineError) -> None:
    attempts = row.attempts + 1
    given_up = not isinstance(error, Temporary) or attempts >= TRIES
    MediaToFetch.objects.filter(pk=row.pk).update(
        attempts=attempts,
        failure=str(error)[:200],
        next_try_at=_now() + timedelta(seconds=2**attempts),
        done_at=_now() if given_up else None,
    )


def _now() -> datetime:
    return datetime.now(UTC)
