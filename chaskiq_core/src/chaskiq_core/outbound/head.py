"""The head of an outbound lane: the delivery that must go next, read as a value."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_

from chaskiq_core.deliveries.queries import load_pieces
from chaskiq_core.fitting.fit import FittedPiece, Message
from chaskiq_core.model import (
    ConversationChannel,
    ConversationPart,
    Delivery,
    DeliveryPiece,
    DeliveryState,
    PartSource,
)
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.outbound.message import read_message
from chaskiq_core.outbound.pieces import is_withdrawn, read_piece
from chaskiq_core.store.unit import Unit

OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceState:
    """A piece as it stands in the ledger."""

    n: int
    state: DeliveryState
    fitted: FittedPiece
    deadline: datetime | None
    external_ids: tuple[str, ...]
    """None yet: the provider has not taken it, or has not said so."""
    withdrawn: bool
    """Whether it was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A delivery with all that sending it, or changing what was sent, needs."""

    delivery_id: int
    integration_id: IntegrationId
    provider: str
    state: DeliveryState
    due_at: datetime
    created_at: datetime
    attempts: int
    channel_id: str
    thread_id: str
    is_group: bool
    message: Message
    deleted: bool
    """Whether the part was deleted."""
    correlation_id: str | None
    """Whose work it is."""
    stale_since: datetime | None
    """When the part changed after it left."""
    reply_to: str | None
    """The answered message's id at this provider."""
    pieces: tuple[PieceState, ...]
    """None yet: it was never tried."""


def read_head(unit: Unit, lane_key: str) -> Head | None:
    """The oldest delivery of a lane that is open, or whose part has changed since it left; None: nothing to do."""
    delivery = unit.first(
        unit.select(Delivery)
        .where(Delivery.lane_key == lane_key, or_(Delivery.state.in_(OPEN), Delivery.stale_since.is_not(None)))
        .order_by(Delivery.id)
    )
    if delivery is None:
        return None
    [part] = unit.all(unit.select(ConversationPart).where(ConversationPart.id == delivery.part_id))
    [channel] = unit.all(unit.select(ConversationChannel).where(ConversationChannel.id == delivery.channel_id))
    pieces = load_pieces(unit, [delivery.id]).get(delivery.id, [])
    return Head(
        delivery_id=delivery.id,
        integration_id=delivery.integration_id,
        provider=delivery.provider,
        state=delivery.state,
        due_at=delivery.due_at,
        created_at=delivery.created_at,
        attempts=delivery.attempts,
        channel_id=channel.channel_id,
        thread_id=channel.thread_id,
        is_group=channel.is_group,
        message=read_message(unit, part),
        deleted=part.deleted_at is not None,
        correlation_id=delivery.correlation_id,
        stale_since=delivery.stale_since,
        reply_to=_answered_id(unit, part, delivery.integration_id),
        pieces=tuple(_piece(piece) for piece in pieces),
    )


def _piece(piece: DeliveryPiece) -> PieceState:
    return PieceState(
        n=piece.n,
        state=piece.state,
        fitted=read_piece(piece.payload),
        deadline=piece.deadline,
        external_ids=tuple(piece.external_ids),
        withdrawn=is_withdrawn(piece.payload),
    )


def _answered_id(unit: Unit, part: ConversationPart, integration_id: IntegrationId) -> str | None:
    if part.reply_to_id is None:
        return None
    source = unit.first(
        unit.select(PartSource)
        .where(PartSource.part_id == part.reply_to_id, PartSource.integration_id == integration_id)
        .order_by(PartSource.id)
    )
    return source.external_id if source else None
