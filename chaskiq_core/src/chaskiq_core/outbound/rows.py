"""The rows of deliveries in the hands of an act, and their part told again to the streams."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chaskiq_core.conversations.dialogue import Place, load_parts_by_id, lock_places
from chaskiq_core.conversations.edit import publish_all_again
from chaskiq_core.fitting.fit import FittedPiece
from chaskiq_core.model import ConversationPart, Delivery, DeliveryPiece, DeliveryState
from chaskiq_core.outbound.pieces import write_piece
from chaskiq_core.store.unit import Unit


@dataclass(slots=True, kw_only=True)
class Rows:
    """A delivery, locked, with its part and the conversation, which was locked first."""

    place: Place
    part: ConversationPart
    delivery: Delivery


def lock_rows(unit: Unit, delivery_ids: Iterable[int]) -> dict[int, Rows]:
    """Those deliveries by id: conversations locked first, then deliveries, each in the order of their ids."""
    wanted = sorted(set(delivery_ids))
    places = lock_places(unit, unit.all(unit.select(Delivery.conversation_id).where(Delivery.id.in_(wanted))))
    deliveries = unit.lock(unit.select(Delivery).where(Delivery.id.in_(wanted)).order_by(Delivery.id))
    parts = load_parts_by_id(unit, {delivery.part_id for delivery in deliveries})
    return {
        delivery.id: Rows(place=places[delivery.conversation_id], part=parts[delivery.part_id], delivery=delivery)
        for delivery in deliveries
    }


def publish_rows(unit: Unit, several: Sequence[Rows]) -> None:
    """Tell the streams how their parts stand now, each once."""
    by_part = {rows.part.id: rows for rows in several}
    publish_all_again(unit, [(rows.place, rows.part) for rows in by_part.values()])


def new_piece(unit: Unit, delivery: Delivery, n: int, piece: FittedPiece) -> DeliveryPiece:
    """A message of a delivery, as it is cut now."""
    return DeliveryPiece(
        app_id=unit.app_id,
        delivery_id=delivery.id,
        n=n,
        state=DeliveryState.QUEUED,
        payload=write_piece(piece),
        attempt_id=None,
        deadline=None,
        external_ids=[],
        error=None,
    )
