"""Conversations and parts with all that their views need: a constant number of statements, however many."""

from collections.abc import Sequence
from dataclasses import replace

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.queries import load_last_parts
from chaskiq_core.deliveries.queries import load_deliveries, load_pieces
from chaskiq_core.deliveries.sources import load_sources
from chaskiq_core.deliveries.windows import find_windows
from chaskiq_core.integrations.find import load_integrations
from chaskiq_core.model import AppUser, Conversation, ConversationChannel, ConversationPart, Participant
from chaskiq_core.plugin.views import ConversationView, PartView
from chaskiq_core.presenters.conversations import ConversationRows, present_conversation
from chaskiq_core.presenters.parts import PartRows, present_last_part, present_part
from chaskiq_core.presenters.people import author_of
from chaskiq_core.staff.agents import load_agents
from chaskiq_core.store.unit import Unit


def show_conversations(unit: Unit, conversations: Sequence[Conversation]) -> list[ConversationView]:
    """Their views, in the given order."""
    return [present_conversation(rows) for rows in load_conversations(unit, conversations)]


def show_with_last_parts(unit: Unit, conversations: Sequence[Conversation]) -> list[ConversationView]:
    """Their views with what was said last in each, for one statement more."""
    last = load_last_parts(unit, conversations)
    views = zip(conversations, show_conversations(unit, conversations), strict=True)
    return [
        replace(view, last_part=present_last_part(last[conversation.id]) if conversation.id in last else None)
        for conversation, view in views
    ]


def load_conversations(
    unit: Unit, conversations: Sequence[Conversation], *, changed: bool = False, dialogue: Dialogue | None = None
) -> list[ConversationRows]:
    """The rows of their views. `dialogue` holds rows that may not be written yet."""
    ids = [conversation.id for conversation in conversations]
    members: dict[int, set[int]] = {conversation.id: set() for conversation in conversations}
    for participant in unit.all(unit.select(Participant).where(Participant.conversation_id.in_(ids))):
        members[participant.conversation_id].add(participant.app_user_id)
    for conversation in conversations:
        members[conversation.id].add(conversation.main_participant_id)
    people = {person.id: person for person in ([dialogue.person, *dialogue.people.values()] if dialogue else [])}
    missing = sorted({person for some in members.values() for person in some} - people.keys())
    if missing:
        people.update({person.id: person for person in unit.all(unit.select(AppUser).where(AppUser.id.in_(missing)))})
    channels: dict[int, list[ConversationChannel]] = {id_: [] for id_ in ids}
    if dialogue is not None:
        channels[dialogue.conversation.id] = dialogue.channels
    else:
        statement = unit.select(ConversationChannel).where(ConversationChannel.conversation_id.in_(ids))
        # Sorted here: asked for in the order of ids, SQLite would read all of the App's by its key.
        for channel in sorted(unit.all(statement), key=lambda one: one.id):
            channels[channel.conversation_id].append(channel)
    integrations = load_integrations(unit, {one.integration_id for some in channels.values() for one in some})
    agents = load_agents(unit, {one.assignee_id for one in conversations if one.assignee_id is not None})
    windows = find_windows(unit, [channel for some in channels.values() for channel in some])
    with_templates = frozenset(name for name, one in unit.manifests.items() if "list_templates" in one.offers)
    return [
        ConversationRows(
            conversation=conversation,
            person=people[conversation.main_participant_id],
            participants=[people[id_] for id_ in sorted(members[conversation.id])],
            channels=channels[conversation.id],
            integrations=integrations,
            assignee=agents.get(conversation.assignee_id) if conversation.assignee_id is not None else None,
            windows=windows,
            now=unit.now,
            template_providers=with_templates,
            changed=changed,
        )
        for conversation in conversations
    ]


def show_parts(unit: Unit, parts: Sequence[ConversationPart]) -> list[PartView]:
    """Their views, in the given order."""
    return [present_part(rows) for rows in load_parts(unit, parts)]


def load_parts(unit: Unit, parts: Sequence[ConversationPart]) -> list[PartRows]:
    """The rows of their views."""
    ids = [part.id for part in parts]
    people_ids = sorted({part.app_user_id for part in parts if part.app_user_id is not None})
    people: dict[int, AppUser] = {}
    if people_ids:
        people = {person.id: person for person in unit.all(unit.select(AppUser).where(AppUser.id.in_(people_ids)))}
    agents = load_agents(unit, {part.agent_id for part in parts if part.agent_id is not None})
    sources = load_sources(unit, ids)
    deliveries = load_deliveries(unit, ids)
    pieces = load_pieces(unit, [delivery.id for some in deliveries.values() for delivery in some])
    answered = _answered_keys(unit, parts)
    return [
        PartRows(
            part=part,
            author=author_of(agents[part.agent_id] if part.agent_id is not None else people[part.app_user_id or 0]),
            reply_to=answered.get(part.reply_to_id or 0),
            sources=sources.get(part.id, ()),
            deliveries=deliveries.get(part.id, ()),
            pieces=pieces,
            link=unit.media_url,
        )
        for part in parts
    ]


def _answered_keys(unit: Unit, parts: Sequence[ConversationPart]) -> dict[int, str]:
    ids = sorted({part.reply_to_id for part in parts if part.reply_to_id is not None})
    if not ids:
        return {}
    return {part.id: part.key for part in unit.all(unit.select(ConversationPart).where(ConversationPart.id.in_(ids)))}
