"""What came of a send that did not go as it should, and of a change to what was sent: each its own act."""

from datetime import datetime, timedelta

from sqlalchemy import text

from chaskiq_core.deliveries.queries import load_pieces
from chaskiq_core.deliveries.states import (
    decide_unknown,
    error_json,
    mark_cancelled,
    mark_error,
    mark_moved,
    mark_not_there,
    mark_simpler,
    next_piece,
)
from chaskiq_core.errors import (
    AccountError,
    MovedError,
    ReauthError,
    UnknownOutcomeError,
)
from chaskiq_core.fitting.fit import FittedPiece
from chaskiq_core.integrations.add import break_integration
from chaskiq_core.model import (
    ConversationChannel,
    Delivery,
    DeliveryPiece,
    DeliveryState,
    Integration,
)
from chaskiq_core.model.conversations import IS_CURRENT
from chaskiq_core.model.ledgers import IS_OPEN
from chaskiq_core.outbound.failure import SendFailure
from chaskiq_core.outbound.head import OPEN
from chaskiq_core.outbound.pieces import withdrawn_piece, write_piece
from chaskiq_core.outbound.rows import Rows, lock_rows, new_piece, publish_rows
from chaskiq_core.outbound.steps import LEASE, attempted
from chaskiq_core.plugin.manifest import Idempotency
from chaskiq_core.store.lanes import ClaimedLane, hold_lanes
from chaskiq_core.store.unit import Unit


def settle_error(
    unit: Unit,
    lane: ClaimedLane,
    delivery_id: int,
    *,
    attempt_id: str,
    error: SendFailure,
    wait: timedelta,
    idempotency: Idempotency,
) -> DeliveryState | None:
    """The provider did not take the piece, or nobody knows. The state that the delivery has now, as above."""
    loaded = _load_attempt(unit, delivery_id, attempt_id)
    if loaded is None:
        return None
    rows, pieces, piece = loaded
    delivery = rows.delivery
    raised = error.as_error()
    if isinstance(raised, MovedError) and raised.channel_id and delivery.attempts <= 2:
        _move_channel(unit, delivery, raised.channel_id)
        mark_moved(delivery, piece, now=unit.now)
    else:
        mark_error(
            delivery,
            pieces,
            piece,
            raised,
            wait=wait,
            now=unit.now,
            idempotency=idempotency,
            on_unknown=_integration(unit, delivery).on_unknown,
        )
    if isinstance(raised, ReauthError | AccountError):
        [integration] = unit.lock(unit.select(Integration).where(Integration.id == delivery.integration_id))
        break_integration(unit, integration, raised.message)
    publish_rows(unit, [rows])
    hold_lanes(unit, [lane], lease=LEASE)
    return delivery.state


def settle_abandoned(
    unit: Unit, lane: ClaimedLane, delivery_id: int, *, idempotency: Idempotency
) -> DeliveryState | None:
    """A worker died between `sending` and the answer: nobody can say whether it left. The state, as above."""
    # Read without a lock: `settle_error` takes them in their order, and looks again.
    piece = next_piece(load_pieces(unit, [delivery_id]).get(delivery_id, []))
    if piece is None or piece.state is not DeliveryState.SENDING or piece.attempt_id is None:
        return None
    failure = SendFailure.of(UnknownOutcomeError("the worker ended while it was sending"))
    return settle_error(
        unit,
        lane,
        delivery_id,
        attempt_id=piece.attempt_id,
        error=failure,
        wait=timedelta(),
        idempotency=idempotency,
    )


def send_again(unit: Unit, lane: ClaimedLane, delivery_id: int, *, attempt_id: str) -> None:
    """The provider was asked for an unknown piece and has it not."""
    loaded = _load_attempt(unit, delivery_id, attempt_id)
    if loaded is None or loaded[0].delivery.settle_by is None:
        return
    rows, _, piece = loaded
    delivery = rows.delivery
    mark_not_there(delivery, piece, now=unit.now)
    publish_rows(unit, [rows])
    hold_lanes(unit, [lane], lease=LEASE)


def stop_settling(unit: Unit, lane: ClaimedLane, delivery_id: int) -> None:
    """Nobody said in time what became of an unknown piece: the integration's policy decides."""
    rows = _lock(unit, delivery_id)
    delivery = rows.delivery
    if delivery.settle_by is None:
        return
    pieces = load_pieces(unit, [delivery_id]).get(delivery_id, [])
    decide_unknown(
        delivery,
        pieces,
        on_unknown=_integration(unit, delivery).on_unknown,
        now=unit.now,
        wait=timedelta(),
    )
    publish_rows(unit, [rows])
    hold_lanes(unit, [lane], lease=LEASE)


