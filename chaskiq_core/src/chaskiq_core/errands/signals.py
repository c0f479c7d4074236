"""What is told to a provider while it is fresh: somebody writes, a press was heard."""

import logging
from dataclasses import dataclass

from chaskiq_core.conversations.queries import find_conversation
from chaskiq_core.deliveries.sources import load_sources
from chaskiq_core.errands.jobs import DueJob, fail_job, finish_job
from chaskiq_core.errors import NotFoundError, PluginError, RetryLaterError, SendError, SettingsError
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.model import ConversationChannel, ConversationPart
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

LATEST = 50
"""Among how many parts the contact's last message is looked for."""
FRESH_SECONDS = 4.0
"""A sign of typing that is older than this shows what is over."""
log = logging.getLogger("chaskiq.errands")


class Acknowledge:
    """The errand of acknowledge jobs."""

    def __init__(self, integrations: IntegrationCache, host: Host) -> None:
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        try:
            channel, integration = await self._integrations.by_id(
                acting.app_id, IntegrationId(int(job.text("integration")))
            )
            await self._host.acknowledge(channel, job.text("callback"), integration)
        except RetryLaterError:
            raise
        except (SendError, PluginError, NotFoundError, SettingsError) as error:
            await acting.write(fail_job, lane, job.id, str(error))
            return
        await acting.write(finish_job, lane, job.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentChat:
    """A chat that carries a conversation now."""

    integration_id: IntegrationId
    channel_id: str
    thread_id: str
    message_id: str
    """The provider's id of the contact's last message there; '' if there is none."""


class ShowTyping:
    """The errand of typing jobs: each chat of the conversation is shown it once, or not at all."""

    def __init__(self, integrations: IntegrationCache, host: Host) -> None:
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        await acting.write(finish_job, lane, job.id)
        if (utc_now() - job.due_at).total_seconds() > FRESH_SECONDS:
            return
        for chat in await acting.read(current_chats, job.text("conversation")):
            try:
                channel, integration = await self._integrations.by_id(acting.app_id, chat.integration_id)
                await self._host.typing(
                    channel, chat.channel_id, chat.thread_id, integration, message_id=chat.message_id
                )
            except (SendError, PluginError, NotFoundError, SettingsError) as error:
                log.info("typing was not shown in a chat of integration %d: %s", chat.integration_id, error)


class MarkRead:
    """The errand of mark_read jobs: each chat of the conversation is shown it once, or not at all."""

    def __init__(self, integrations: IntegrationCache, host: Host) -> None:
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        await acting.write(finish_job, lane, job.id)
        for chat in await acting.read(current_chats, job.text("conversation")):
            if not chat.message_id:
                continue
            try:
                channel, integration = await self._integrations.by_id(acting.app_id, chat.integration_id)
                await self._host.mark_read(
                    channel, chat.channel_id, chat.thread_id, integration, message_id=chat.message_id
                )
            except (SendError, PluginError, NotFoundError, SettingsError) as error:
                log.info("a chat of integration %d was not marked read: %s", chat.integration_id, error)


def current_chats(unit: Unit, key: str) -> list[CurrentChat]:
    """The chats that carry a conversation now."""
    conversation = find_conversation(unit, key)
    statement = unit.select(ConversationChannel).where(
        ConversationChannel.conversation_id == conversation.id,
        ConversationChannel.current,
        ~ConversationChannel.mirror,
    )
    return [
        CurrentChat(
            integration_id=one.integration_id,
            channel_id=one.channel_id,
            thread_id=one.thread_id,
            message_id=_last_message(unit, conversation.id, one.integration_id),
        )
        for one in unit.all(statement)
    ]


def _last_message(unit: Unit, conversation_id: int, integration_id: IntegrationId) -> str:
    """The provider's id of what the contact wrote last, among the latest parts."""
    latest = unit.all(
        unit.select(ConversationPart)
        .where(ConversationPart.conversation_id == conversation_id)
        .order_by(ConversationPart.seq.desc())
        .limit(LATEST)
    )
    ids = [part.id for part in latest if part.app_user_id is not None]
    sources = load_sources(unit, ids)
    own = (source for id_ in ids for source in sources.get(id_, ()) if source.integration_id == integration_id)
    return next((source.external_id for source in own), "")
