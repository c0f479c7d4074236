"""A conversation in the hands of an act: its row, locked, with what its consequences need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chaskiq_core.effects import Author
from chaskiq_core.errors import NotFoundError
from chaskiq_core.model import Agent, AppUser, Conversation, ConversationChannel, ConversationPart
from chaskiq_core.model.ids import AgentId
from chaskiq_core.staff.agents import load_agents
from chaskiq_core.staff.apps import find_bot
from chaskiq_core.store.unit import Unit


class Heard(Protocol):
    """A conversation, and the contact who hears of it."""

    @property
    def conversation(self) -> Conversation: ...

    @property
    def person(self) -> AppUser: ...


@dataclass(slots=True, kw_only=True)
class Place:
    """A locked conversation and its main participant, where no more is needed."""

    conversation: Conversation
    person: AppUser


@dataclass(slots=True, kw_only=True)
class Dialogue:
    """Rows that belong together; whoever holds it has locked the conversation and its main participant."""

    conversation: Conversation
    person: AppUser
    channels: list[ConversationChannel]
    people: dict[int, AppUser] = field(default_factory=dict)
    """Other participants that were loaded."""
    agents: dict[AgentId, Agent] = field(default_factory=dict)
    bot: Agent | None = None

    def bot_author(self, unit: Unit) -> Author:
        """The App's bot as an author."""
        if self.bot is None:
            self.bot = find_bot(unit)
            self.agents[self.bot.id] = self.bot
        return Author(agent_id=self.bot.id, is_bot=True)

    def agent(self, unit: Unit, agent_id: AgentId) -> Agent:
        """An agent of the App; NotFoundError for a stranger."""
        if agent_id not in self.agents:
            self.agents.update(load_agents(unit, [agent_id]))
        if agent_id not in self.agents:
            raise NotFoundError(f"no agent {agent_id} in this App")
        return self.agents[agent_id]

    def author_row(self, unit: Unit, author: Author) -> AppUser | Agent:
        """The row of an author."""
        if author.agent_id is not None:
            return self.agent(unit, author.agent_id)
        if author.app_user_id == self.person.id:
            return self.person
        assert author.app_user_id is not None
        if author.app_user_id not in self.people:
            statement = unit.select(AppUser).where(AppUser.id == author.app_user_id)
            self.people.update({person.id: person for person in unit.all(statement)})
        return self.people[author.app_user_id]


def lock_dialogue(unit: Unit, key: str) -> Dialogue:
    """The conversation of that key with its main participant, both locked; NotFoundError otherwise."""
    found = unit.lock(unit.select(Conversation).where(Conversation.key == key))
    if not found:
        raise NotFoundError(f"no conversation {key[:64]!r} in this App")
    return lock_people(unit, found)[0]


def lock_places(unit: Unit, conversation_ids: Iterable[int]) -> dict[int, Place]:
    """Conversations by id, locked in the order of their ids, and their main participants, as they are."""
    wanted = sorted(set(conversation_ids))
    conversations = unit.lock(unit.select(Conversation).where(Conversation.id.in_(wanted)).order_by(Conversation.id))
    person_ids = sorted({conversation.main_participant_id for conversation in conversations})
    people = {person.id: person for person in unit.all(unit.select(AppUser).where(AppUser.id.in_(person_ids)))}
    return {
        conversation.id: Place(conversation=conversation, person=people[conversation.main_participant_id])
        for conversation in conversations
    }


def lock_dialogues(unit: Unit, ids: Iterable[int]) -> list[Dialogue]:
    """Conversations with their main participants, locked in the order of their ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    return lock_people(
        unit, unit.lock(unit.select(Conversation).where(Conversation.id.in_(wanted)).order_by(Conversation.id))
    )


def lock_people(unit: Unit, conversations: Sequence[Conversation]) -> list[Dialogue]:
    """Locked conversations completed: main participants locked after them, channels read."""
    person_ids = sorted({conversation.main_participant_id for conversation in conversations})
    people = {
        person.id: person
        for person in unit.lock(unit.select(AppUser).where(AppUser.id.in_(person_ids)).order_by(AppUser.id))
    }
    channels: dict[int, list[ConversationChannel]] = {conversation.id: [] for conversation in conversations}
    found = unit.all(unit.select(ConversationChannel).where(ConversationChannel.conversation_id.in_(sorted(channels))))
    # Sorted here: asked for in the order of ids, SQLite would read all of the App's by its key.
    for channel in sorted(found, key=lambda one: one.id):
        channels[channel.conversation_id].append(channel)
    return [
        Dialogue(
            conversation=conversation,
            person=people[conversation.main_participant_id],
            channels=channels[conversation.id],
        )
        for conversation in conversations
    ]


def find_part(unit: Unit, conversation: Conversation, key: str) -> ConversationPart | None:
    """The part of that key in this conversation."""
    return unit.first(
        unit.select(ConversationPart).where(
            ConversationPart.conversation_id == conversation.id, ConversationPart.key == key
        )
    )


def load_parts_by_id(unit: Unit, ids: Iterable[int]) -> dict[int, ConversationPart]:
    """Parts by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {part.id: part for part in unit.all(unit.select(ConversationPart).where(ConversationPart.id.in_(wanted)))}
