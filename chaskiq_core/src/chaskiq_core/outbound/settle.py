"""The writes of a send, each its own act: pieces fixed and `sending` committed before it, what came of it after it."""

from datetime import datetime, timedelta

from sqlalchemy import text

from chaskiq_core.conversations.dialogue import Place, lock_place
from chaskiq_core.conversations.edit import publish_again
from chaskiq_core.deliveries.queries import load_pieces
from chaskiq_core.deliveries.sources import add_source, find_sources
from chaskiq_core.deliveries.states import (
    decide_unknown,
    error_json,
    mark_cancelled,
    mark_error,
    mark_moved,
    mark_not_there,
    mark_sending,
    mark_sent,
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
    ConversationPart,
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
from chaskiq_core.plugin.manifest import Idempotency
from chaskiq_core.plugin.outbound import Receipt
from chaskiq_core.store.lanes import ClaimedLane, hold_lane, hold_lanes
from chaskiq_core.store.unit import Unit

LEASE = timedelta(seconds=15)
"""How long a worker may hold an outbound lane without a word, but for a send: then until its deadline."""


def begin_send(
    unit: Unit,
    lane: ClaimedLane,
    delivery_id: int,
    fitted: tuple[FittedPiece, ...],
    *,
    n: int,
    attempt_id: str,
    send_time: timedelta,
) -> bool:
    """Commit `sending` for piece `n`, with all pieces at the first attempt; False: somebody cancelled it meanwhile."""
    place, part, delivery = _lock(unit, delivery_id)
    if delivery.state not in OPEN:
        return False
    pieces = load_pieces(unit, [delivery_id]).get(delivery_id, [])
    if not pieces:
        pieces = [unit.add(_new_piece(unit, delivery, n, piece)) for n, piece in enumerate(fitted)]
    mark_sending(delivery, pieces[n], attempt_id=attempt_id, deadline=unit.now + send_time)
    publish_again(unit, place, part)
    hold_lanes(unit, [lane], lease=send_time + LEASE)
    return True


def settle_receipt(
    unit: Unit, lane: ClaimedLane, delivery_id: int, *, attempt_id: str, receipt: Receipt, lease: timedelta
) -> DeliveryState | None:
    """The provider took the piece: keep its ids. Counts even after the lease was lost, if nothing was decided since.

    The state that the delivery has now; None: this was not its attempt any more.
    """
    loaded = _load_attempt(unit, delivery_id, attempt_id)
    if loaded is None:
        return None
    place, part, delivery, pieces, piece = loaded
    account = _integration(unit, delivery).account
    piece.external_ids = list(receipt.external_ids)
    mark_sent(delivery, pieces, piece, now=unit.now)
    known = find_sources(unit, [(account, key) for key in receipt.message_keys])
    for external_id, message_key in zip(receipt.external_ids, receipt.message_keys, strict=True):
        if (account, message_key) not in known:
            add_source(
                unit,
                part,
                integration_id=delivery.integration_id,
                provider=delivery.provider,
                account=account,
                message_key=message_key,
                external_id=external_id,
            )
    publish_again(unit, place, part)
    _hold_if_ours(unit, lane, lease)
    return delivery.state


def settle_error(
    unit: Unit,
    lane: ClaimedLane,
    delivery_id: int,
    *,
    attempt_id: str,
    error: SendFailure,
    wait: timedelta,
    idempotency: Idempotency,
    lease: timedelta,
) -> DeliveryState | None:
    """The provider did not take the piece, or nobody knows. The state that the delivery has now, as above."""
    loaded = _load_attempt(unit, delivery_id, attempt_id)
    if loaded is None:
        return None
    place, part, delivery, pieces, piece = loaded
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
    publish_again(unit, place, part)
    hold_lanes(unit, [lane], lease=lease)
    return delivery.state


def settle_abandoned(
    unit: Unit, lane: ClaimedLane, delivery_id: int, *, idempotency: Idempotency, lease: timedelta
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
        lease=lease,
    )


def send_again(unit: Unit, lane: ClaimedLane, delivery_id: int, *, attempt_id: str, lease: timedelta) -> None:
    """The provider was asked for an unknown piece and has it not."""
    loaded = _load_attempt(unit, delivery_id, attempt_id)
    if loaded is None or loaded[2].settle_by is None:
        return
    place, part, delivery, _, piece = loaded
    mark_not_there(delivery, piece, now=unit.now)
    publish_again(unit, place, part)
    hold_lanes(unit, [lane], lease=lease)


def stop_settling(unit: Unit, lane: ClaimedLane, delivery_id: int, *, lease: timedelta) -> None:
    """Nobody said in time what became of an unknown piece: the integration's policy decides."""
    place, part, delivery = _lock(unit, delivery_id)
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
    publish_again(unit, place, part)
    hold_lanes(unit, [lane], lease=lease)


def settle_simpler(
    unit: Unit, lane: ClaimedLane, delivery_id: int, simpler: FittedPiece, *, attempt_id: str, lease: timedelta
) -> None:
    """The provider did not take the piece as it is: it goes again as something simpler."""
    loaded = _load_attempt(unit, delivery_id, attempt_id)
    if loaded is None:
        return
    place, part, delivery, _, piece = loaded
    mark_simpler(delivery, piece, write_piece(simpler), now=unit.now)
    publish_again(unit, place, part)
    hold_lanes(unit, [lane], lease=lease)


def settle_unsendable(
    unit: Unit, lane: ClaimedLane, delivery_id: int, reason: str, *, error_class: str, lease: timedelta
) -> None:
    """The delivery can't go, and fails with that reason."""
    place, part, delivery = _lock(unit, delivery_id)
    if delivery.state not in OPEN:
        return
    delivery.state = DeliveryState.FAILED
    delivery.settled_at = unit.now
    delivery.error = {"class": error_class, "code": "", "message": reason, "retryable": False}
    publish_again(unit, place, part)
    hold_lanes(unit, [lane], lease=lease)


def cancel_deleted(unit: Unit, lane: ClaimedLane, delivery_id: int, *, lease: timedelta) -> None:
    """The part was deleted before all of it left: the rest stays here, what has left is taken back next."""
    place, part, delivery = _lock(unit, delivery_id)
    if delivery.state not in OPEN:
        return
    mark_cancelled(delivery, load_pieces(unit, [delivery_id]).get(delivery_id, []), now=unit.now)
    delivery.error = None
    publish_again(unit, place, part)
    hold_lanes(unit, [lane], lease=lease)


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
    lease: timedelta,
) -> None:
    """The messages say what the part said at `seen`; a change that came since is still to be told."""
    place, part, delivery = _lock(unit, delivery_id)
    pieces = load_pieces(unit, [delivery_id]).get(delivery_id, [])
    for n, fitted in rewritten:
        pieces[n].payload = write_piece(fitted)
    for n in withdrawn:
        pieces[n].external_ids = []
        pieces[n].payload = withdrawn_piece()
    for n, fitted in enumerate(added, len(pieces)):
        unit.add(_new_piece(unit, delivery, n, fitted))
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
    publish_again(unit, place, part)
    hold_lanes(unit, [lane], lease=lease)


