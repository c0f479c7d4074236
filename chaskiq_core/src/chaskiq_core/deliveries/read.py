"""A contact read in a client of our own: what was sent there is read."""

from chaskiq_core.deliveries.queries import load_pieces
from chaskiq_core.deliveries.states import mark_status
from chaskiq_core.model import ConversationPart, Delivery, DeliveryState
from chaskiq_core.plugin.events import SendStatus
from chaskiq_core.store.unit import Unit

UNREAD = (DeliveryState.SENT, DeliveryState.DELIVERED)
MAX_DELIVERIES = 200


def mark_deliveries_read(unit: Unit, conversation_id: int, *, provider: str, up_to_seq: int) -> None:
    """The conversation's deliveries by that provider, up to a seq; those of parts that were unread until now."""
    unread = unit.select(ConversationPart.id).where(
        ConversationPart.conversation_id == conversation_id,
        ConversationPart.seq <= up_to_seq,
        ConversationPart.agent_id.is_not(None),
        ConversationPart.read_at.is_(None),
        ConversationPart.private_note.is_(False),
    )
    found = unit.lock(
        unit.select(Delivery)
        .where(Delivery.part_id.in_(unread), Delivery.provider == provider, Delivery.state.in_(UNREAD))
        .order_by(Delivery.id)
        .limit(MAX_DELIVERIES)
    )
    pieces = load_pieces(unit, [delivery.id for delivery in found])
    for delivery in found:
        several = pieces.get(delivery.id, [])
        for piece in several:
            mark_status(delivery, several, piece, SendStatus.READ, now=unit.now)
