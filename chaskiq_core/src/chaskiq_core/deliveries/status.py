"""A provider tells how far a message of ours got: its delivery follows, only ever further."""

from chaskiq_core.deliveries.queries import load_deliveries, load_pieces
from chaskiq_core.deliveries.states import PROGRESS, mark_status
from chaskiq_core.model import ConversationPart, DeliveryState
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.events import SendStatus, StatusChanged
from chaskiq_core.store.unit import Unit

SETTLED_WELL = PROGRESS[DeliveryState.DELIVERED]


def settle_status(unit: Unit, part: ConversationPart, event: StatusChanged, integration_id: IntegrationId) -> bool:
    """Bring the part's deliveries on that integration forward; whether any changed."""
    deliveries = [
        delivery
        for delivery in load_deliveries(unit, [part.id]).get(part.id, [])
        if delivery.integration_id == integration_id
    ]
    pieces = load_pieces(unit, [delivery.id for delivery in deliveries])
    changed = False
    for delivery in deliveries:
        if event.status is SendStatus.FAILED:
            if PROGRESS.get(delivery.state, SETTLED_WELL) >= SETTLED_WELL:
                continue
            delivery.state = DeliveryState.FAILED
            delivery.settled_at = unit.now
            delivery.error = {
                "class": event.error_class or "content",
                "code": event.error_code or "",
                "message": event.error_message or "the provider could not deliver it",
                "retryable": False,
            }
            changed = True
        else:
            changed |= mark_status(delivery, pieces.get(delivery.id, []), event.status, now=unit.now)
    return changed
