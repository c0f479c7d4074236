"""Deliveries with their pieces, for views and lists."""

from collections.abc import Sequence

from chaskiq_core.model import Delivery, DeliveryPiece, DeliveryState
from chaskiq_core.store.unit import Unit


def load_deliveries(unit: Unit, part_ids: Sequence[int]) -> dict[int, list[Delivery]]:
    """The deliveries of parts, by part."""
    deliveries: dict[int, list[Delivery]] = {}
    if part_ids:
        found = unit.all(unit.select(Delivery).where(Delivery.part_id.in_(part_ids)))
        # Sorted here: asked for in the order of ids, SQLite would read all of the App's by its key.
        for delivery in sorted(found, key=lambda one: one.id):
            deliveries.setdefault(delivery.part_id, []).append(delivery)
    return deliveries


def load_pieces(unit: Unit, delivery_ids: Sequence[int]) -> dict[int, list[DeliveryPiece]]:
    """The pieces of deliveries, by delivery, in order."""
    pieces: dict[int, list[DeliveryPiece]] = {}
    if delivery_ids:
        statement = (
            unit.select(DeliveryPiece)
            .where(DeliveryPiece.delivery_id.in_(delivery_ids))
            .order_by(DeliveryPiece.delivery_id, DeliveryPiece.n)
        )
        for piece in unit.all(statement):
            pieces.setdefault(piece.delivery_id, []).append(piece)
    return pieces


def page_deliveries(unit: Unit, *, state: DeliveryState | None, after: int | None, limit: int) -> Sequence[Delivery]:
    """Deliveries in a state, newest first, below the id `after`."""
    statement = unit.select(Delivery).order_by(Delivery.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(Delivery.state == state)
    if after is not None:
        statement = statement.where(Delivery.id < after)
    return unit.all(statement)
