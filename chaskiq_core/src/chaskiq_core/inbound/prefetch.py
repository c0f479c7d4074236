"""All that a batch of events needs, locked and loaded in a few statements, whatever the size of the batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text, tuple_

from chaskiq_core.conversations.dialogue import Dialogue, load_parts_by_id, lock_dialogues
from chaskiq_core.conversations.start import ChannelName
from chaskiq_core.conversations.threads import AliasName, find_aliases, find_participants, ids_by_key
from chaskiq_core.deliveries.attempts import Attempted, find_attempts
from chaskiq_core.deliveries.sources import SourceName, find_sources
from chaskiq_core.integrations.settings import StoredIntegration
from chaskiq_core.model import ConversationChannel, ConversationPart, ThreadAlias
from chaskiq_core.model.conversations import IS_CURRENT
from chaskiq_core.model.ids import ConversationId
from chaskiq_core.people.identify import KnownPerson, ProfileName, find_people, names_of
from chaskiq_core.plugin.events import (
    ButtonPressed,
    Chat,
    InboundEvent,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    Sender,
    StatusChanged,
)
from chaskiq_core.plugin.manifest import ProfileScope
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One event with the integration it came through."""

    event: InboundEvent
    integration: StoredIntegration
    profile_scope: ProfileScope
    acknowledges: bool
    """Whether the channel wants to hear that a press was taken."""
    historical: bool
    was_done: bool
    """Whether its item was taken in before."""
    fetches_profiles: bool = False
    """Whether the channel can be asked who somebody is."""

    @property
    def scope(self) -> str:
        """Within what its senders' ids are unique."""
        return self.integration.account if self.profile_scope is ProfileScope.ACCOUNT else ""

    @property
    def channel(self) -> ChannelName | None:
        """The chat that it happened in."""
        return self.named(self.event.chat) if self.event.chat else None

    @property
    def channels(self) -> list[ChannelName]:
        """All chats that it names: a group that moved has two."""
        chats = [self.event.chat]
        if isinstance(self.event, MembershipChanged):
            chats += [self.event.new_chat, self.event.old_chat]
        return [self.named(chat) for chat in chats if chat is not None]

    def named(self, chat: Chat) -> ChannelName:
        """A chat of this integration."""
        return ChannelName(
            integration_id=self.integration.id,
            provider=self.integration.provider,
            channel_id=chat.channel_id,
            thread_id=chat.thread_id,
            is_group=chat.is_group,
        )

    def names(self, sender: Sender) -> list[ProfileName]:
        """The profile names of a sender."""
        return names_of(sender, provider=self.integration.provider, scope=self.scope)

    def source(self, message_key: str | None) -> SourceName | None:
        """How a message of this account is found."""
        return (self.integration.account, message_key) if message_key else None


@dataclass(slots=True, kw_only=True)
class Prefetched:
    """What is known before the first event is applied; events add to it for those behind them."""

    people: dict[ProfileName, KnownPerson]
    dialogues: dict[ChannelName, Dialogue]
    """By current chat."""
    by_conversation: dict[int, Dialogue]
    parts: dict[SourceName, ConversationPart]
    """By the provider's name of the message."""
    attempts: dict[str, Attempted]
    """By our own name of a piece that a provider gave back."""
    parts_by_id: dict[int, ConversationPart]
    aliases: dict[AliasName, ThreadAlias] = field(default_factory=dict)
    """By an id that messages of a thread name each other by."""
    conversation_ids: dict[str, ConversationId] = field(default_factory=dict)
    """By the key that a token named."""
    participants: set[tuple[int, int]] = field(default_factory=set)
    """Who takes part in the conversations that a thread may lead to."""

    def attempted(self, one: Arrived, attempt_id: str | None) -> Attempted | None:
        """The piece that an event's integration gives back by our own name for it; None for one of another's."""
        found = self.attempts.get(attempt_id or "")
        return found if found is not None and found.integration_id == one.integration.id else None

    def part_of(self, name: SourceName | None) -> ConversationPart | None:
        """The part that a provider's message is."""
        return self.parts.get(name) if name else None


