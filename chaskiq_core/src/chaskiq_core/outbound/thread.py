"""The thread of a piece, for channels whose messages name each other: what it is about, what came before, who wrote."""

from chaskiq_core.conversations.threads import earlier_ids
from chaskiq_core.model import Agent, Conversation, ConversationPart, Delivery
from chaskiq_core.plugin.outbound import Thread
from chaskiq_core.staff.agents import load_agents
from chaskiq_core.store.unit import Unit


def read_thread(unit: Unit, delivery_id: int) -> Thread:
    """The thread of a delivery's part."""
    [delivery] = unit.all(unit.select(Delivery).where(Delivery.id == delivery_id))
    [part] = unit.all(unit.select(ConversationPart).where(ConversationPart.id == delivery.part_id))
    [conversation] = unit.all(unit.select(Conversation).where(Conversation.id == delivery.conversation_id))
    agent = load_agents(unit, [part.agent_id]).get(part.agent_id) if part.agent_id is not None else None
    return Thread(
        conversation=conversation.key,
        subject=conversation.subject,
        references=earlier_ids(unit, conversation, integration_id=delivery.integration_id, before_seq=part.seq),
        author=_name(agent),
        by_bot=agent is not None and agent.bot,
    )


def _name(agent: Agent | None) -> str:
    return agent.name if agent is not None else ""
