"""What agents write and ask for where they follow a conversation: a Job, since the provider knows who they are."""

from chaskiq_core.content import write_document
from chaskiq_core.conversations.mirrors import TAKE_MIRRORED_JOB, mirror_lane
from chaskiq_core.conversations.start import ChannelName
from chaskiq_core.inbound.prefetch import Arrived, Prefetched
from chaskiq_core.inbound.stored import document_of, is_channel, stored_attachments
from chaskiq_core.model import ConversationChannel, JsonObject
from chaskiq_core.plugin.events import ActionAsked, MessageReceived
from chaskiq_core.store.unit import Unit


def is_mirror(known: Prefetched, name: ChannelName) -> bool:
    """Whether a chat is where agents follow a conversation: nobody who writes there is its contact."""
    return find_mirror(known, name) is not None


def find_mirror(known: Prefetched, name: ChannelName) -> ConversationChannel | None:
    """The mirror of a chat's conversation, if that is what the chat is."""
    dialogue = known.dialogues.get(name)
    channels = dialogue.channels if dialogue is not None else []
    return next((channel for channel in channels if channel.mirror and is_channel(channel, name)), None)


def apply_mirrored(unit: Unit, known: Prefetched, one: Arrived, event: MessageReceived) -> str | None:
    """A message in a mirror: never a contact's, and for the contact only if it was meant so."""
    if event.mirrored is None:
        return "a message where agents followed a conversation: it is nobody's word to the contact"
    said: JsonObject = {
        "content": write_document(document_of(event.text, event.content)),
        "attachments": stored_attachments(event.attachments),
        "message_key": event.message_key,
        "message_id": event.message_id,
        "private_note": event.mirrored == "note",
        "at": event.at.isoformat() if event.at else None,
    }
    return _take(unit, known, one, event, said, name=event.message_key)


def apply_action(unit: Unit, known: Prefetched, one: Arrived, event: ActionAsked) -> str | None:
    """A button or a choice in a mirror."""
    asked: JsonObject = {"action": event.action, "agent_id": event.agent_id, "message_key": event.message_key}
    return _take(unit, known, one, event, asked, name=event.event_id)


def _take(
    unit: Unit,
    known: Prefetched,
    one: Arrived,
    event: MessageReceived | ActionAsked,
    payload: JsonObject,
    *,
    name: str,
) -> str | None:
    channel = find_mirror(known, one.channel) if one.channel is not None else None
    if channel is None or one.channel is None or event.sender is None or not name:
        return "no conversation is followed there"
    if one.historical:
        return "it was said where agents follow a conversation, and is over"
    conversation = known.dialogues[one.channel].conversation
    unit.enqueue(
        TAKE_MIRRORED_JOB,
        f"{TAKE_MIRRORED_JOB}/{one.integration.id}/{event.kind}/{name}"[:500],
        {
            **payload,
            "integration": one.integration.id,
            "channel": channel.id,
            "conversation": conversation.key,
            "sender": event.sender.id,
            "sender_name": event.sender.name,
        },
        lane_key=mirror_lane(conversation.key),
        integration_id=one.integration.id,
    )
    return None
