"""Fetching a file that came in: to the media store as it arrives; the attachment is ready, or failed."""

import logging
from datetime import timedelta

from chaskiq_core.conversations.dialogue import lock_dialogues
from chaskiq_core.conversations.media import pending_attachment, settle_fetch
from chaskiq_core.errands.jobs import DueJob, fail_job, finish_job, retry_job
from chaskiq_core.errors import (
    AccountError,
    InvalidError,
    NotFoundError,
    PluginError,
    ReauthError,
    RetryLaterError,
    SendError,
    SettingsError,
    UnknownOutcomeError,
)
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.media.file_store import FileStore, StoredFile
from chaskiq_core.model import ConversationPart, InboundRequest
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.events import Attachment
from chaskiq_core.plugin.webhook import WebhookRequest
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

MAX_ATTEMPTS = 5
FIRST_WAIT_SECONDS = 1.0
WAIT_FACTOR = 4
"""1, 4, 16 and 64 seconds: a provider that restarts is back by then."""
MAY_WORK_LATER = (RetryLaterError, UnknownOutcomeError, ReauthError, AccountError, PluginError)
log = logging.getLogger("chaskiq.errands")


class FetchMedia:
    """The errand of media jobs."""

    def __init__(self, integrations: IntegrationCache, host: Host, files: FileStore, max_bytes: int) -> None:
        self._integrations = integrations
        self._host = host
        self._files = files
        self._max_bytes = max_bytes

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        part_key, n = job.text("part"), int(job.text("n"))
        wanted = await acting.read(find_pending, part_key, n, job.text("file"))
        if wanted is None:
            await acting.write(finish_job, lane, job.id)
            return
        try:
            file = await self._fetch(acting, job, IntegrationId(int(job.text("integration"))), wanted)
        except (SendError, PluginError, InvalidError, NotFoundError, SettingsError) as error:
            log.warning("part %s, file %d, attempt %d: %s", part_key, n + 1, job.attempts + 1, error)
            if isinstance(error, MAY_WORK_LATER) and job.attempts + 1 < MAX_ATTEMPTS:
                wait = timedelta(seconds=_wait_seconds(error, job.attempts))
                await acting.write(retry_job, lane, job.id, str(error), wait=wait)
                return
            await acting.write(give_up, lane, job.id, part_key, n, job.text("file"), str(error))
            return
        if not await acting.write(keep, lane, job.id, part_key, n, job.text("file"), file):
            await self._files.remove(file.key)

    async def _fetch(
        self, acting: Acting, job: DueJob, integration_id: IntegrationId, wanted: Attachment
    ) -> StoredFile:
        if wanted.size is not None and wanted.size > self._max_bytes:
            raise InvalidError(f"the file is larger than {self._max_bytes} bytes")
        channel, integration = await self._integrations.by_id(acting.app_id, integration_id)
        # Few channels find a file in the webhook itself: the others' are not read again.
        takes_request = "fetch_media" in channel.hooks and "request" in channel.hooks["fetch_media"].arguments
        request = await acting.read(find_request, job.correlation_id) if takes_request else None
        async with self._files.draft(max_bytes=self._max_bytes) as draft:
            await self._host.fetch_media(channel, wanted, draft, integration, request=request)
            return await self._files.keep(draft, wanted.filename or "")


def find_pending(unit: Unit, part_key: str, n: int, provider_file_id: str) -> Attachment | None:
    """The attachment that the job is for, if it is still wanted."""
    part = _part(unit, part_key)
    return pending_attachment(part, n, provider_file_id) if part is not None and part.deleted_at is None else None


def find_request(unit: Unit, correlation_id: str | None) -> WebhookRequest | None:
    """The webhook that the part came in, by whose name all goes that follows from it; None once it was purged."""
    if correlation_id is None or not correlation_id.isdecimal():
        return None
    stored = unit.first(unit.select(InboundRequest).where(InboundRequest.id == int(correlation_id)))
    if stored is None or stored.body is None:
        return None
    return WebhookRequest(
        method=stored.method,
        headers={name: str(value) for name, value in stored.headers.items()},
        query=stored.query,
        body=stored.body,
    )


def keep(
    unit: Unit, lane: ClaimedLane, job_id: int, part_key: str, n: int, provider_file_id: str, file: StoredFile
) -> bool:
    """The attachment is ready; False: nobody wants the file any more."""
    is_wanted = _settle(unit, part_key, n, provider_file_id, file)
    finish_job(unit, lane, job_id)  # last, as everywhere: lanes are locked behind conversations
    return is_wanted


def give_up(
    unit: Unit, lane: ClaimedLane, job_id: int, part_key: str, n: int, provider_file_id: str, error: str
) -> None:
    """The attachment can't be had."""
    _settle(unit, part_key, n, provider_file_id, None)
    fail_job(unit, lane, job_id, error)


def _settle(unit: Unit, part_key: str, n: int, provider_file_id: str, file: StoredFile | None) -> bool:
    part = _part(unit, part_key)
    if part is None:
        return False
    [dialogue] = lock_dialogues(unit, [part.conversation_id])
    [part] = unit.lock(unit.select(ConversationPart).where(ConversationPart.key == part_key))
    if part.deleted_at is not None or pending_attachment(part, n, provider_file_id) is None:
        return False
    settle_fetch(unit, dialogue, part, n, file)
    return True


def _part(unit: Unit, key: str) -> ConversationPart | None:
    return unit.first(unit.select(ConversationPart).where(ConversationPart.key == key))


def _wait_seconds(error: Exception, attempts: int) -> float:
    asked = error.retry_after_seconds if isinstance(error, RetryLaterError) else None
    return asked if asked is not None else FIRST_WAIT_SECONDS * WAIT_FACTOR**attempts
