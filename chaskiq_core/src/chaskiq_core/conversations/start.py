"""Starting a conversation: its row, its first participant, its channel."""

from dataclasses import dataclass, field
from datetime import datetime

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.log import record_event
from chaskiq_core.model import AppUser, Conversation, ConversationChannel, ConversationState, Participant
from chaskiq_core.model.ids import AgentId, AppUserId, ConversationId, ConversationKey, IntegrationId
from chaskiq_core.people.identify import become_lead
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelName:
    """A provider's chat of one integration."""

    integration_id: IntegrationId
    provider: str
    channel_id: str
    thread_id: str
    is_group: bool = field(default=False, compare=False)
    mirror: bool = field(default=False, compare=False)
    """Whether agents follow the conversation there, and no contact."""


def start_conversation(
    unit: Unit,
    person: AppUser,
    *,
    channel: ChannelName | None = None,
    assignee_id: AgentId | None = None,
    subject: str | None = None,
    last_inbound_at: datetime | None = None,
) -> Dialogue:
    """A new conversation of a contact, who is a lead from now on; logged as conversations.added and .started.

    `last_inbound_at` is when the contact last wrote on that channel, in a conversation before.
    """
    conversation = unit.add(
        Conversation(
            app_id=unit.app_id,
            id=unit.new_id(),
            key=ConversationKey(unit.new_key()),
            state=ConversationState.OPENED,
            priority=False,
            subject=subject,
            tags=[],
            assignee_id=assignee_id,
            main_participant_id=AppUserId(person.id),
            last_seq=0,
            unread_count=0,
            created_at=unit.now,
            updated_at=unit.now,
            closed_at=None,
            snoozed_until=None,
            first_agent_reply_at=None,
            latest_user_visible_comment_at=None,
        )
    )
    dialogue = Dialogue(conversation=conversation, person=person, channels=[])
    join_conversation(unit, dialogue, person)
    become_lead(unit, person)
    if channel is not None:
        add_channel(unit, dialogue, channel, last_inbound_at=last_inbound_at)
    for name in ("conversations.added", "conversations.started"):
        record_event(unit, name, subject_type="conversation", subject_key=conversation.key)
    return dialogue


def join_conversation(unit: Unit, dialogue: Dialogue, person: AppUser) -> None:
    """One more participant, new to this conversation."""
    unit.add(
        Participant(
            app_id=unit.app_id,
            conversation_id=ConversationId(dialogue.conversation.id),
            app_user_id=AppUserId(person.id),
        )
    )
    dialogue.people[person.id] = person


def add_channel(
    unit: Unit, dialogue: Dialogue, name: ChannelName, *, last_inbound_at: datetime | None = None
) -> ConversationChannel:
    """The chat carries this conversation from now on. Two who open the same chat meet at its unique index."""
    channel = unit.add(
        ConversationChannel(
            app_id=unit.app_id,
            id=unit.new_id(),
            conversation_id=ConversationId(dialogue.conversation.id),
            integration_id=name.integration_id,
            provider=name.provider,
            channel_id=name.channel_id,
            thread_id=name.thread_id,
            is_group=name.is_group,
            current=True,
            mirror=name.mirror,
            created_at=unit.now,
            last_inbound_at=last_inbound_at,
        )
    )
    dialogue.channels.append(channel)
    return channel
