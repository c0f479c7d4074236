"""A provider tells how far a message of ours got: its piece follows, only ever further, and with it the delivery."""

from collections.abc import Sequence

from chaskiq_core.deliveries.attempts import Attempted
from chaskiq_core.deliveries.queries import load_deliveries, load_pieces
from chaskiq_core.deliveries.states import PROGRESS, mark_failed, mark_status
from chaskiq_core.model import ConversationPart, Delivery, DeliveryPiece, DeliveryState
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
        several = pieces.get(delivery.id, [])
        if (piece := _piece_of(several, event.message_id)) is not None:
            changed |= _settle(unit, delivery, several, piece, event)
    return changed


def settle_attempt(unit: Unit, attempted: Attempted, event: StatusChanged, integration_id: IntegrationId) -> bool:
    """The same for a piece that the provider calls by our own name, though we may not know its id there yet."""
    found = unit.lock(
        unit.select(Delivery).where(Delivery.id == attempted.delivery_id, Delivery.integration_id == integration_id)
    )
    pieces = load_pieces(unit, [attempted.delivery_id]).get(attempted.delivery_id, [])
    if not found or attempted.n >= len(pieces):
        return False
    piece = pieces[attempted.n]
    if event.message_id and not piece.external_ids and event.status is not SendStatus.FAILED:
        piece.external_ids = [event.message_id]
    waited = found[0].settle_by is not None
    changed = _settle(unit, found[0], pieces, piece, event)
    if waited and found[0].settle_by is None:
        found[0].due_at = unit.now
    return changed


def _settle(
    unit: Unit, delivery: Delivery, pieces: Sequence[DeliveryPiece], piece: DeliveryPiece, event: StatusChanged
) -> bool:
    if event.status is not SendStatus.FAILED:
        return mark_status(delivery, pieces, piece, event.status, now=unit.now)
    if PROGRESS.get(piece.state, SETTLED_WELL) >= SETTLED_WELL:
        return False
    error = {
        "class": event.error_class or "content",
        "code": event.error_code or "",
        "message": event.error_message or "the provider could not deliver it",
        "retryable": False,
    }
    mark_failed(delivery, pieces, piece, error, now=unit.now)
    return True


def _piece_of(pieces: Sequence[DeliveryPiece], message_id: str) -> DeliveryPiece | None:
    """The piece that the provider knows by that id; of a single one, whatever it is called."""
    if len(pieces) == 1:
        return pieces[0]
    return next((piece for piece in pieces if message_id in piece.external_ids), None)
