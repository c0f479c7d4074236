"""What happens to messages and chats that we have: edited, deleted, reacted to, delivered, joined, moved."""

from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.edit import delete_part, edit_part, react_to_part
from chaskiq_core.conversations.media import attachments_of, keep_fetched, plan_fetches
from chaskiq_core.conversations.status import show_attempt, show_status
from chaskiq_core.deliveries.attempts import Attempted
from chaskiq_core.effects import AddPart, EventAction
from chaskiq_core.errands.status import keep_status
from chaskiq_core.inbound.prefetch import Arrived, Prefetched
from chaskiq_core.inbound.stored import document_of, is_channel, stored_attachments
from chaskiq_core.integrations.add import break_integration
from chaskiq_core.model import Integration, JsonObject, LaneKind
from chaskiq_core.people.identify import identify, rename
from chaskiq_core.plugin.events import (
    Chat,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    ReactionChanged,
    StatusChanged,
)
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.presenters.people import author_of
from chaskiq_core.store.unit import Unit

TAKEN_BEFORE = "it was taken in before"
DISCONNECTED = "disconnected"
ACCESS_GONE = "the provider took our access away; connect it again and renew its credentials"
IDENTITY_CHANGED = "identity_changed"
"""A person is known by other ids now: the first of the members has them."""
MEMBERSHIP_EVENTS = {
    "joined": EventAction.JOINED,
    "bot_added": EventAction.JOINED,
    "bot_unblocked": EventAction.JOINED,
    "left": EventAction.LEFT,
    "bot_removed": EventAction.LEFT,
    "bot_blocked": EventAction.LEFT,
}
"""The changes that a conversation shows; of others, the ledger keeps the word."""


def apply_edit(unit: Unit, known: Prefetched, one: Arrived, event: MessageEdited) -> str | None:
    """The part has another text."""
    part = known.part_of(one.source(event.message_key))
    if part is None:
        return "an edit of a message that we do not have"
    details: JsonObject = {}
    if event.attachments:
        details = {"attachments": keep_fetched(attachments_of(part), stored_attachments(event.attachments))}
    edit_part(unit, known.by_conversation[part.conversation_id], part, document_of(event.text, event.content), details)
    plan_fetches(unit, part, one.integration.id)
    return None


def apply_delete(unit: Unit, known: Prefetched, one: Arrived, event: MessageDeleted) -> str | None:
    """The parts are empty outside."""
    parts = [part for key in event.message_keys if (part := known.part_of(one.source(key))) is not None]
    for part in parts:
        delete_part(unit, known.by_conversation[part.conversation_id], part)
    return None if parts else "messages that we do not have were deleted"


def apply_reaction(unit: Unit, known: Prefetched, one: Arrived, event: ReactionChanged) -> str | None:
    """The part has the sender's other reactions."""
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
        replaces=event.replaces,
    )
    return None


def apply_status(unit: Unit, known: Prefetched, one: Arrived, event: StatusChanged) -> str | None:
    """The part's delivery got further; what was read counts as read."""
    integration = one.integration
    part = known.part_of(one.source(event.message_key))
    if part is not None:
        dialogue = known.by_conversation[part.conversation_id]
        went_on = show_status(unit, dialogue, part, event, integration.id)
        return None if went_on else "the message has got further already"
    if (attempted := known.attempted(one, event.attempt_id)) is not None:
        settle_echo(unit, known, one, attempted, event)
        return None
    if not event.message_key:
        return "a status of a message that we do not have"
    keep_status(unit, event, integration_id=integration.id, account=integration.account)
    return "a status of a message that we do not have yet; it is tried again"


def settle_echo(unit: Unit, known: Prefetched, one: Arrived, attempted: Attempted, event: StatusChanged) -> None:
    """The provider gives our own name of a piece back: it has it, whatever we know of the send."""
    part = known.parts_by_id[attempted.part_id]
    show_attempt(
        unit,
        known.by_conversation[attempted.conversation_id],
        part,
        attempted,
        event,
        integration_id=one.integration.id,
        provider=one.integration.provider,
        account=one.integration.account,
    )
    unit.wake(LaneKind.OUTBOUND, attempted.lane_key, integration_id=one.integration.id)
    if (name := one.source(event.message_key)) is not None:
        known.parts[name] = part


def apply_membership(unit: Unit, known: Prefetched, one: Arrived, event: MembershipChanged) -> str | None:
    """An event part says who came or went; a chat that moved takes its conversation along."""
    if one.was_done:
        return TAKEN_BEFORE
    if event.chat is None and event.change == DISCONNECTED:
        return _disconnect(unit, one)
    moved = event.chat is not None and (event.new_chat or event.old_chat)
    if event.change == IDENTITY_CHANGED and event.sender is not None and event.members:
        [now, *_] = event.members
        renamed = rename(unit, one.names(event.sender), now, one.names(now), known.people)
        if not moved:
            return None if renamed else "somebody whom we do not know has other ids now"
    if event.chat is not None and moved:
        return _move_chat(known, one, event, event.chat)
    dialogue = known.dialogues.get(one.channel) if one.channel else None
    action = MEMBERSHIP_EVENTS.get(event.change)
    if dialogue is None or action is None:
        return f"{event.change}: no conversation is concerned"
    names = [member.name for member in (event.members or ((event.sender,) if event.sender else ()))]
    data: JsonObject = {"change": event.change, "names": names}
    perform(unit, dialogue, [AddPart(event=action, event_data=data, sent_at=event.at, quiet=one.historical)])
    return None


def _disconnect(unit: Unit, one: Arrived) -> str | None:
    """Nothing can go out any more: the integration is broken at once, and agents are told, before a send fails."""
    if one.historical:
        return "the access was taken away in the past"
    for integration in unit.lock(unit.select(Integration).where(Integration.id == one.integration.id)):
        break_integration(unit, integration, ACCESS_GONE)
    return None


def _move_chat(known: Prefetched, one: Arrived, event: MembershipChanged, chat: Chat) -> str | None:
    """A group became another one: its conversation goes with it, unless the new one has its own already."""
    old, new = one.named(event.old_chat or chat), one.named(event.new_chat or chat)
    dialogue = known.dialogues.get(old)
    if dialogue is None or new in known.dialogues:
        return "the chat moved, and no conversation with it"
    for channel in dialogue.channels:
        if is_channel(channel, old):
            channel.channel_id, channel.thread_id = new.channel_id, new.thread_id
    known.dialogues[new] = known.dialogues.pop(old)
    return None
