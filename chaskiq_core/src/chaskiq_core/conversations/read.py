"""The main participant has read: agents' parts up to one are marked, the counters go down by what they counted."""

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.show import load_parts
from chaskiq_core.model import Conversation, ConversationPart
from chaskiq_core.people.unread import is_counted
from chaskiq_core.presenters.parts import publish_part
from chaskiq_core.store.unit import Unit

MAX_PARTS = 200


def mark_read(unit: Unit, dialogue: Dialogue, *, up_to_seq: int) -> int:
    """Mark what is unread up to a seq; how many parts that were. Bound to 200: the rest waits for the next receipt."""
    conversation, person = dialogue.conversation, dialogue.person
    parts = unread_parts(unit, conversation, up_to_seq=up_to_seq)
    for part in parts:
        is_bot = part.agent_id is not None and dialogue.agent(unit, part.agent_id).bot
        if is_counted(part, is_bot=is_bot):
            conversation.unread_count = max(0, conversation.unread_count - 1)
            person.unread_count = max(0, person.unread_count - 1)
        part.read_at = unit.now
    if parts:
        unit.flush()
    for rows in load_parts(unit, parts):
        publish_part(unit, conversation, person, rows)
    return len(parts)


def unread_parts(unit: Unit, conversation: Conversation, *, up_to_seq: int) -> list[ConversationPart]:
    """Visible parts of agents that were not read, oldest first."""
    return list(
        unit.all(
            unit.select(ConversationPart)
            .where(
                ConversationPart.conversation_id == conversation.id,
                ConversationPart.seq <= up_to_seq,
                ConversationPart.agent_id.is_not(None),
                ConversationPart.private_note.is_(False),
                ConversationPart.read_at.is_(None),
                ConversationPart.event_action.is_(None),
            )
            .order_by(ConversationPart.seq)
            .limit(MAX_PARTS)
        )
    )
