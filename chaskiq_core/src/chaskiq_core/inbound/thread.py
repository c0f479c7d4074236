"""A message of a thread becomes a part: its token, what it names and who wrote it say in which conversation."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chaskiq_core.content import document_from_text
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.media import plan_fetches
from chaskiq_core.conversations.observers import call_observers
from chaskiq_core.conversations.start import ChannelName, add_channel, start_conversation
from chaskiq_core.conversations.threads import keep_aliases
from chaskiq_core.effects import AddPart, Author, Effect, EventAction, Origin
from chaskiq_core.errors import NotFoundError
from chaskiq_core.inbound.message import details_of, join, leave_chat, origin_of, takes_more
from chaskiq_core.inbound.prefetch import Arrived, Prefetched, alias_names
from chaskiq_core.inbound.stored import document_of
from chaskiq_core.model import AppUser, ConversationPart
from chaskiq_core.model.ids import AgentId, AppUserId
from chaskiq_core.model.people import SubscriptionState
from chaskiq_core.people.identify import KnownPerson, identify, recognise
from chaskiq_core.plugin.events import MessageReceived, Sender
from chaskiq_core.staff.agents import find_role
from chaskiq_core.store.unit import Unit

FLOOD_MESSAGES = 20
FLOOD_WITHIN = timedelta(hours=1)
"""Whoever writes more into one conversation is taken for a machine, though nothing says so."""
UNSUBSCRIBE = "unsubscribe"
"""The command of who wants no more notifications."""
NO_CHAT = 0
"""The origin of what goes to all chats of its conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message goes."""

    dialogue: Dialogue | None
    """None: into a new conversation."""
    named: Dialogue | None = None
    """The conversation that it names, and that its sender takes no part in."""


def apply_in_thread(unit: Unit, known: Prefetched, one: Arrived, event: MessageReceived) -> str | None:
    """The message is a part, in its thread's conversation or in a new one; None, or why it is none."""
    if known.part_of(one.source(event.message_key)) is not None:
        return "we have this message already"
    if event.agent is not None:
        return _apply_answer_of_agent(unit, known, one, event, event.agent)
    channel = one.channel
    if channel is None or event.sender is None:
        return "the message names no sender"
    found = _identify(unit, known, one, event, event.sender)
    place = _place_of(known, one, event, found.person)
    quiet = one.historical or event.historical
    effects: list[Effect] = []
    dialogue = place.dialogue
    if dialogue is not None and not quiet and not event.auto:
        dialogue = _still_open(unit, known, dialogue, channel, found.person, effects)
    if dialogue is None:
        channel = _free_channel(known, channel, event)
        dialogue = start_conversation(unit, found.person, channel=channel, subject=event.subject)
        known.dialogues[channel] = known.by_conversation[dialogue.conversation.id] = dialogue
    else:
        channel = _open_channel(unit, known, dialogue, channel, event)
        if not _takes_part(known, dialogue, found.person):
            effects.append(_joined(found.person))
    join(unit, dialogue, found.person)
    answered = _answered_part(known, one, event)
    automatic = event.auto or _is_flood(unit, dialogue, found.person)
    content = AddPart(
        content=document_of(event.text, event.content),
        author=Author(app_user_id=AppUserId(found.person.id)),
        reply_to=answered.key if answered else None,
        unsupported=event.unsupported,
        details=details_of(event),
        sent_at=event.at,
        origin=origin_of(one, dialogue, channel, message_key=event.message_key, external_id=event.message_id),
        quiet=quiet,
        automatic=automatic,
    )
    effects.append(content)
    if event.command == UNSUBSCRIBE:
        found.person.subscription_state = SubscriptionState.UNSUBSCRIBED
        effects.append(AddPart(event=EventAction.UNSUBSCRIBED, author=content.author))
    _add(unit, known, one, event, dialogue, effects)
    if place.named is not None:
        perform(unit, dialogue, [_link_to(place.named)])
    if found.is_new:
        found.is_new = False
        call_observers(unit, "contact_created", dialogue.conversation, subject=found.person.key, by_plugin=None)
    return None


def _apply_answer_of_agent(
    unit: Unit, known: Prefetched, one: Arrived, event: MessageReceived, address: str
) -> str | None:
    """An agent answered a notification: the part is theirs, and goes to the contact wherever the conversation is."""
    dialogue = _given_by_token(known, event)
    if dialogue is None:
        return "its token names no conversation of this App"
    if event.auto:
        return "an agent's automatic answer is nothing for the contact"
    try:
        _, agent = find_role(unit, address)
    except NotFoundError as error:
        return str(error)
    origin = Origin(
        channel_id=NO_CHAT,
        integration_id=one.integration.id,
        provider=one.integration.provider,
        account=one.integration.account,
        message_key=event.message_key,
        external_id=event.message_id,
    )
    answer = AddPart(
        content=document_of(event.text, event.content),
        author=Author(agent_id=AgentId(agent.id)),
        details=details_of(event),
        sent_at=event.at,
        origin=origin,
        quiet=one.historical,
    )
    _add(unit, known, one, event, dialogue, [answer])
    return None


def _add(
    unit: Unit, known: Prefetched, one: Arrived, event: MessageReceived, dialogue: Dialogue, effects: list[Effect]
) -> None:
    """Add the part, and keep by which ids its thread is known."""
    part = None
    for part in perform(unit, dialogue, effects):
        plan_fetches(unit, part, one.integration.id)
        known.parts_by_id[part.id] = part
        if (name := one.source(event.message_key)) is not None:
            known.parts[name] = part
    keep_aliases(
        unit,
        dialogue,
        part,
        one.integration.account,
        own=event.alias,
        named=event.references,
        known=known.aliases,
    )


