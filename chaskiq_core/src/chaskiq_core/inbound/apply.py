"""Events become parts: the batch's one transaction, and one `match` over the kinds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from chaskiq_core.content import Document, document_from_text
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.edit import delete_part, edit_part, publish_again, react_to_part
from chaskiq_core.conversations.observers import call_observers
from chaskiq_core.conversations.read import mark_read
from chaskiq_core.conversations.start import ChannelName, join_conversation, start_conversation
from chaskiq_core.deliveries.settle_status import apply_status
from chaskiq_core.effects import AddPart, Author, Effect, EventAction, Origin, Reopen
from chaskiq_core.errors import LaneLostError
from chaskiq_core.inbound.prefetch import Arrived, Prefetched, prefetch
from chaskiq_core.integrations.settings import StoredIntegration
from chaskiq_core.model import (
    AppUser,
    ConversationChannel,
    ConversationState,
    InboundItem,
    ItemState,
    JsonObject,
    Participant,
)
from chaskiq_core.model.ids import AppUserId
from chaskiq_core.people.identify import identify
from chaskiq_core.plugin.events import (
    Attachment,
    ButtonPressed,
    Chat,
    Ignored,
    InboundEvent,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    Sender,
    SendStatus,
    StatusChanged,
)
from chaskiq_core.plugin.manifest import ProfileScope
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.presenters.people import author_of
from chaskiq_core.staff.agents import first_admin
from chaskiq_core.staff.apps import find_app
from chaskiq_core.store.lanes import ClaimedLane, hold_lanes
from chaskiq_core.store.unit import Unit

MAX_TEXT = 100_000
REOPEN_WITHIN_HOURS = 168
MEMBERSHIP_EVENTS = {
    "joined": EventAction.JOINED,
    "unblocked": EventAction.JOINED,
    "left": EventAction.LEFT,
    "blocked": EventAction.LEFT,
    "kicked": EventAction.LEFT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """An item's events, on their way into the transaction."""

    item_id: int
    lane_key: str
    historical: bool
    events: tuple[InboundEvent, ...]
    integration: StoredIntegration
    profile_scope: ProfileScope
    received_at: datetime


def apply_items(unit: Unit, lanes: tuple[ClaimedLane, ...], parsed: tuple[Parsed, ...], *, lease: timedelta) -> None:
    """Write a batch: items done, events applied in order, the lanes still held. LaneLostError: nothing is written."""
    ids = [one.item_id for one in parsed]
    statement = unit.update(InboundItem).where(InboundItem.id.in_(ids), InboundItem.state == ItemState.PENDING)
    if unit.change(statement.values(state=ItemState.DONE, processed_at=unit.now)) != len(ids):
        raise LaneLostError("some of these items are done already")
    arrived = [
        [
            Arrived(
                event=event,
                integration=one.integration,
                profile_scope=one.profile_scope,
                historical=one.historical,
            )
            for event in one.events
        ]
        for one in parsed
    ]
    known = prefetch(unit, [one for some in arrived for one in some])
    for item_id, some in zip(ids, arrived, strict=True):
        reasons = [apply_event(unit, known, one) for one in some]
        if all(reasons):
            _mark_ignored(unit, item_id, "; ".join(reason for reason in reasons if reason) or "no events")
    unit.flush()
    hold_lanes(unit, lanes, lease=lease)


def park_item(unit: Unit, item_id: int, error: str) -> None:
    """Put an item aside as failed, with its error: its lane goes on, and it can be replayed."""
    unit.change(
        unit.update(InboundItem)
        .where(InboundItem.id == item_id, InboundItem.state == ItemState.PENDING)
        .values(state=ItemState.FAILED, error=error[:1000], processed_at=unit.now, attempts=InboundItem.attempts + 1)
    )


def apply_event(unit: Unit, known: Prefetched, one: Arrived) -> str | None:
    """Carry out what an event says; the reason if it says nothing to us."""
    match one.event:
        case MessageReceived() as event:
            return _apply_message(unit, known, one, event)
        case MessageEdited() as event:
            return _apply_edit(unit, known, one, event)
        case MessageDeleted() as event:
            return _apply_delete(unit, known, one, event)
        case ReactionChanged() as event:
            return _apply_reaction(unit, known, one, event)
        case StatusChanged() as event:
            return _apply_status(unit, known, one, event)
        case MembershipChanged() as event:
            return _apply_membership(unit, known, one, event)
        case ButtonPressed() as event:
            return _apply_press(unit, known, one, event)
        case Ignored(reason=reason):
            return reason or "the channel ignores it"
        case event:
            assert_never(event)


