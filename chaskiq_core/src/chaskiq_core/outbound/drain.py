"""The drain of an outbound lane: head by head, each piece committed as `sending`, sent, settled."""

import logging
import time
from collections.abc import Sequence
from datetime import timedelta

import anyio

from chaskiq_core.correlation import correlated
from chaskiq_core.deliveries.states import MAX_AGE
from chaskiq_core.errors import (
    AccountError,
    ContentError,
    NotFoundError,
    ReauthError,
    RetryLaterError,
    SendError,
    SettingsError,
)
from chaskiq_core.fitting.fit import FittedPiece, fit
from chaskiq_core.fitting.plain import plain
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.model import DeliveryState, IntegrationState
from chaskiq_core.model.ids import AppId
from chaskiq_core.outbound.back_off import back_off
from chaskiq_core.outbound.failure import SendFailure
from chaskiq_core.outbound.head import OPEN, Head, PieceState, piece_of, read_heads
from chaskiq_core.outbound.in_hand import InHand
from chaskiq_core.outbound.pace import Pace
from chaskiq_core.outbound.revise import Reviser
from chaskiq_core.outbound.settle import (
    cancel_deleted,
    put_off,
    settle_abandoned,
    settle_error,
    settle_simpler,
    settle_unsendable,
)
from chaskiq_core.outbound.steps import Beginning, Done, Kept, Step, Taken, write_steps
from chaskiq_core.outbound.thread import read_thread
from chaskiq_core.outbound.unknown import Settler
from chaskiq_core.plugin.manifest import Level
from chaskiq_core.store.call import new_call_id, utc_now
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Store
from chaskiq_core.telemetry import DELIVERY_SECONDS, RETRIES, Telemetry
from chaskiq_core.work.gate import Gate
from chaskiq_core.work.together import Together
from chaskiq_core.work.turn import Turn

SPARE_SECONDS = 5.0
"""After a send's limit its bytes can no longer be on their way; for clocks that differ."""
LET_GO_SECONDS = 2.0
"""How long a cancelled send may take to be settled."""
IDLE_SECONDS = 2.0
"""How long the lanes of a paused or broken integration are not looked at."""
SETTLED = frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.CANCELLED})
MISSING_SECONDS = 30.0
"""The same of one whose plugin is not there."""
log = logging.getLogger("chaskiq.outbound")


