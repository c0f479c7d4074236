"""A message or a press of a button becomes a part: who wrote it, which conversation it belongs to, what it says."""

from datetime import timedelta

from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.block import answer_block, find_option, is_answered
from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.edit import fill_part
from chaskiq_core.conversations.media import plan_fetches
from chaskiq_core.conversations.naming import ask_who
from chaskiq_core.conversations.observers import call_observers
from chaskiq_core.conversations.start import ChannelName, join_conversation, start_conversation
from chaskiq_core.deliveries.windows import note_inbound
from chaskiq_core.effects import AddPart, Author, Effect, Origin, Reopen
from chaskiq_core.inbound.follow_up import TAKEN_BEFORE, settle_echo
from chaskiq_core.inbound.mirrored import apply_mirrored, is_mirror
from chaskiq_core.inbound.prefetch import Arrived, Prefetched
from chaskiq_core.inbound.stored import document_of, is_channel, stored_attachments
from chaskiq_core.model import (
    AppUser,
    ConversationChannel,
    ConversationState,
    JsonObject,
    Participant,
)
from chaskiq_core.model.ids import AppUserId
from chaskiq_core.people.identify import identify
from chaskiq_core.plugin.events import (
    ButtonPressed,
    MessageReceived,
    Sender,
    SendStatus,
    StatusChanged,
)
from chaskiq_core.staff.agents import first_admin
from chaskiq_core.staff.apps import find_app
from chaskiq_core.store.unit import Unit

REOPEN_WITHIN_HOURS = 168
ACKNOWLEDGE_JOB = "acknowledge"


def apply_message(unit: Unit, known: Prefetched, one: Arrived, event: MessageReceived) -> str | None:
    """The message is a part, in its chat's conversation or in a new one; None, or why it is none."""
    name = one.source(event.message_key)
    channel = one.channel
    if (had := known.part_of(name)) is not None:
        if not had.unsupported or event.unsupported:
            return "we have this message already"
        details = {"attachments": stored_attachments(event.attachments)} if event.attachments else {}
        fill_part(
            unit, known.by_conversation[had.conversation_id], had, document_of(event.text, event.content), details
        )
        plan_fetches(unit, had, one.integration.id)
        return None
    if (attempted := known.attempted(one, event.attempt_id)) is not None:
        settle_echo(unit, known, one, attempted, _as_status(event))
        return "the echo of a message that we sent"
    if channel is None or event.chat is None:
        return "the message names no chat"
    if event.mirrored is not None or is_mirror(known, channel):
        return apply_mirrored(unit, known, one, event)
    outgoing = event.direction == "out"
    contact = event.recipient if outgoing else event.sender
    dialogue = known.dialogues.get(channel)
    if contact is None and (dialogue is None or not outgoing):
        contact = Sender(id=event.chat.channel_id, name=event.chat.title)
    found = identify(unit, contact, one.names(contact), known.people) if contact is not None else None
    quiet = one.historical or event.historical
    effects: list[Effect] = []
    if dialogue is not None and not outgoing and not quiet and not takes_more(unit, dialogue, effects):
        leave_chat(unit, dialogue, channel)
        dialogue = None
    if dialogue is None:
        assert found is not None
        dialogue = start_conversation(unit, found.person, channel=channel)
        known.dialogues[channel] = known.by_conversation[dialogue.conversation.id] = dialogue
    if found is not None and not outgoing:
        join(unit, dialogue, found.person)
    if not outgoing and not (quiet and event.at is None):
        note_inbound(_channel_row(dialogue, channel), event.at, unit.now)
    author = (
        _business_author(unit, one, dialogue)
        if outgoing or found is None
        else Author(app_user_id=AppUserId(found.person.id))
    )
    answered = known.part_of(one.source(event.reply_to_key))
    effects.append(
        AddPart(
            content=document_of(event.text, event.content),
            author=author,
            reply_to=answered.key if answered else None,
            unsupported=event.unsupported,
            details=details_of(event),
            sent_at=event.at,
            origin=origin_of(one, dialogue, channel, message_key=event.message_key, external_id=event.message_id),
            quiet=quiet,
            automatic=event.auto,
        )
    )
    for part in perform(unit, dialogue, effects):
        plan_fetches(unit, part, one.integration.id)
        if name is not None:
            known.parts[name] = part
    if found is not None and found.is_new:
        found.is_new = False
        call_observers(unit, "contact_created", dialogue.conversation, subject=found.person.key, by_plugin=None)
        if contact is not None and contact.name == contact.id and one.fetches_profiles and not quiet:
            ask_who(unit, dialogue, found.person, contact.id, integration_id=one.integration.id)
    return None