def settle_simpler(unit: Unit, lane: ClaimedLane, delivery_id: int, simpler: FittedPiece, *, attempt_id: str) -> None:
    """The provider did not take the piece as it is: it goes again as something simpler."""
    loaded = _load_attempt(unit, delivery_id, attempt_id)
    if loaded is None:
        return
    rows, _, piece = loaded
    delivery = rows.delivery
    mark_simpler(delivery, piece, write_piece(simpler), now=unit.now)
    publish_rows(unit, [rows])
    hold_lanes(unit, [lane], lease=LEASE)


def settle_unsendable(unit: Unit, lane: ClaimedLane, delivery_id: int, reason: str, *, error_class: str) -> None:
    """The delivery can't go, and fails with that reason."""
    rows = _lock(unit, delivery_id)
    delivery = rows.delivery
    if delivery.state not in OPEN:
        return
    delivery.state = DeliveryState.FAILED
    delivery.settled_at = unit.now
    delivery.error = {"class": error_class, "code": "", "message": reason, "retryable": False}
    publish_rows(unit, [rows])
    hold_lanes(unit, [lane], lease=LEASE)


def cancel_deleted(unit: Unit, lane: ClaimedLane, delivery_id: int) -> None:
    """The part was deleted before all of it left: the rest stays here, what has left is taken back next."""
    rows = _lock(unit, delivery_id)
    delivery = rows.delivery
    if delivery.state not in OPEN:
        return
    mark_cancelled(delivery, load_pieces(unit, [delivery_id]).get(delivery_id, []), now=unit.now)
    delivery.error = None
    publish_rows(unit, [rows])
    hold_lanes(unit, [lane], lease=LEASE)


def settle_revision(
    unit: Unit,
    lane: ClaimedLane,
    delivery_id: int,
    *,
    seen: datetime | None,
    rewritten: tuple[tuple[int, FittedPiece], ...],
    withdrawn: tuple[int, ...],
    added: tuple[FittedPiece, ...],
    failure: SendFailure | None,
) -> None:
    """The messages say what the part said at `seen`; a change that came since is still to be told."""
    rows = _lock(unit, delivery_id)
    delivery = rows.delivery
    pieces = load_pieces(unit, [delivery_id]).get(delivery_id, [])
    for n, fitted in rewritten:
        pieces[n].payload = write_piece(fitted)
    for n in withdrawn:
        pieces[n].external_ids = []
        pieces[n].payload = withdrawn_piece()
    for n, fitted in enumerate(added, len(pieces)):
        unit.add(new_piece(unit, delivery, n, fitted))
    if added:
        delivery.state = DeliveryState.QUEUED
        delivery.due_at = unit.now
    if delivery.stale_since == seen:
        delivery.stale_since = None
    if failure is not None:
        told = error_json(failure.as_error())
        delivery.error = {**told, "message": f"the change did not reach it: {told['message']}", "retryable": False}
    elif delivery.state in (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ):
        delivery.error = None
    publish_rows(unit, [rows])
    hold_lanes(unit, [lane], lease=LEASE)


def put_off(unit: Unit, lane: ClaimedLane, delivery_id: int, *, wait: timedelta) -> None:
    """Not now: the head of the lane is due later, and with it the lane."""
    unit.change(
        unit.update(Delivery)
        .where(Delivery.id == delivery_id, text(f"({IS_OPEN})"))
        .values(due_at=unit.now + wait, version=Delivery.version + 1)
    )
    hold_lanes(unit, [lane], lease=LEASE)


Loaded = tuple[Rows, list[DeliveryPiece], DeliveryPiece]


def _lock(unit: Unit, delivery_id: int) -> Rows:
    """The rows of a delivery, the conversation locked first."""
    return lock_rows(unit, [delivery_id])[delivery_id]


def _load_attempt(unit: Unit, delivery_id: int, attempt_id: str) -> Loaded | None:
    """The rows of an attempt; None: it is not the piece's attempt any more."""
    rows = _lock(unit, delivery_id)
    pieces = load_pieces(unit, [delivery_id]).get(delivery_id, [])
    piece = attempted(pieces, attempt_id)
    return None if piece is None else (rows, pieces, piece)


def _integration(unit: Unit, delivery: Delivery) -> Integration:
    [integration] = unit.all(unit.select(Integration).where(Integration.id == delivery.integration_id))
    return integration


def _move_channel(unit: Unit, delivery: Delivery, new_id: str) -> None:
    [channel] = unit.lock(unit.select(ConversationChannel).where(ConversationChannel.id == delivery.channel_id))
    taken = unit.first(
        unit.select(ConversationChannel).where(
            ConversationChannel.integration_id == channel.integration_id,
            ConversationChannel.channel_id == new_id,
            ConversationChannel.thread_id == channel.thread_id,
            text(IS_CURRENT),
        )
    )
    channel.channel_id = new_id
    if taken is not None and taken.id != channel.id:
        channel.current = False