def _identify(unit: Unit, known: Prefetched, one: Arrived, event: MessageReceived, sender: Sender) -> KnownPerson:
    """The sender's contact. Who answers from the address that a token went to is the one it went to."""
    names = one.names(sender)
    given = _given_by_token(known, event)
    if given is not None and sender.email and (given.person.email or "").lower() == sender.email.lower():
        recognise(unit, given.person, sender, names, known.people)
    return identify(unit, sender, names, known.people)


def _place_of(known: Prefetched, one: Arrived, event: MessageReceived, person: AppUser) -> Place:
    """The conversation of a message: its token's, else the first that it names and its sender is in, else its chat's.

    Whoever has seen an id can name it; it opens nobody else's conversation to them.
    """
    if (given := _given_by_token(known, event)) is not None:
        return Place(dialogue=given)
    named: Dialogue | None = None
    for dialogue in _named(known, one):
        if _takes_part(known, dialogue, person):
            return Place(dialogue=dialogue)
        named = named or dialogue
    current = known.dialogues.get(one.channel) if one.channel is not None else None
    if current is not None and _takes_part(known, current, person):
        return Place(dialogue=current)
    return Place(dialogue=None, named=named or current)


def _given_by_token(known: Prefetched, event: MessageReceived) -> Dialogue | None:
    conversation_id = known.conversation_ids.get(event.thread_token or "")
    return known.by_conversation.get(conversation_id) if conversation_id is not None else None


def _named(known: Prefetched, one: Arrived) -> list[Dialogue]:
    found: list[Dialogue] = []
    for name in alias_names(one):
        part, alias = known.part_of(name), known.aliases.get(name)
        conversation_id = part.conversation_id if part else alias.conversation_id if alias else None
        dialogue = known.by_conversation.get(conversation_id) if conversation_id is not None else None
        if dialogue is not None:
            found.append(dialogue)
    return found


def _takes_part(known: Prefetched, dialogue: Dialogue, person: AppUser) -> bool:
    return (
        person.id == dialogue.person.id
        or person.id in dialogue.people
        or (dialogue.conversation.id, person.id) in known.participants
    )


def _still_open(
    unit: Unit, known: Prefetched, dialogue: Dialogue, channel: ChannelName, person: AppUser, effects: list[Effect]
) -> Dialogue | None:
    """The conversation, if it takes more; else the one that its chat went on in; None: a new one begins."""
    if takes_more(unit, dialogue, effects):
        return dialogue
    current = known.dialogues.get(channel)
    if current is None:
        return None
    if current is not dialogue and _takes_part(known, current, person) and takes_more(unit, current, effects):
        return current
    if _takes_part(known, current, person):
        leave_chat(unit, current, channel)
        del known.dialogues[channel]
    return None


def _free_channel(known: Prefetched, name: ChannelName, event: MessageReceived) -> ChannelName:
    """The chat's name, or one of its own where another conversation has that chat."""
    return replace(name, thread_id=event.message_key) if name in known.dialogues else name


def _open_channel(
    unit: Unit, known: Prefetched, dialogue: Dialogue, name: ChannelName, event: MessageReceived
) -> ChannelName:
    """The chat by which its sender takes part: the one with the same address, else one more of the conversation."""
    for channel in dialogue.channels:
        if (channel.integration_id, channel.channel_id) == (name.integration_id, name.channel_id):
            return replace(name, thread_id=channel.thread_id)
    own = _free_channel(known, name, event)
    add_channel(unit, dialogue, own)
    known.dialogues[own] = dialogue
    return own


def _joined(person: AppUser) -> AddPart:
    return AddPart(
        event=EventAction.JOINED,
        event_data={"change": "joined", "names": [person.name]},
        author=Author(app_user_id=AppUserId(person.id)),
    )


def _link_to(other: Dialogue) -> AddPart:
    """A note for agents: the sender names another's conversation."""
    conversation = other.conversation
    about = f" ({conversation.subject})" if conversation.subject else ""
    said = (
        f"This message names conversation {conversation.key}{about} with {other.person.name}, "
        "in which its sender takes no part. It was put into a conversation of its own."
    )
    return AddPart(
        content=document_from_text(said),
        private_note=True,
        details={"linked_conversation": conversation.key},
        quiet=True,
    )


def _is_flood(unit: Unit, dialogue: Dialogue, person: AppUser) -> bool:
    """Whether the contact has written so much there, so fast, that a machine may be answering a machine."""
    statement = (
        unit.select(ConversationPart)
        .where(ConversationPart.conversation_id == dialogue.conversation.id)
        .order_by(ConversationPart.seq.desc())
        .limit(2 * FLOOD_MESSAGES)
    )
    recent = [part for part in unit.all(statement) if part.created_at > unit.now - FLOOD_WITHIN]
    return sum(part.app_user_id == person.id for part in recent) >= FLOOD_MESSAGES


def _answered_part(known: Prefetched, one: Arrived, event: MessageReceived) -> ConversationPart | None:
    """The part that a message answers, by its key or its alias."""
    if (part := known.part_of(one.source(event.reply_to_key))) is not None:
        return part
    alias = known.aliases.get((one.integration.account, event.reply_to_key or ""))
    return known.parts_by_id.get(alias.part_id) if alias is not None and alias.part_id is not None else None