def put_off(unit: Unit, lane: ClaimedLane, delivery_id: int, *, wait: timedelta, lease: timedelta) -> None:
    """Not now: the head of the lane is due later, and with it the lane."""
    unit.change(
        unit.update(Delivery)
        .where(Delivery.id == delivery_id, text(f"({IS_OPEN})"))
        .values(due_at=unit.now + wait, version=Delivery.version + 1)
    )
    hold_lanes(unit, [lane], lease=lease)


Loaded = tuple[Place, ConversationPart, Delivery, list[DeliveryPiece], DeliveryPiece]


def _lock(unit: Unit, delivery_id: int) -> tuple[Place, ConversationPart, Delivery]:
    """The rows of a delivery, the conversation locked first."""
    [conversation_id] = unit.all(
        unit.select(Delivery.conversation_id).where(Delivery.id == delivery_id, Delivery.app_id == unit.app_id)
    )
    place = lock_place(unit, conversation_id)
    [delivery] = unit.lock(unit.select(Delivery).where(Delivery.id == delivery_id))
    [part] = unit.all(unit.select(ConversationPart).where(ConversationPart.id == delivery.part_id))
    return place, part, delivery


def _load_attempt(unit: Unit, delivery_id: int, attempt_id: str) -> Loaded | None:
    """The rows of an attempt; None: it is not the piece's attempt any more."""
    place, part, delivery = _lock(unit, delivery_id)
    pieces = load_pieces(unit, [delivery_id]).get(delivery_id, [])
    piece = next((piece for piece in pieces if piece.attempt_id == attempt_id), None)
    if piece is None or piece.state not in (DeliveryState.SENDING, DeliveryState.UNKNOWN):
        return None
    return place, part, delivery, pieces, piece


def _integration(unit: Unit, delivery: Delivery) -> Integration:
    [integration] = unit.all(unit.select(Integration).where(Integration.id == delivery.integration_id))
    return integration


def _new_piece(unit: Unit, delivery: Delivery, n: int, piece: FittedPiece) -> DeliveryPiece:
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


def _hold_if_ours(unit: Unit, lane: ClaimedLane, lease: timedelta) -> None:
    """A receipt is true whoever has the lane now; renewing the lease is for its holder only."""
    hold_lane(unit, lane, lease=lease)