def _apply_message(unit: Unit, known: Prefetched, one: Arrived, event: MessageReceived) -> str | None:
    name = one.source(event.message_key)
    channel = one.channel
    if known.part_of(name) is not None:
        return "we have this message already"
    if channel is None or event.chat is None:
        return "the message names no chat"
    outgoing = event.direction == "out"
    contact = event.recipient if outgoing else event.sender
    dialogue = known.dialogues.get(channel)
    if contact is None and (dialogue is None or not outgoing):
        contact = Sender(id=event.chat.channel_id, name=event.chat.title)
    found = identify(unit, contact, one.names(contact), known.people) if contact is not None else None
    quiet = one.historical or event.historical
    effects: list[Effect] = []
    if dialogue is not None and not outgoing and not quiet and not _takes_more(unit, dialogue, effects):
        _leave_chat(unit, dialogue, channel)
        dialogue = None
    if dialogue is None:
        assert found is not None
        dialogue = start_conversation(unit, found.person, channel=channel)
        known.dialogues[channel] = known.by_conversation[dialogue.conversation.id] = dialogue
    if found is not None and not outgoing:
        _join(unit, dialogue, found.person)
    author = (
        _business_author(unit, one, dialogue)
        if outgoing or found is None
        else Author(app_user_id=AppUserId(found.person.id))
    )
    answered = known.part_of(one.source(event.reply_to_key))
    effects.append(
        AddPart(
            content=_document(event.text, event.content),
            author=author,
            reply_to=answered.key if answered else None,
            unsupported=event.unsupported,
            details=_details(event),
            sent_at=event.at,
            origin=_origin(one, dialogue, channel, message_key=event.message_key, external_id=event.message_id),
            quiet=quiet,
        )
    )
    for part in perform(unit, dialogue, effects):
        if name is not None:
            known.parts[name] = part
    if found is not None and found.is_new:
        found.is_new = False
        call_observers(unit, "contact_created", dialogue.conversation, subject=found.person.key, by_plugin=None)
    return None


def _apply_edit(unit: Unit, known: Prefetched, one: Arrived, event: MessageEdited) -> str | None:
    part = known.part_of(one.source(event.message_key))
    if part is None:
        return "an edit of a message that we do not have"
    details: JsonObject = {"attachments": _attachments(event.attachments)} if event.attachments else {}
    edit_part(unit, known.by_conversation[part.conversation_id], part, _document(event.text, event.content), details)
    return None


def _apply_delete(unit: Unit, known: Prefetched, one: Arrived, event: MessageDeleted) -> str | None:
    parts = [part for key in event.message_keys if (part := known.part_of(one.source(key))) is not None]
    for part in parts:
        delete_part(unit, known.by_conversation[part.conversation_id], part)
    return None if parts else "messages that we do not have were deleted"


def _apply_reaction(unit: Unit, known: Prefetched, one: Arrived, event: ReactionChanged) -> str | None:
    part = known.part_of(one.source(event.message_key))
    if part is None or event.sender is None:
        return "a reaction to a message that we do not have"
    found = identify(unit, event.sender, one.names(event.sender), known.people)
    react_to_part(
        unit,
        known.by_conversation[part.conversation_id],
        part,
        author=as_json(author_of(found.person)),
        added=event.added,
        removed=event.removed,
    )
    return None


def _apply_status(unit: Unit, known: Prefetched, one: Arrived, event: StatusChanged) -> str | None:
    part = known.part_of(one.source(event.message_key))
    if part is None:
        return "a status of a message that we do not have"
    dialogue = known.by_conversation[part.conversation_id]
    if not apply_status(unit, part, event, one.integration.id):
        return "the message has got further already"
    if event.status in (SendStatus.READ, SendStatus.PLAYED):
        mark_read(unit, dialogue, up_to_seq=part.seq)
    publish_again(unit, dialogue, part)
    return None


def _apply_membership(unit: Unit, known: Prefetched, one: Arrived, event: MembershipChanged) -> str | None:
    if event.chat is not None and (event.new_chat or event.old_chat):
        return _move_chat(known, one, event, event.chat)
    dialogue = known.dialogues.get(one.channel) if one.channel else None
    action = MEMBERSHIP_EVENTS.get(event.change)
    if dialogue is None or action is None:
        return f"{event.change}: no conversation is concerned"
    names = [member.name for member in (event.members or ((event.sender,) if event.sender else ()))]
    data: JsonObject = {"change": event.change, "names": names}
    perform(unit, dialogue, [AddPart(event=action, event_data=data, sent_at=event.at, quiet=one.historical)])
    return None


