"""The one write path: `perform` carries out effects on a conversation, whoever asked for them."""

from collections import deque
from collections.abc import Iterable
from typing import assert_never

from chaskiq_core.content import text_of, write_document
from chaskiq_core.conversations import change
from chaskiq_core.conversations.consequences import consequences
from chaskiq_core.conversations.dialogue import Dialogue, find_part
from chaskiq_core.deliveries.sources import add_source
from chaskiq_core.effects import AddPart, Assign, Author, Close, Effect, Prioritize, Reopen, SetField, Snooze
from chaskiq_core.model import ConversationPart, PartKind, PartSource
from chaskiq_core.model.ids import ConversationId, PartKey
from chaskiq_core.store.unit import Unit

MAX_EFFECTS = 100
"""More than this from one call is a loop: the rest is dropped, with an event part that says so."""


def perform(
    unit: Unit, dialogue: Dialogue, effects: Iterable[Effect], *, by_plugin: str | None = None
) -> list[ConversationPart]:
    """Carry out effects and what follows from them; the content and block parts that were added.

    `by_plugin` is the observer whose effects these are: it is not called for them again.
    """
    todo = deque(effects)  # a change's event part goes first, what follows from a part last
    added: list[ConversationPart] = []
    done = 0
    while todo:
        done += 1
        if done == MAX_EFFECTS:
            todo = deque([change.failed(f"over {MAX_EFFECTS} effects in one call; the rest was dropped")])
        match todo.popleft():
            case AddPart() as new:
                author = new.author or dialogue.bot_author(unit)
                part, source = insert_part(unit, dialogue, new, author)
                todo.extend(consequences(unit, dialogue, part, new, author, source=source, by_plugin=by_plugin))
                if part.kind is not PartKind.EVENT:
                    added.append(part)
            case Assign(agent_id=agent_id):
                todo.extendleft(change.assign(unit, dialogue, agent_id, by_plugin=by_plugin))
            case Close():
                todo.extendleft(change.close(unit, dialogue, by_plugin=by_plugin))
            case Reopen():
                todo.extendleft(change.reopen(unit, dialogue, by_plugin=by_plugin))
            case Snooze(until=until):
                todo.extendleft(change.snooze(unit, dialogue, until, by_plugin=by_plugin))
            case Prioritize(on=on):
                todo.extendleft(change.prioritize(unit, dialogue, on=on))
            case SetField(name=name, value=value):
                change.set_field(dialogue, name, value)
            case effect:
                assert_never(effect)
    return added


def insert_part(
    unit: Unit, dialogue: Dialogue, new: AddPart, author: Author
) -> tuple[ConversationPart, PartSource | None]:
    """The part's row with the next seq, and its source where it came from a provider."""
    conversation = dialogue.conversation
    target = find_part(unit, conversation, new.reply_to) if new.reply_to else None
    if target is not None and target.private_note and not new.private_note:
        target = None  # a quote would show the contact that there is a note
    conversation.last_seq += 1
    conversation.updated_at = unit.now
    part = unit.add(
        ConversationPart(
            app_id=unit.app_id,
            id=unit.new_id(),
            key=PartKey(unit.new_key()),
            conversation_id=ConversationId(conversation.id),
            seq=conversation.last_seq,
            kind=_kind(new),
            app_user_id=author.app_user_id,
            agent_id=author.agent_id,
            content=write_document(new.content) if new.content else None,
            text=_text(new),
            event_action=new.event.value if new.event else None,
            event_data=new.event_data,
            block=new.block,
            private_note=new.private_note,
            unsupported=new.unsupported,
            client_id=new.client_id,
            reply_to_id=target.id if target else None,
            details=new.details or {},
            created_at=unit.now,
            provider_sent_at=new.sent_at,
            read_at=None,
            edited_at=None,
            deleted_at=None,
        )
    )
    origin = new.origin
    if origin is None or not origin.message_key:
        return part, None
    source = add_source(
        unit,
        part,
        integration_id=origin.integration_id,
        provider=origin.provider,
        account=origin.account,
        message_key=origin.message_key,
        external_id=origin.external_id,
    )
    return part, source


def _text(new: AddPart) -> str:
    """What it says; of a block, what it asks."""
    if new.content is not None:
        return text_of(new.content)
    return str(new.block.get("label") or "") if new.block is not None else ""


def _kind(new: AddPart) -> PartKind:
    if new.event is not None:
        return PartKind.EVENT
    return PartKind.BLOCK if new.block is not None else PartKind.CONTENT
