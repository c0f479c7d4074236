"""Pages of conversations and of their parts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, exists, literal, or_

from chaskiq_core.errors import NotFoundError
from chaskiq_core.model import AppUser, Conversation, ConversationPart, ConversationState, PartKind
from chaskiq_core.model.ids import AgentId
from chaskiq_core.presenters.parts import CONTACT_EVENTS
from chaskiq_core.store.unit import Unit


def find_conversation(unit: Unit, key: str) -> Conversation:
    """The conversation of that key; NotFoundError otherwise."""
    found = unit.first(unit.select(Conversation).where(Conversation.key == key))
    if found is None:
        raise NotFoundError(f"no conversation {key[:64]!r} in this App")
    return found


def page_conversations(
    unit: Unit,
    *,
    state: ConversationState | None,
    assignee_id: AgentId | None,
    unassigned: bool,
    q: str,
    after: tuple[datetime, int] | None,
    limit: int,
) -> Sequence[Conversation]:
    """Conversations newest first by `updated_at`, behind the place `after`; `q` is in the subject or the name."""
    statement = unit.select(Conversation).order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(Conversation.state == state)
    if assignee_id is not None:
        statement = statement.where(Conversation.assignee_id == assignee_id)
    if unassigned:
        statement = statement.where(Conversation.assignee_id.is_(None))
    if q:
        of_a_person = exists(literal(1)).where(
            AppUser.app_id == unit.app_id,
            AppUser.id == Conversation.main_participant_id,
            AppUser.name.icontains(q, autoescape=True),
        )
        statement = statement.where(or_(Conversation.subject.icontains(q, autoescape=True), of_a_person))
    if after is not None:
        moment, id_ = after
        statement = statement.where(
            or_(
                Conversation.updated_at < moment,
                and_(Conversation.updated_at == moment, Conversation.id < id_),
            )
        )
    return unit.all(statement)


def page_parts(unit: Unit, conversation: Conversation, *, after_seq: int, limit: int) -> Sequence[ConversationPart]:
    """Parts oldest first, behind a seq."""
    return unit.all(
        unit.select(ConversationPart)
        .where(ConversationPart.conversation_id == conversation.id, ConversationPart.seq > after_seq)
        .order_by(ConversationPart.seq)
        .limit(limit)
    )


def page_conversations_of(unit: Unit, person_id: int, *, below: int | None, limit: int) -> Sequence[Conversation]:
    """A main participant's conversations, those that began last first, below the id `below`."""
    statement = unit.select(Conversation).where(Conversation.main_participant_id == person_id)
    if below is not None:
        statement = statement.where(Conversation.id < below)
    return unit.all(statement.order_by(Conversation.id.desc()).limit(limit))


def page_seen(unit: Unit, conversation: Conversation, *, after_seq: int, limit: int) -> Sequence[ConversationPart]:
    """Parts that the contact may see, oldest first, behind a seq."""
    return unit.all(
        unit.select(ConversationPart)
        .where(
            ConversationPart.conversation_id == conversation.id,
            ConversationPart.seq > after_seq,
            ConversationPart.private_note.is_(False),
            or_(ConversationPart.event_action.is_(None), ConversationPart.event_action.in_(sorted(CONTACT_EVENTS))),
        )
        .order_by(ConversationPart.seq)
        .limit(limit)
    )


def load_last_parts(
    unit: Unit, conversations: Sequence[Conversation], *, seen_by_contact: bool = False
) -> dict[int, ConversationPart]:
    """What was said last in each, by the conversation's row id; events and what was deleted don't count."""
    newest = (
        unit.select(ConversationPart.id)
        .where(
            ConversationPart.conversation_id == Conversation.id,
            ConversationPart.kind != PartKind.EVENT,
            ConversationPart.deleted_at.is_(None),
            *([ConversationPart.private_note.is_(False)] if seen_by_contact else []),
        )
        .order_by(ConversationPart.seq.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    ids = [conversation.id for conversation in conversations]
    of_these = unit.select(Conversation.id).where(Conversation.id.in_(ids)).with_only_columns(newest)
    parts = unit.all(unit.select(ConversationPart).where(ConversationPart.id.in_(of_these)))
    return {part.conversation_id: part for part in parts}