def prefetch(unit: Unit, arrived: Sequence[Arrived]) -> Prefetched:
    """Conversations are locked before people, each in the order of their ids."""
    sources = find_sources(unit, _wanted_sources(arrived))
    attempts = find_attempts(unit, [_given_back(one.event) for one in arrived])
    threaded = [one for one in arrived if is_threaded(one.event)]
    aliases = find_aliases(unit, [name for one in threaded for name in alias_names(one)])
    conversation_ids = ids_by_key(unit, [_token(one.event) for one in threaded])
    wanted_parts = {source.part_id for source in sources.values()} | {one.part_id for one in attempts.values()}
    wanted_parts |= {alias.part_id for alias in aliases.values() if alias.part_id is not None}
    parts = load_parts_by_id(unit, wanted_parts)
    channels = _find_channels(unit, {name for one in arrived for name in one.channels})
    wanted = {channel.conversation_id for channel in channels.values()}
    wanted |= {part.conversation_id for part in parts.values()}
    wanted |= {alias.conversation_id for alias in aliases.values()}
    wanted |= set(conversation_ids.values())
    by_conversation = {dialogue.conversation.id: dialogue for dialogue in lock_dialogues(unit, wanted)}
    people = find_people(
        unit, [name for one in arrived for sender in _senders(one.event) for name in one.names(sender)]
    )
    return Prefetched(
        people=people,
        dialogues={name: by_conversation[channel.conversation_id] for name, channel in channels.items()},
        by_conversation=by_conversation,
        parts={name: parts[source.part_id] for name, source in sources.items()},
        attempts=attempts,
        parts_by_id=dict(parts),
        aliases=aliases,
        conversation_ids=conversation_ids,
        participants=find_participants(unit, wanted) if threaded else set(),
    )


def is_threaded(event: InboundEvent) -> bool:
    """Whether it names other messages of its thread, or is named by them."""
    return isinstance(event, MessageReceived) and bool(event.alias or event.references or event.thread_token)


def alias_names(one: Arrived) -> list[AliasName]:
    """The ids of its thread that it names, the likeliest first, its own last."""
    if not isinstance(one.event, MessageReceived):
        return []
    ids = (*one.event.references, one.event.alias)
    return [(one.integration.account, alias) for alias in dict.fromkeys(ids) if alias]


def _token(event: InboundEvent) -> str | None:
    return event.thread_token if isinstance(event, MessageReceived) else None


def _wanted_sources(arrived: Iterable[Arrived]) -> list[SourceName]:
    keys: list[SourceName] = []
    for one in arrived:
        match one.event:
            case MessageReceived(message_key=key, reply_to_key=answered, references=named):
                found = [key, answered, *named]
            case MessageDeleted(message_keys=several):
                found = [*several]
            case MessageEdited() | ReactionChanged() | StatusChanged():
                found = [one.event.message_key]
            case ButtonPressed(message_key=key, own_message_id=own):
                found = [key, own]
            case _:
                found = []
        keys += [name for key in found if (name := one.source(key))]
    return keys


def _given_back(event: InboundEvent) -> str | None:
    return event.attempt_id if isinstance(event, StatusChanged | MessageReceived) else None


def _senders(event: InboundEvent) -> list[Sender]:
    found = [event.sender]
    if isinstance(event, MessageReceived):
        found.append(event.recipient)
    if isinstance(event, MembershipChanged):
        found.extend(event.members)
    return [sender for sender in found if sender is not None]


def _find_channels(unit: Unit, names: set[ChannelName]) -> dict[ChannelName, ConversationChannel]:
    if not names:
        return {}
    keys = sorted((name.integration_id, name.channel_id, name.thread_id) for name in names)
    statement = unit.select(ConversationChannel).where(
        text(IS_CURRENT),
        tuple_(ConversationChannel.integration_id, ConversationChannel.channel_id, ConversationChannel.thread_id).in_(
            keys
        ),
    )
    return {
        ChannelName(
            integration_id=channel.integration_id,
            provider=channel.provider,
            channel_id=channel.channel_id,
            thread_id=channel.thread_id,
        ): channel
        for channel in unit.all(statement)
    }
