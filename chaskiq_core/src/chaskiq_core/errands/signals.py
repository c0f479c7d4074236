"""What is told to a provider while it is fresh: somebody writes, a press was heard."""

import logging

from chaskiq_core.conversations.queries import find_conversation
from chaskiq_core.errands.jobs import DueJob, fail_job, finish_job
from chaskiq_core.errors import NotFoundError, PluginError, RetryLaterError, SendError, SettingsError
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.model import ConversationChannel
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

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


class ShowTyping:
    """The errand of typing jobs: each chat of the conversation is shown it once, or not at all."""

    def __init__(self, integrations: IntegrationCache, host: Host) -> None:
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        await acting.write(finish_job, lane, job.id)
        if (utc_now() - job.due_at).total_seconds() > FRESH_SECONDS:
            return
        for integration_id, channel_id, thread_id in await acting.read(current_chats, job.text("conversation")):
            try:
                channel, integration = await self._integrations.by_id(acting.app_id, integration_id)
                await self._host.typing(channel, channel_id, thread_id, integration)
            except (SendError, PluginError, NotFoundError, SettingsError) as error:
                log.info("typing was not shown in a chat of integration %d: %s", integration_id, error)


def current_chats(unit: Unit, key: str) -> list[tuple[IntegrationId, str, str]]:
    """The chats that carry a conversation now."""
    conversation = find_conversation(unit, key)
    statement = unit.select(ConversationChannel).where(
        ConversationChannel.conversation_id == conversation.id,
        ConversationChannel.current,
        ~ConversationChannel.mirror,
    )
    return [(one.integration_id, one.channel_id, one.thread_id) for one in unit.all(statement)]
