"""What an agent wrote or asked for in a mirror, carried out as that agent, whom their e-mail address tells."""

import logging
from collections.abc import Sequence
from datetime import datetime

from chaskiq_core.content import Document, Paragraph, Text, document_from_text, read_document
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import Dialogue, lock_dialogue
from chaskiq_core.conversations.media import attachments_of, plan_fetches
from chaskiq_core.deliveries.sources import find_sources
from chaskiq_core.effects import AddPart, Assign, Author, Close, Effect, Origin, Prioritize, Reopen
from chaskiq_core.errands.jobs import DueJob, fail_job, finish_job, payload_of
from chaskiq_core.errors import (
    NotFoundError,
    PluginError,
    RefusalError,
    RetryLaterError,
    SendError,
    SettingsError,
    UnknownOutcomeError,
)
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.settings import StoredIntegration
from chaskiq_core.model import ConversationPart, JsonObject
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.events import Sender
from chaskiq_core.staff.agents import find_role
from chaskiq_core.store.call import Actor
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

log = logging.getLogger("chaskiq.errands")


class TakeMirrored:
    """The errand of what is said in mirrors."""

    def __init__(self, integrations: IntegrationCache, host: Host) -> None:
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        try:
            channel, integration = await self._integrations.by_id(
                acting.app_id, IntegrationId(int(job.text("integration")))
            )
            person = Sender(id=job.text("sender"), name=job.text("sender_name"))
            try:
                person = await self._host.fetch_profile(channel, person.id, integration)
            except (RetryLaterError, UnknownOutcomeError):
                raise
            except (SendError, PluginError) as error:
                log.info("nobody knows who %s is: %s", person.id, error)
            agent = await acting.read(find_agent, person.email)
            doing = Acting(acting.store, acting.app_id, Actor(kind="agent", name=agent)) if agent else acting
            take = take_action if "action" in job.payload else take_message
            await doing.write(take, lane, job.id, person, agent, integration.stored)
        except (RetryLaterError, UnknownOutcomeError):
            raise
        except (RefusalError, SettingsError) as error:
            log.warning("what was asked for in a mirror can't be: %s", error)
            await acting.write(fail_job, lane, job.id, str(error))


def find_agent(unit: Unit, email: str | None) -> str | None:
    """The address of the agent whose it is; None: nobody's."""
    if not email:
        return None
    try:
        _, agent = find_role(unit, email)
    except NotFoundError:
        return None
    return None if agent.bot else agent.email


def take_message(
    unit: Unit,
    lane: ClaimedLane,
    job_id: int,
    person: Sender,
    agent: str | None,
    integration: StoredIntegration,
) -> None:
    """A note, or a reply to the contact, by the agent; of a stranger by the bot, a note under their name."""
    payload = payload_of(unit, job_id)
    dialogue = lock_dialogue(unit, str(payload["conversation"]))
    message_key, is_note = str(payload["message_key"]), bool(payload["private_note"])
    if find_sources(unit, [(integration.account, message_key)]):
        finish_job(unit, lane, job_id)
        return
    content = read_document(payload["content"])
    if agent is None and is_note:
        content = _under_name(person.name, content)
    at = payload.get("at")
    new = AddPart(
        content=content,
        author=_author(unit, agent),
        private_note=is_note,
        details={"attachments": payload["attachments"]} if payload["attachments"] else None,
        sent_at=datetime.fromisoformat(at) if isinstance(at, str) else None,
        origin=Origin(
            channel_id=int(str(payload["channel"])),
            integration_id=integration.id,
            provider=integration.provider,
            account=integration.account,
            message_key=message_key,
            external_id=str(payload["message_id"]),
        ),
    )
    for part in perform(unit, dialogue, [new]):
        plan_fetches(unit, part, integration.id)
    unit.flush()
    finish_job(unit, lane, job_id)


def take_action(
    unit: Unit,
    lane: ClaimedLane,
    job_id: int,
    person: Sender,
    agent: str | None,
    integration: StoredIntegration,
) -> None:
    """A button or a choice: what it asks for, by the agent, or by the house for a stranger."""
    payload = payload_of(unit, job_id)
    dialogue = lock_dialogue(unit, str(payload["conversation"]))
    perform(unit, dialogue, _effects(unit, dialogue, payload, agent, integration, job_id))
    unit.flush()
    finish_job(unit, lane, job_id)


def _effects(
    unit: Unit,
    dialogue: Dialogue,
    payload: JsonObject,
    agent: str | None,
    integration: StoredIntegration,
    job_id: int,
) -> Sequence[Effect]:
    match payload["action"]:
        case "close":
            return [Close()]
        case "reopen":
            return [Reopen()]
        case "prioritize":
            return [Prioritize(on=True)]
        case "deprioritize":
            return [Prioritize(on=False)]
        case "unassign":
            return [Assign(agent_id=None)]
        case "assign":
            role, _ = find_role(unit, str(payload["agent_id"] or ""))
            return [Assign(agent_id=role.agent_id)]
        case "send":
            part = _named_part(unit, dialogue, integration, str(payload["message_key"] or ""))
            return [_as_reply(part, _author(unit, agent), job_id)] if part.private_note else []
    raise NotFoundError(f"nobody knows the action {payload['action']!r}")


def _named_part(unit: Unit, dialogue: Dialogue, integration: StoredIntegration, message_key: str) -> ConversationPart:
    """The agents' own message of that name in this conversation."""
    sources = find_sources(unit, [(integration.account, message_key)]) if message_key else {}
    for source in sources.values():
        found = unit.first(
            unit.select(ConversationPart).where(
                ConversationPart.id == source.part_id, ConversationPart.conversation_id == dialogue.conversation.id
            )
        )
        if found is not None and found.agent_id is not None and found.deleted_at is None:
            return found
    raise NotFoundError("the message is none of the agents' in this conversation")


def _as_reply(note: ConversationPart, author: Author | None, job_id: int) -> AddPart:
    """What a note says, to the contact; a repeat finds it by the note's key."""
    attachments = [one for one in attachments_of(note) if one.get("state") == "ready"]
    return AddPart(
        content=read_document(note.content) if note.content else document_from_text(note.text),
        author=author,
        client_id=f"mirror/{job_id}",
        details={"attachments": attachments} if attachments else None,
    )


def _author(unit: Unit, agent: str | None) -> Author | None:
    if agent is None:
        return None
    role, _ = find_role(unit, agent)
    return Author(agent_id=role.agent_id)


def _under_name(name: str, content: Document) -> Document:
    return Document(blocks=(Paragraph(inlines=(Text(text=f"{name}:"),)), *content.blocks))
