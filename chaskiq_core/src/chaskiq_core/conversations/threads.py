"""Threads of messages that name each other: which conversation an id leads to, and who takes part in it."""

from collections.abc import Iterable

from sqlalchemy import tuple_

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.model import Conversation, ConversationPart, Participant, PartSource, ThreadAlias
from chaskiq_core.model.ids import ConversationId
from chaskiq_core.store.unit import Unit

MAX_REFERENCES = 20
AliasName = tuple[str, str]
"""The provider's account, and the id within it."""


def find_aliases(unit: Unit, names: Iterable[AliasName]) -> dict[AliasName, ThreadAlias]:
    """The ids that we have heard of, in one statement."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    statement = unit.select(ThreadAlias).where(tuple_(ThreadAlias.account, ThreadAlias.alias).in_(wanted))
    return {(alias.account, alias.alias): alias for alias in unit.all(statement)}


def keep_aliases(
    unit: Unit,
    dialogue: Dialogue,
    part: ConversationPart | None,
    account: str,
    *,
    own: str | None,
    named: Iterable[str],
    known: dict[AliasName, ThreadAlias],
) -> None:
    """Keep a message's own id and those that it names, as far as they are new; an empty one is no id.

    They are inserted as they are: whoever keeps one of them at the same time meets the index, and is run again.
    """
    for alias in dict.fromkeys(one for one in (own, *named) if one):
        if (account, alias) in known:
            continue
        known[account, alias] = unit.add(
            ThreadAlias(
                app_id=unit.app_id,
                account=account,
                alias=alias,
                conversation_id=ConversationId(dialogue.conversation.id),
                part_id=part.id if part is not None and alias == own else None,
            )
        )


def ids_by_key(unit: Unit, keys: Iterable[str | None]) -> dict[str, ConversationId]:
    """The rows' ids of conversations by key; a key that is not here is left out."""
    wanted = sorted({key for key in keys if key})
    if not wanted:
        return {}
    return {
        one.key: ConversationId(one.id)
        for one in unit.all(unit.select(Conversation).where(Conversation.key.in_(wanted)))
    }


def find_participants(unit: Unit, conversation_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Who takes part in these conversations, as pairs of a conversation and a contact."""
    wanted = sorted(set(conversation_ids))
    if not wanted:
        return set()
    found = unit.all(unit.select(Participant).where(Participant.conversation_id.in_(wanted)))
    return {(one.conversation_id, one.app_user_id) for one in found}


def earlier_ids(unit: Unit, conversation: Conversation, *, integration_id: int, before_seq: int) -> tuple[str, ...]:
    """The provider's ids of the conversation's messages on an integration, oldest first, the last twenty."""
    statement = (
        unit.select(PartSource, ConversationPart)
        .join(ConversationPart, ConversationPart.id == PartSource.part_id)
        .where(
            ConversationPart.conversation_id == conversation.id,
            ConversationPart.seq < before_seq,
            PartSource.integration_id == integration_id,
        )
        .order_by(ConversationPart.seq.desc(), PartSource.id.desc())
        .limit(MAX_REFERENCES)
    )
    return tuple(source.external_id for source, _ in reversed(unit.rows(statement)))
