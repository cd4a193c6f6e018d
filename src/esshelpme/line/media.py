"""Copying media that people sent before LINE forgets it: sealed under the person's key, never trusted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import django.db
import structlog
from django.db import transaction

from esshelpme.incidents.models import Message
from esshelpme.intake.models import MediaToFetch, TakenBack
from esshelpme.line.client import LineClient, LineError, Temporary
from esshelpme.line.threads import in_thread
from esshelpme.privacy.content import keep_file

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
            waiting = await in_thread(_waiting)
            await asyncio.gather(*(_copy(client, row) for row in waiting))
        except django.db.Error as error:
            log.warning("database_away", error=type(error).__name__)
        except Exception:  # one medium must not stop the messages of this process
            log.exception("media_failed")
        await asyncio.sleep(IDLE_SECONDS)


async def _copy(client: LineClient, row: MediaToFetch) -> None:
    try:
        kind, data = await client.content(row.channel_message_id, limit=LIMIT)
        await in_thread(_keep, row, kind, data)
    except LineError as error:
        await in_thread(_failed, row, error)
    except django.db.Error:
        raise  # not the medium's fault: it is fetched again
    except Exception as error:
        log.error("media_not_kept", message=row.message_id, error=type(error).__name__)
        await in_thread(_failed, row, Temporary(type(error).__name__))


def _waiting() -> list[MediaToFetch]:
    return list(
        MediaToFetch.objects.filter(done_at__isnull=True, next_try_at__lte=_now()).order_by("next_try_at")[
            :AT_ONCE
        ]
    )


def _keep(row: MediaToFetch, kind: str, data: bytes) -> None:
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
                about={"type": kind, "size": len(data)},
                at=_now(),
            )
            message.save(update_fields=["media"])
        MediaToFetch.objects.filter(pk=row.pk).update(done_at=_now())


def _failed(row: MediaToFetch, error: LineError) -> None:
    attempts = row.attempts + 1
    given_up = not isinstance(error, Temporary) or attempts >= TRIES
    MediaToFetch.objects.filter(pk=row.pk).update(
        attempts=attempts,
        failure=str(error).replace("\x00", "")[:200],
        next_try_at=_now() + timedelta(seconds=2**attempts),
        done_at=_now() if given_up else None,
    )


def _now() -> datetime:
    return datetime.now(UTC)