def apply_press(unit: Unit, known: Prefetched, one: Arrived, event: ButtonPressed) -> str | None:
    """The press answers the block that the button stands in, and is a part that says what was chosen."""
    if one.was_done:
        return TAKEN_BEFORE
    if one.acknowledges and event.callback_id:
        unit.enqueue(
            ACKNOWLEDGE_JOB,
            f"acknowledge/{one.integration.id}/{event.callback_id}",
            {"integration": one.integration.id, "callback": event.callback_id},
            integration_id=one.integration.id,
        )
    channel = one.channel
    pressed = known.part_of(one.source(event.message_key))
    dialogue = known.dialogues.get(channel) if channel else None
    if known.part_of(one.source(event.own_message_id)) is not None:
        return "we have this message already"
    if dialogue is None and event.own_message_id:
        return apply_message(unit, known, one, _as_message(event, event.own_message_id))
    if dialogue is None or channel is None or event.sender is None or is_mirror(known, channel):
        return "a button of a conversation that we do not have"
    answered = pressed is not None and is_answered(pressed)
    if answered and not event.own_message_id:
        return "the question was answered before"
    found = identify(unit, event.sender, one.names(event.sender), known.people)
    join(unit, dialogue, found.person)
    note_inbound(_channel_row(dialogue, channel), event.at, unit.now)
    chosen = find_option(pressed, event.data) if pressed is not None else None
    if pressed is not None and chosen is not None and not answered:
        answer_block(unit, dialogue, pressed, chosen)
    title = chosen.label if chosen else event.title or event.text or event.data or ""
    new = AddPart(
        content=document_of(title, None),
        author=Author(app_user_id=AppUserId(found.person.id)),
        reply_to=pressed.key if pressed else None,
        details={"callback": {"data": event.data, "title": title, "option": chosen.id if chosen else None}},
        sent_at=event.at,
        origin=origin_of(
            one,
            dialogue,
            channel,
            message_key=event.own_message_id or "",
            external_id=event.own_message_id or event.callback_id,
        ),
        quiet=one.historical,
    )
    for part in perform(unit, dialogue, [new]):
        if (name := one.source(event.own_message_id)) is not None:
            known.parts[name] = part
    return None


def _as_message(event: ButtonPressed, message_id: str) -> MessageReceived:
    """A press in a chat that we do not know is what a person wrote first."""
    return MessageReceived(
        event_id=event.event_id,
        chat=event.chat,
        sender=event.sender,
        at=event.at,
        message_id=message_id,
        message_key=message_id,
        text=event.title or event.text or event.data or "",
        reply_to=event.message_id,
        reply_to_key=event.message_key,
    )


def _as_status(event: MessageReceived) -> StatusChanged:
    return StatusChanged(
        event_id=event.event_id,
        message_id=event.message_id,
        message_key=event.message_key,
        status=SendStatus.SENT,
        at=event.at,
    )


def takes_more(unit: Unit, dialogue: Dialogue, effects: list[Effect]) -> bool:
    """Whether a customer's message belongs to this conversation; a snoozed one wakes, a closed one within its time."""
    conversation = dialogue.conversation
    if conversation.state is ConversationState.SNOOZED:
        effects.append(Reopen())
        return True
    if conversation.state is not ConversationState.CLOSED:
        return True
    hours = find_app(unit).settings.get("reopen_within_hours", REOPEN_WITHIN_HOURS)
    closed_for = unit.now - (conversation.closed_at or unit.now)
    if hours is not None and (not isinstance(hours, int | float) or closed_for > timedelta(hours=hours) or hours == 0):
        return False
    effects.append(Reopen())
    return True


def leave_chat(unit: Unit, dialogue: Dialogue, name: ChannelName) -> None:
    """The chat belongs to another conversation from now on; a reply in this one still goes out there."""
    for channel in dialogue.channels:
        if is_channel(channel, name):
            channel.current = False
    unit.flush()  # before the chat's unique index meets its next conversation


def join(unit: Unit, dialogue: Dialogue, person: AppUser) -> None:
    """Make the person a participant unless they are one."""
    if person.id == dialogue.person.id or person.id in dialogue.people:
        return
    statement = unit.select(Participant).where(
        Participant.conversation_id == dialogue.conversation.id, Participant.app_user_id == person.id
    )
    if unit.first(statement) is None:
        join_conversation(unit, dialogue, person)
    dialogue.people[person.id] = person


def _business_author(unit: Unit, one: Arrived, dialogue: Dialogue) -> Author:
    """Who speaks for the business in the provider's own app."""
    agent_id = one.integration.agent_id or first_admin(unit)
    return Author(agent_id=agent_id) if agent_id is not None else dialogue.bot_author(unit)


def origin_of(one: Arrived, dialogue: Dialogue, name: ChannelName, *, message_key: str, external_id: str) -> Origin:
    """The provider's message that a part of this conversation is."""
    channel = _channel_row(dialogue, name)
    return Origin(
        channel_id=channel.id,
        integration_id=one.integration.id,
        provider=one.integration.provider,
        account=one.integration.account,
        message_key=message_key,
        external_id=external_id,
    )


def _channel_row(dialogue: Dialogue, name: ChannelName) -> ConversationChannel:
    return next(channel for channel in dialogue.channels if is_channel(channel, name))


def details_of(event: MessageReceived) -> JsonObject:
    """What is kept of a message beyond its text."""
    told: dict[str, object] = {
        "attachments": stored_attachments(event.attachments) or None,
        "quote": event.quote,
        "forwarded": event.forwarded,
        "referral": event.referral,
        "group_id": event.group_id,
        "command": event.command,
        "auto": event.auto or None,
        "copied_to": list(event.copied_to) or None,
    }
    return {name: value for name, value in told.items() if value is not None}
