"""Mirrors at the provider: a thread is begun for a conversation, and its head follows how the conversation stands."""

import logging
from dataclasses import dataclass

from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.conversations.mirrors import SETTING, add_mirror, show_in_mirrors
from chaskiq_core.conversations.queries import find_conversation
from chaskiq_core.conversations.show import show_conversations
from chaskiq_core.conversations.start import ChannelName
from chaskiq_core.errands.jobs import DueJob, fail_job, finish_job, payload_of
from chaskiq_core.errors import (
    NotFoundError,
    PluginError,
    RetryLaterError,
    SendError,
    SettingsError,
    UnknownOutcomeError,
)
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.settings import OpenIntegration
from chaskiq_core.model import AppUser, ConversationChannel, Job
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.people.queries import load_profiles
from chaskiq_core.plugin.views import MirrorView
from chaskiq_core.presenters.people import present_agent, present_app_user
from chaskiq_core.staff.agents import list_agents
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

MAX_AGENTS = 50
"""Agents that a head lets choose from."""
TRY_AGAIN = (RetryLaterError, UnknownOutcomeError)
log = logging.getLogger("chaskiq.errands")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a mirror is."""

    integration_id: IntegrationId
    channel_id: str
    thread_id: str


class OpenMirror:
    """The errand that begins a mirror."""

    def __init__(self, integrations: IntegrationCache, host: Host) -> None:
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        key, integration_id = job.text("conversation"), IntegrationId(int(job.text("integration")))
        try:
            channel, integration = await self._integrations.by_id(acting.app_id, integration_id)
            place = mirror_place(integration)
            view = await acting.read(show_mirror_view, key)
            # Written before the call: whoever does the job after us must look for the thread first.
            await acting.write(note_begun, job.id)
            again = bool(job.payload.get("begun"))
            thread = await self._host.open_mirror(channel, view, place, integration, again=again)
        except TRY_AGAIN:
            raise
        except (SendError, PluginError, NotFoundError, SettingsError) as error:
            log.warning("conversation %s is not mirrored: %s", key, error)
            await acting.write(fail_job, lane, job.id, str(error))
            return
        name = ChannelName(
            integration_id=integration_id,
            provider=channel.manifest.provider,
            channel_id=place,
            thread_id=thread,
            is_group=True,
            mirror=True,
        )
        await acting.write(settle_open, lane, job.id, key, name, shown_version=view.conversation.version)


class ShowMirror:
    """The errand that brings a mirror's head up to date."""

    def __init__(self, integrations: IntegrationCache, host: Host) -> None:
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        try:
            place = await acting.read(find_place, int(job.text("channel")))
            channel, integration = await self._integrations.by_id(acting.app_id, place.integration_id)
            view = await acting.read(show_mirror_view, job.text("conversation"))
            await self._host.show_mirror(channel, view, place.channel_id, place.thread_id, integration)
        except TRY_AGAIN:
            raise
        except (SendError, PluginError, NotFoundError, SettingsError) as error:
            await acting.write(fail_job, lane, job.id, str(error))
            return
        await acting.write(finish_job, lane, job.id)


def mirror_place(integration: OpenIntegration) -> str:
    """The provider's id of where an integration mirrors; NotFoundError if it does so no more."""
    place = getattr(integration.settings, SETTING, None)
    if not isinstance(place, str) or not place:
        raise NotFoundError(f"integration {integration.stored.key} mirrors no conversations any more")
    return place


def show_mirror_view(unit: Unit, key: str) -> MirrorView:
    """What the head of a conversation's mirror shows."""
    conversation = find_conversation(unit, key)
    [view] = show_conversations(unit, [conversation])
    [person] = unit.all(unit.select(AppUser).where(AppUser.id == conversation.main_participant_id))
    people = [agent for agent, _ in list_agents(unit) if agent.disabled_at is None and not agent.bot]
    return MirrorView(
        conversation=view,
        contact=present_app_user(person, load_profiles(unit, [person])[person.id]),
        agents=tuple(present_agent(agent) for agent in people[:MAX_AGENTS]),
    )


def note_begun(unit: Unit, job_id: int) -> None:
    """Keep that the provider is about to be asked."""
    payload = payload_of(unit, job_id)
    unit.change(unit.update(Job).where(Job.id == job_id).values(payload={**payload, "begun": True}))


def settle_open(unit: Unit, lane: ClaimedLane, job_id: int, key: str, name: ChannelName, *, shown_version: int) -> None:
    """The mirror is there; if the conversation changed meanwhile, its head is shown again."""
    dialogue = lock_dialogue(unit, key)
    if not any(one.mirror and one.integration_id == name.integration_id for one in dialogue.channels):
        add_mirror(unit, dialogue, name)
        unit.flush()
        if dialogue.conversation.version != shown_version:
            show_in_mirrors(unit, dialogue)
    finish_job(unit, lane, job_id)


def find_place(unit: Unit, channel_row_id: int) -> Place:
    """Where a mirror is; NotFoundError if it is gone."""
    found = unit.first(unit.select(ConversationChannel).where(ConversationChannel.id == channel_row_id))
    if found is None:
        raise NotFoundError("the mirror is gone")
    return Place(integration_id=found.integration_id, channel_id=found.channel_id, thread_id=found.thread_id)