class OutboundDrain:
    """The drain of outbound lanes. Of each, one at a time; what the steps of several have to write goes together."""

    def __init__(
        self,
        store: Store,
        integrations: IntegrationCache,
        host: Host,
        pace: Pace,
        gate: Gate,
        telemetry: Telemetry,
    ) -> None:
        self._store = store
        self._integrations = integrations
        self._host = host
        self._pace = pace
        self._gate = gate
        self._telemetry = telemetry
        self._revise = Reviser(host)
        self._settle_unknown = Settler(host)
        self._read = Together(self._read_heads)
        self._write = Together(self._write_steps)

    async def __call__(self, lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        """Send what the lanes have, one lane after another: a worker runs several drains beside each other."""
        for lane in lanes:
            await self._drain_lane(lane, turn)

    async def _drain_lane(self, lane: ClaimedLane, turn: Turn) -> None:
        head = None if turn.is_over else await self._read(lane.app_id, lane.key)
        while head is not None and head.due_at <= utc_now() and not turn.is_over:
            with correlated(head.correlation_id):
                head = await self._do_next(lane, head)

    async def _do_next(self, lane: ClaimedLane, head: Head) -> Head | None:
        """Do the next thing for a delivery; what the lane has next, None: nothing more can be done in it now."""
        try:
            channel, integration = await self._integrations.by_id(lane.app_id, head.integration_id)
        except (NotFoundError, SettingsError) as error:
            log.warning("delivery %s waits: %s", head.key, error)
            self._gate.close(head.integration_id, MISSING_SECONDS)
            return None
        acting = self._store.acting(lane.app_id)
        hand = InHand(acting=acting, lane=lane, head=head, channel=channel, integration=integration)
        if (abandoned := _sending(head)) is not None:
            more = await self._settle_abandoned(hand, abandoned)
        elif integration.stored.state in (IntegrationState.PAUSED, IntegrationState.BROKEN):
            more = await self._leave_waiting(hand)
        elif head.settle_by is not None:
            more = await self._settle_unknown(hand)
        elif head.deleted and head.state in OPEN:
            await acting.write(cancel_deleted, lane, head.delivery_id)
            self._count_settled(head, DeliveryState.CANCELLED)
            more = True
        else:
            return await self._send(hand)
        return await self._read(lane.app_id, lane.key) if more else None

    async def _send(self, hand: InHand) -> Head | None:
        """Send the next piece, or tell what has changed, as soon as the limits allow it."""
        head, lane, manifest = hand.head, hand.lane, hand.channel.manifest
        fitted = _fitted(head) or tuple(fit(head.message, manifest.capabilities))
        if not fitted:
            await self._fail(hand, "the channel carries nothing of this part", ContentError.error_class)
            return await self._read(lane.app_id, lane.key)
        n = next((piece.n for piece in head.pieces if piece.state is DeliveryState.QUEUED), 0)
        wait = await self._pace.take(manifest, hand.integration.stored, head, count=max(1, len(fitted[n].media)))
        if wait is not None:
            # A whole account that is full holds nobody's place: its lanes stay due, and the most urgent goes next.
            if not wait.whole_account:
                await hand.acting.write(put_off, lane, head.delivery_id, wait=timedelta(seconds=wait.seconds))
            return None
        if head.state in OPEN:
            return await self._send_piece(hand, fitted, n)
        return await self._read(lane.app_id, lane.key) if await self._revise(hand) else None

    async def _send_piece(self, hand: InHand, fitted: tuple[FittedPiece, ...], n: int) -> Head | None:
        """Commit `sending`, send, settle; None: the provider took nothing, and the lane waits."""
        head, lane, channel = hand.head, hand.lane, hand.channel
        send_seconds = self._host.limits.send_seconds
        by = time.monotonic() + send_seconds
        wants_thread = channel.manifest.capabilities.threads is not Level.DROPPED
        thread = await hand.acting.read(read_thread, head.delivery_id) if wants_thread else None
        beginning = Beginning(
            lane=lane,
            delivery_id=head.delivery_id,
            n=n,
            attempt_id=new_call_id(),
            fitted=fitted,
            send_time=timedelta(seconds=send_seconds + SPARE_SECONDS),
        )
        if not await self._write(lane.app_id, beginning):
            return await self._read(lane.app_id, lane.key)
        piece = piece_of(head, fitted[n], n=n, attempt_id=beginning.attempt_id, thread=thread)
        try:
            receipt = await self._host.send(channel, piece, hand.integration, by=by)
        except anyio.get_cancelled_exc_class():
            # The worker ends, and the bytes may have left: said now, not by the next worker after the deadline.
            with anyio.move_on_after(LET_GO_SECONDS, shield=True):
                await self._abandon(hand)
            raise
        except SendError as error:
            more = await self._settle_error(hand, fitted[n], beginning.attempt_id, error)
            return await self._read(lane.app_id, lane.key) if more else None
        self._pace.worked(channel.manifest, head.integration_id)
        taken = Taken(lane=lane, delivery_id=head.delivery_id, attempt_id=beginning.attempt_id, receipt=receipt)
        kept = await self._write(lane.app_id, taken)
        assert isinstance(kept, Kept)
        log.info("delivery %s: piece %d was taken", head.key, n + 1)
        self._count_settled(head, kept.state)
        return kept.next

    async def _settle_error(self, hand: InHand, fitted: FittedPiece, attempt_id: str, error: SendError) -> bool:
        head, manifest = hand.head, hand.channel.manifest
        log.info("delivery %s: %s %s: %s", head.key, type(error).__name__, error.code, error.message)
        await self._pace.failed(manifest, hand.integration.stored, head, error)
        if isinstance(error, ContentError) and (simpler := plain(fitted)) is not None:
            await hand.acting.write(settle_simpler, hand.lane, head.delivery_id, simpler, attempt_id=attempt_id)
            return True
        state = await hand.acting.write(
            settle_error,
            hand.lane,
            head.delivery_id,
            attempt_id=attempt_id,
            error=SendFailure.of(error),
            wait=back_off(error, head.attempts + 1),
            idempotency=manifest.idempotency,
        )
        self._count_settled(head, state)
        if state is DeliveryState.QUEUED:
            self._telemetry.count(RETRIES, head.provider)
        if isinstance(error, ReauthError | AccountError):
            self._integrations.clear()
        return not isinstance(error, RetryLaterError)

    async def _settle_abandoned(self, hand: InHand, piece: PieceState) -> bool:
        """A dead worker's send: unknown, once its bytes can no longer be on their way."""
        left = (piece.deadline - utc_now()) if piece.deadline else timedelta()
        if left > timedelta():
            await hand.acting.write(put_off, hand.lane, hand.head.delivery_id, wait=left)
            return False
        await self._abandon(hand)
        return True

    async def _abandon(self, hand: InHand) -> None:
        idempotency = hand.channel.manifest.idempotency
        state = await hand.acting.write(settle_abandoned, hand.lane, hand.head.delivery_id, idempotency=idempotency)
        self._count_settled(hand.head, state)

    def _count_settled(self, head: Head, state: DeliveryState | None) -> None:
        """How long a delivery took, once it has come to an end."""
        if state in SETTLED:
            took = utc_now() - head.created_at
            self._telemetry.observe(DELIVERY_SECONDS, took.total_seconds(), head.provider, state.value)

    async def _leave_waiting(self, hand: InHand) -> bool:
        """Paused by somebody: it waits. Broken for longer than a message keeps: it fails with the provider's reason."""
        stored, head = hand.integration.stored, hand.head
        if stored.state is IntegrationState.BROKEN and utc_now() - head.created_at > MAX_AGE and head.state in OPEN:
            reason = f"the integration did not work for {MAX_AGE.total_seconds() / 3600:.0f} hours"
            await self._fail(hand, reason, AccountError.error_class)
            return True
        self._gate.close(head.integration_id, IDLE_SECONDS)
        return False

    async def _fail(self, hand: InHand, reason: str, error_class: str) -> None:
        await hand.acting.write(settle_unsendable, hand.lane, hand.head.delivery_id, reason, error_class=error_class)
        self._count_settled(hand.head, DeliveryState.FAILED)

    async def _read_heads(self, app_id: AppId, lane_keys: tuple[str, ...]) -> Sequence[Head | None]:
        return await self._store.acting(app_id).read(read_heads, lane_keys)

    async def _write_steps(self, app_id: AppId, steps: tuple[Step, ...]) -> Sequence[Done]:
        return await self._store.acting(app_id).write(write_steps, steps)


def _sending(head: Head) -> PieceState | None:
    return next((piece for piece in head.pieces if piece.state is DeliveryState.SENDING), None)


def _fitted(head: Head) -> tuple[FittedPiece, ...]:
    """The pieces as they were cut at the first attempt."""
    return tuple(piece.fitted for piece in head.pieces)
