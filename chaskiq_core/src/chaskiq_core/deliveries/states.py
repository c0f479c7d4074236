"""The states of a delivery and its pieces: one place, one `match` over what can come of a send."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chaskiq_core.errors import RetryLaterError, SendError, UnknownOutcomeError
from chaskiq_core.model import Delivery, DeliveryPiece, DeliveryState, JsonObject
from chaskiq_core.plugin.events import SendStatus

MAX_ATTEMPTS = 12
MAX_AGE = timedelta(hours=24)
"""How long a transient error is retried before the delivery fails with it."""
FINISHED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.UNKNOWN})
"""States of a piece after which the next one goes."""
PROGRESS = {
    DeliveryState.UNKNOWN: 0,
    DeliveryState.SENDING: 0,
    DeliveryState.SENT: 1,
    DeliveryState.DELIVERED: 2,
    DeliveryState.READ: 3,
}


def next_piece(pieces: Sequence[DeliveryPiece]) -> DeliveryPiece | None:
    """The first piece that is not through; None: all are."""
    return next((piece for piece in pieces if piece.state not in FINISHED), None)


def mark_sending(delivery: Delivery, piece: DeliveryPiece, *, attempt_id: str, deadline: datetime) -> None:
    """The bytes are about to leave; committed just before they do."""
    delivery.state = piece.state = DeliveryState.SENDING
    delivery.attempts += 1
    piece.attempt_id = attempt_id
    piece.deadline = deadline
    piece.error = delivery.error = None


def mark_sent(delivery: Delivery, pieces: Sequence[DeliveryPiece], piece: DeliveryPiece, *, now: datetime) -> None:
    """The provider took the piece; also when it says so late."""
    piece.state = DeliveryState.SENT
    piece.error = None
    _follow_pieces(delivery, pieces, now=now)


def mark_error(
    delivery: Delivery,
    pieces: Sequence[DeliveryPiece],
    piece: DeliveryPiece,
    error: SendError,
    *,
    wait: timedelta,
    now: datetime,
) -> None:
    """What an error means for the delivery: wait and go on, go on without knowing, or fail with its reason."""
    piece.error = delivery.error = error_json(error)
    match error:
        case RetryLaterError() if delivery.attempts < MAX_ATTEMPTS and now - delivery.created_at < MAX_AGE:
            piece.state = delivery.state = DeliveryState.QUEUED
            delivery.due_at = now + wait
        case UnknownOutcomeError():
            piece.state = DeliveryState.UNKNOWN
            _follow_pieces(delivery, pieces, now=now)
        case _:
            piece.state = delivery.state = DeliveryState.FAILED
            delivery.settled_at = now
            for later in pieces:
                if later.state is DeliveryState.QUEUED:
                    later.state = DeliveryState.CANCELLED


def mark_moved(delivery: Delivery, piece: DeliveryPiece, *, now: datetime) -> None:
    """The chat has another id now: the same piece goes there at once."""
    piece.state = delivery.state = DeliveryState.QUEUED
    piece.error = delivery.error = None
    delivery.due_at = now


def mark_status(delivery: Delivery, pieces: Sequence[DeliveryPiece], status: SendStatus, *, now: datetime) -> bool:
    """A provider tells how far a message got: only ever further. Says whether anything changed."""
    state = {
        SendStatus.SENT: DeliveryState.SENT,
        SendStatus.DELIVERED: DeliveryState.DELIVERED,
        SendStatus.READ: DeliveryState.READ,
        SendStatus.PLAYED: DeliveryState.READ,
    }.get(status)
    if state is None or PROGRESS.get(delivery.state, 9) >= PROGRESS[state]:
        return False
    if next_piece(pieces) is not None:
        return False
    delivery.state = state
    delivery.error = None
    delivery.settled_at = now
    return True


def error_json(error: SendError) -> JsonObject:
    """An error as a delivery keeps it."""
    return {
        "class": error.error_class,
        "code": error.code,
        "message": error.message[:1000],
        "retryable": error.retryable,
    }


def _follow_pieces(delivery: Delivery, pieces: Sequence[DeliveryPiece], *, now: datetime) -> None:
    """The delivery's state is that of its first piece that is not through; at the end unknown outweighs sent."""
    if next_piece(pieces) is not None:
        delivery.state = DeliveryState.QUEUED
        delivery.due_at = now
        return
    unknown = next((piece for piece in pieces if piece.state is DeliveryState.UNKNOWN), None)
    delivery.state = DeliveryState.UNKNOWN if unknown else DeliveryState.SENT
    delivery.error = unknown.error if unknown else None
    delivery.settled_at = now