def _move_chat(known: Prefetched, one: Arrived, event: MembershipChanged, chat: Chat) -> str | None:
    """A group became another one: its conversation goes with it, unless the new one has its own already."""
    old, new = one.named(event.old_chat or chat), one.named(event.new_chat or chat)
    dialogue = known.dialogues.get(old)
    if dialogue is None or new in known.dialogues:
        return "the chat moved, and no conversation with it"
    for channel in dialogue.channels:
        if _is(channel, old):
            channel.channel_id, channel.thread_id = new.channel_id, new.thread_id
    known.dialogues[new] = known.dialogues.pop(old)
    return None


def _apply_press(unit: Unit, known: Prefetched, one: Arrived, event: ButtonPressed) -> str | None:
    channel = one.channel
    dialogue = known.dialogues.get(channel) if channel else None
    if dialogue is None or channel is None or event.sender is None:
        return "a button of a conversation that we do not have"
    found = identify(unit, event.sender, one.names(event.sender), known.people)
    _join(unit, dialogue, found.person)
    pressed = known.part_of(one.source(event.message_key))
    details: JsonObject = {"callback": {"data": event.data, "title": event.title}}
    new = AddPart(
        content=_document(event.title or event.text or event.data or "", None),
        author=Author(app_user_id=AppUserId(found.person.id)),
        reply_to=pressed.key if pressed else None,
        details=details,
        sent_at=event.at,
        origin=_origin(one, dialogue, channel, message_key="", external_id=event.callback_id),
        quiet=one.historical,
    )
    perform(unit, dialogue, [new])
    return None


def _takes_more(unit: Unit, dialogue: Dialogue, effects: list[Effect]) -> bool:
    """Whether a customer's message belongs to this conversation; a closed one is reopened within the App's time."""
    conversation = dialogue.conversation
    if conversation.state is not ConversationState.CLOSED:
        return True
    hours = find_app(unit).settings.get("reopen_within_hours", REOPEN_WITHIN_HOURS)
    closed_for = unit.now - (conversation.closed_at or unit.now)
    if hours is not None and (not isinstance(hours, int | float) or closed_for > timedelta(hours=hours) or hours == 0):
        return False
    effects.append(Reopen())
    return True


def _leave_chat(unit: Unit, dialogue: Dialogue, name: ChannelName) -> None:
    """The chat belongs to another conversation from now on; a reply in this one still goes out there."""
    for channel in dialogue.channels:
        if _is(channel, name):
            channel.current = False
    unit.flush()  # before the chat's unique index meets its next conversation


def _join(unit: Unit, dialogue: Dialogue, person: AppUser) -> None:
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


def _origin(one: Arrived, dialogue: Dialogue, name: ChannelName, *, message_key: str, external_id: str) -> Origin:
    channel = next(channel for channel in dialogue.channels if _is(channel, name))
    return Origin(
        channel_id=channel.id,
        integration_id=one.integration.id,
        provider=one.integration.provider,
        account=one.integration.account,
        message_key=message_key,
        external_id=external_id,
    )


def _is(channel: ConversationChannel, name: ChannelName) -> bool:
    return (channel.integration_id, channel.channel_id, channel.thread_id) == (
        name.integration_id,
        name.channel_id,
        name.thread_id,
    )


def _document(text: str, content: Document | None) -> Document:
    """The content of a message; a text over the limit of a Document is cut, the bytes are in the ledger."""
    return content if content is not None and content.blocks else document_from_text(text[:MAX_TEXT])


def _details(event: MessageReceived) -> JsonObject:
    told: dict[str, object] = {
        "attachments": _attachments(event.attachments) or None,
        "quote": event.quote,
        "forwarded": event.forwarded,
        "group_id": event.group_id,
        "command": event.command,
        "auto": event.auto or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _attachments(attachments: Sequence[Attachment]) -> list[JsonObject]:
    return [
        {**as_json(one), "state": "failed" if one.unavailable else "pending" if one.provider_file_id else "ready"}
        for one in attachments
    ]


def _mark_ignored(unit: Unit, item_id: int, reason: str) -> None:
    unit.change(
        unit.update(InboundItem).where(InboundItem.id == item_id).values(state=ItemState.IGNORED, error=reason[:1000])
    )
