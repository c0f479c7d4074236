"""Who is to be told by e-mail of a part that they may not have seen: one Job for each reader, due after the delay."""

from collections.abc import Sequence

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.effects import Author
from chaskiq_core.model import ConversationPart, Delivery, ItemState, Job, JsonObject, LaneKind, PartKind
from chaskiq_core.model.people import SubscriptionState
from chaskiq_core.store.unit import Unit

NOTICE_JOB = "notice"
UNWANTED = frozenset({SubscriptionState.UNSUBSCRIBED, SubscriptionState.ARCHIVED, SubscriptionState.BLOCKED})


def plan_notice(
    unit: Unit, dialogue: Dialogue, part: ConversationPart, author: Author, planned: Sequence[Delivery]
) -> None:
    """A notice of a person's words to whom they are for: the assigned agent, or the contact. Not of notes, events,
    blocks and bots, and not where the words go out to the reader anyway."""
    rule = unit.notices
    if rule is None or part.kind is not PartKind.CONTENT or part.private_note or author.is_bot:
        return
    conversation, person = dialogue.conversation, dialogue.person
    if author.is_customer:
        if conversation.assignee_id is not None and author.app_user_id == person.id:
            _enqueue(unit, dialogue, part, reader=str(conversation.assignee_id))
        return
    agents_own = {channel.id for channel in dialogue.channels if channel.mirror}
    reached = any(
        delivery.provider not in rule.page_providers and delivery.channel_id not in agents_own for delivery in planned
    )
    if person.email and person.subscription_state not in UNWANTED and not reached:
        _enqueue(unit, dialogue, part, reader="contact")


def _enqueue(unit: Unit, dialogue: Dialogue, part: ConversationPart, *, reader: str) -> None:
    """One row for a conversation and a reader, used again: what comes while it waits is in the same mail."""
    assert unit.notices is not None
    key = f"notice/{dialogue.conversation.key}/{reader}"
    due = unit.now + unit.notices.delay
    payload: JsonObject = {"conversation": dialogue.conversation.key, "reader": reader, "after": part.seq - 1}
    if unit.enqueue(NOTICE_JOB, key, payload, due=due):
        return
    again = unit.change(
        unit.update(Job)
        .where(Job.key == key, Job.state != ItemState.PENDING)
        .values(
            state=ItemState.PENDING,
            due_at=due,
            attempts=0,
            error=None,
            finished_at=None,
            correlation_id=unit.correlation_id,
        )
    )
    if again:
        unit.wake(LaneKind.JOB, key, due=due)
