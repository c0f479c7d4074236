"""The states of a delivery and its pieces: one place, one `match` over what can come of a send."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chaskiq_core.errors import RetryLaterError, SendError, UnknownOutcomeError
from chaskiq_core.model import Delivery, DeliveryPiece, DeliveryState, JsonObject, OnUnknown
from chaskiq_core.plugin.events import SendStatus
from chaskiq_core.plugin.manifest import Idempotency

MAX_ATTEMPTS = 12
MAX_AGE = timedelta(hours=24)
"""How long a transient error is retried before the delivery fails with it."""
SETTLE_WITHIN = timedelta(seconds=120)
"""How long an unknown outcome may be settled by the provider: its lane waits for that."""
LOOK_AFTER = timedelta(seconds=2)
"""What was just sent may not be found at once."""
PROGRESS = {
    DeliveryState.UNKNOWN: 0,
    DeliveryState.SENDING: 0,
    DeliveryState.SENT: 1,
    DeliveryState.DELIVERED: 2,
    DeliveryState.READ: 3,
}
FINISHED = frozenset(PROGRESS) - {DeliveryState.SENDING}
"""States of a piece after which the next one goes."""
TOLD = {
    SendStatus.SENT: DeliveryState.SENT,
    SendStatus.DELIVERED: DeliveryState.DELIVERED,
    SendStatus.READ: DeliveryState.READ,
    SendStatus.PLAYED: DeliveryState.READ,
}
"""What a provider's word means."""


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
    follow_pieces(delivery, pieces, now=now)


def mark_error(
    delivery: Delivery,
    pieces: Sequence[DeliveryPiece],
    piece: DeliveryPiece,
    error: SendError,
    *,
    wait: timedelta,
    now: datetime,
    idempotency: Idempotency,
    on_unknown: OnUnknown,
) -> None:
    """What an error means for the delivery: wait, find out, go on without knowing, or fail with its reason."""
    told = piece.error = delivery.error = error_json(error)
    may_go_on = delivery.attempts < MAX_ATTEMPTS and now - delivery.created_at < MAX_AGE
    match error:
        case RetryLaterError() if may_go_on:
            _again(delivery, piece, due=now + wait)
        case UnknownOutcomeError() if idempotency is Idempotency.KEY and may_go_on:
            _again(delivery, piece, due=now + wait)
        case UnknownOutcomeError() if idempotency in (Idempotency.LOOKUP, Idempotency.CALLBACK):
            piece.state = delivery.state = DeliveryState.UNKNOWN
            delivery.settle_by = now + SETTLE_WITHIN
            delivery.due_at = now + LOOK_AFTER if idempotency is Idempotency.LOOKUP else delivery.settle_by
        case UnknownOutcomeError():
            piece.state = DeliveryState.UNKNOWN
            decide_unknown(delivery, pieces, on_unknown=on_unknown, now=now, wait=wait)
        case _:
            mark_failed(delivery, pieces, piece, told, now=now)


def mark_failed(
    delivery: Delivery, pieces: Sequence[DeliveryPiece], piece: DeliveryPiece, error: JsonObject, *, now: datetime
) -> None:
    """The piece won't arrive, and what should have followed it does not leave."""
    piece.state = delivery.state = DeliveryState.FAILED
    piece.error = delivery.error = error
    delivery.settle_by = None
    delivery.settled_at = now
    _keep_back(pieces)


def mark_cancelled(delivery: Delivery, pieces: Sequence[DeliveryPiece], *, now: datetime) -> None:
    """What still waits does not leave; what has left stays."""
    delivery.state = DeliveryState.CANCELLED
    delivery.settled_at = now
    _keep_back(pieces)


def decide_unknown(
    delivery: Delivery, pieces: Sequence[DeliveryPiece], *, on_unknown: OnUnknown, now: datetime, wait: timedelta
) -> None:
    """Nobody will say any more what became of it: shown to the agents, or sent again where the integration says so."""
    delivery.settle_by = None
    if on_unknown is OnUnknown.RESEND and delivery.attempts < MAX_ATTEMPTS and now - delivery.created_at < MAX_AGE:
        for piece in pieces:
            if piece.state is DeliveryState.UNKNOWN:
                _again(delivery, piece, due=now + wait)
        return
    follow_pieces(delivery, pieces, now=now)


def mark_not_there(delivery: Delivery, piece: DeliveryPiece, *, now: datetime) -> None:
    """The provider was asked and has it not: it goes again, at once."""
    delivery.settle_by = None
    delivery.error = piece.error = None
    _again(delivery, piece, due=now)


def mark_moved(delivery: Delivery, piece: DeliveryPiece, *, now: datetime) -> None:
    """The chat has another id now: the same piece goes there at once."""
    piece.error = delivery.error = None
    _again(delivery, piece, due=now)


def mark_simpler(delivery: Delivery, piece: DeliveryPiece, payload: JsonObject, *, now: datetime) -> None:
    """The provider does not take it as it is: it goes as something simpler."""
    piece.payload = payload
    _again(delivery, piece, due=now)


def mark_status(
    delivery: Delivery, pieces: Sequence[DeliveryPiece], piece: DeliveryPiece, status: SendStatus, *, now: datetime
) -> bool:
    """A provider tells how far a message got: only ever further. Says whether anything changed."""
    state = TOLD.get(status)
    if state is None or PROGRESS.get(piece.state, 9) >= PROGRESS[state]:
        return False
    piece.state = state
    piece.error = None
    if delivery.state not in (DeliveryState.FAILED, DeliveryState.CANCELLED):
        follow_pieces(delivery, pieces, now=now)
    return True


def error_json(error: SendError) -> JsonObject:
    """An error as a delivery keeps it."""
    return {
        "class": error.error_class,
        "code": error.code,
        "message": error.message[:1000],
        "retryable": error.retryable,
    }


def follow_pieces(delivery: Delivery, pieces: Sequence[DeliveryPiece], *, now: datetime) -> None:
    """The delivery's state is that of its first piece that is not through; at the end, of the least far one."""
    unknown = next((piece for piece in pieces if piece.state is DeliveryState.UNKNOWN), None)
    if unknown is None:
        delivery.settle_by = None
    if (waiting := next_piece(pieces)) is not None:
        if waiting.state is DeliveryState.QUEUED and delivery.settle_by is None:
            delivery.state = DeliveryState.QUEUED
            delivery.due_at = now
        return
    least = min(pieces, key=lambda piece: PROGRESS[piece.state])
    delivery.state = least.state
    delivery.error = unknown.error if unknown else None
    delivery.settled_at = now


def _keep_back(pieces: Sequence[DeliveryPiece]) -> None:
    for piece in pieces:
        if piece.state is DeliveryState.QUEUED:
            piece.state = DeliveryState.CANCELLED


def _again(delivery: Delivery, piece: DeliveryPiece, *, due: datetime) -> None:
    piece.state = delivery.state = DeliveryState.QUEUED
    delivery.due_at = due
