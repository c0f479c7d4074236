"""Who has not read what: the counters of a conversation and its main participant, and the times of replies."""

from chaskiq_core.effects import Author
from chaskiq_core.log import record_event
from chaskiq_core.model import AppUser, Conversation, ConversationPart, PartKind
from chaskiq_core.store.unit import Unit


def count_unread(
    unit: Unit, conversation: Conversation, person: AppUser, part: ConversationPart, author: Author
) -> None:
    """Count an agent's visible content as unread, and keep the times of comments.

    The original counted private notes as unread and took any part, notes and events too, for a visible comment; both
    are corrected here.
    """
    if part.private_note or part.kind is PartKind.EVENT:
        return
    if author.is_customer:
        if author.app_user_id == person.id:
            person.last_heard_from_at = unit.now
        if conversation.latest_user_visible_comment_at is None:
            record_event(
                unit, "conversation.user.first.comment", subject_type="conversation", subject_key=conversation.key
            )
    if author.is_bot:
        return
    conversation.latest_user_visible_comment_at = unit.now
    if not author.is_customer:
        conversation.unread_count += 1
        person.unread_count += 1
        person.last_contacted_at = unit.now
        conversation.first_agent_reply_at = conversation.first_agent_reply_at or unit.now


def is_counted(part: ConversationPart, *, is_bot: bool) -> bool:
    """Whether `count_unread` counted this part, so that reading it takes one off."""
    return (
        part.agent_id is not None
        and not is_bot
        and not part.private_note
        and part.kind is not PartKind.EVENT
        and part.read_at is None
    )
