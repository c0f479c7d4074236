"""The head of an outbound lane: the delivery that must go next, read as a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, text

from chaskiq_core.conversations.dialogue import load_parts_by_id
from chaskiq_core.deliveries.attempts import piece_key
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
from chaskiq_core.model.ledgers import IS_OPEN
from chaskiq_core.outbound.message import read_message
from chaskiq_core.outbound.mirrored import read_mirrored
from chaskiq_core.outbound.pieces import is_withdrawn, read_piece
from chaskiq_core.plugin.outbound import Piece, Thread
from chaskiq_core.store.unit import Unit

OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceState:
    """A piece as it stands in the ledger."""

    n: int
    state: DeliveryState
    fitted: FittedPiece
    deadline: datetime | None
    """Until when the bytes of its last attempt may have been on their way."""
    attempt_id: str | None
    external_ids: tuple[str, ...]
    """None yet: the provider has not taken it, or has not said so."""
    withdrawn: bool
    """Whether it was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A delivery with all that sending it, or changing what was sent, needs."""

    delivery_id: int
    key: str
    integration_id: IntegrationId
    provider: str
    state: DeliveryState
    created_at: datetime
    due_at: datetime
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
    settle_by: datetime | None
    """Until when an unknown piece may still be settled by the provider."""
    reply_to: str | None
    """The answered message's id at this provider."""
    pieces: tuple[PieceState, ...]
    """None yet: it was never tried."""


def read_heads(unit: Unit, lane_keys: tuple[str, ...]) -> tuple[Head | None, ...]:
    """The oldest delivery of each lane that is open, may be settled, or whose part has changed; None: nothing to do."""
    if not lane_keys:
        return ()
    first = (
        unit.select(Delivery.id)
        .with_only_columns(func.min(Delivery.id), maintain_column_froms=True)
        .where(Delivery.lane_key.in_(sorted(set(lane_keys))), text(f"({IS_OPEN})"))
        .group_by(Delivery.lane_key)
    )
    deliveries = unit.all(unit.select(Delivery).where(Delivery.id.in_(first)))
    if not deliveries:
        return (None,) * len(lane_keys)
    parts = load_parts_by_id(unit, {delivery.part_id for delivery in deliveries})
    channel_ids = sorted({delivery.channel_id for delivery in deliveries})
    channels = {
        channel.id: channel
        for channel in unit.all(unit.select(ConversationChannel).where(ConversationChannel.id.in_(channel_ids)))
    }
    pieces = load_pieces(unit, [delivery.id for delivery in deliveries])
    heads = {
        delivery.lane_key: _head(
            unit, delivery, parts[delivery.part_id], channels[delivery.channel_id], pieces.get(delivery.id, [])
        )
        for delivery in deliveries
    }
    return tuple(heads.get(key) for key in lane_keys)


def _head(
    unit: Unit,
    delivery: Delivery,
    part: ConversationPart,
    channel: ConversationChannel,
    pieces: Sequence[DeliveryPiece],
) -> Head:
    return Head(
        delivery_id=delivery.id,
        key=delivery.key,
        integration_id=delivery.integration_id,
        provider=delivery.provider,
        state=delivery.state,
        created_at=delivery.created_at,
        due_at=delivery.due_at,
        attempts=delivery.attempts,
        channel_id=channel.channel_id,
        thread_id=channel.thread_id,
        is_group=channel.is_group,
        message=read_mirrored(unit, part) if channel.mirror else read_message(unit, part),
        deleted=part.deleted_at is not None,
        correlation_id=delivery.correlation_id,
        stale_since=delivery.stale_since,
        settle_by=delivery.settle_by,
        reply_to=_answered_id(unit, part, delivery.integration_id),
        pieces=tuple(_piece(piece) for piece in pieces),
    )


def piece_of(head: Head, fitted: FittedPiece, *, n: int, attempt_id: str, thread: Thread | None = None) -> Piece:
    """The delivery's n-th piece as a channel is given it."""
    return Piece(
        channel_id=head.channel_id,
        thread_id=head.thread_id,
        text=fitted.text,
        content=fitted.content,
        attempt_id=attempt_id,
        key=piece_key(head.key, n),
        reply_to=head.reply_to if n == 0 else None,
        media=fitted.media,
        template=fitted.template,
        options=fitted.options,
        thread=thread,
    )


def _piece(piece: DeliveryPiece) -> PieceState:
    return PieceState(
        n=piece.n,
        state=piece.state,
        fitted=read_piece(piece.payload),
        deadline=piece.deadline,
        attempt_id=piece.attempt_id,
        external_ids=tuple(piece.external_ids),
        withdrawn=is_withdrawn(piece.payload),
    )


def _answered_id(unit: Unit, part: ConversationPart, integration_id: IntegrationId) -> str | None:
    if part.reply_to_id is None:
        return None
    sources = unit.all(
        unit.select(PartSource).where(
            PartSource.part_id == part.reply_to_id, PartSource.integration_id == integration_id
        )
    )
    return min(sources, key=lambda one: one.id).external_id if sources else None
