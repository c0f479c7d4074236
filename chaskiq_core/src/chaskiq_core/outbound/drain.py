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
from chaskiq_core.host.registry import Channel
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.settings import OpenIntegration
from chaskiq_core.model import DeliveryState, IntegrationState
from chaskiq_core.outbound.back_off import back_off
from chaskiq_core.outbound.failure import SendFailure
from chaskiq_core.outbound.head import OPEN, Head, PieceState, piece_of, read_head
from chaskiq_core.outbound.pace import Pace
from chaskiq_core.outbound.revise import Reviser
from chaskiq_core.outbound.settle import (
    LEASE,
    begin_send,
    cancel_deleted,
    put_off,
    settle_abandoned,
    settle_error,
    settle_receipt,
    settle_simpler,
    settle_unsendable,
)
from chaskiq_core.outbound.unknown import Settler
from chaskiq_core.store.call import new_call_id, utc_now
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting, Store
from chaskiq_core.telemetry import DELIVERY_SECONDS, RETRIES, Telemetry
from chaskiq_core.work.gate import Gate
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
    """The drain of outbound lanes."""

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

    async def __call__(self, lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        """Send what the lanes have, one lane after another: a worker runs several drains beside each other."""
        for lane in lanes:
            await self._drain_lane(lane, turn)

    async def _drain_lane(self, lane: ClaimedLane, turn: Turn) -> None:
        acting = self._store.acting(lane.app_id)
        while not turn.is_over:
            head = await acting.read(read_head, lane.key)
            if head is None or head.due_at > utc_now():
                return
            with correlated(head.correlation_id):
                if not await self._send_head(acting, lane, head):
                    return

    async def _send_head(self, acting: Acting, lane: ClaimedLane, head: Head) -> bool:
        """Do the next thing for a delivery; False: nothing more can be done in this lane now."""
        try:
            channel, integration = await self._integrations.by_id(lane.app_id, head.integration_id)
        except (NotFoundError, SettingsError) as error:
            log.warning("delivery %s waits: %s", head.key, error)
            self._gate.close(head.integration_id, MISSING_SECONDS)
            return False
        if (abandoned := _sending(head)) is not None:
            return await self._settle_abandoned(acting, lane, head, channel, abandoned)
        if integration.stored.state in (IntegrationState.PAUSED, IntegrationState.BROKEN):
            return await self._leave_waiting(acting, lane, head, integration)
        if head.settle_by is not None:
            return await self._settle_unknown(acting, lane, head, channel, integration)
        if head.deleted and head.state in OPEN:
            await acting.write(cancel_deleted, lane, head.delivery_id, lease=LEASE)
            self._count_settled(head, DeliveryState.CANCELLED)
            return True
        fitted = _fitted(head) or tuple(fit(head.message, channel.manifest.capabilities))
        if not fitted:
            await self._fail(acting, lane, head, "the channel carries nothing of this part", ContentError.error_class)
            return True
        n = next((piece.n for piece in head.pieces if piece.state is DeliveryState.QUEUED), 0)
        wait = await self._pace.take(channel.manifest, integration.stored, head, count=max(1, len(fitted[n].media)))
        if wait is not None:
            # A whole account that is full holds nobody's place: its lanes stay due, and the most urgent goes next.
            if not wait.whole_account:
                delay = timedelta(seconds=wait.seconds)
                await acting.write(put_off, lane, head.delivery_id, wait=delay, lease=LEASE)
            return False
        if head.state not in OPEN:
            return await self._revise(acting, lane, head, channel, integration)
        return await self._send_piece(acting, lane, head, channel, integration, fitted, n)

    async def _send_piece(
        self,
        acting: Acting,
        lane: ClaimedLane,
        head: Head,
        channel: Channel,
        integration: OpenIntegration,
        fitted: tuple[FittedPiece, ...],
        n: int,
    ) -> bool:
        """Commit `sending`, send, settle; False: the provider took nothing, and the lane waits."""
        attempt_id = new_call_id()
        send_seconds = self._host.limits.send_seconds
        by = time.monotonic() + send_seconds
        if not await acting.write(
            begin_send,
            lane,
            head.delivery_id,
            fitted,
            n=n,
            attempt_id=attempt_id,
            send_time=timedelta(seconds=send_seconds + SPARE_SECONDS),
        ):
            return True
        piece = piece_of(head, fitted[n], n=n, attempt_id=attempt_id)
        try:
            receipt = await self._host.send(channel, piece, integration, by=by)
        except anyio.get_cancelled_exc_class():
            # The worker ends, and the bytes may have left: said now, not by the next worker after the deadline.
            with anyio.move_on_after(LET_GO_SECONDS, shield=True):
                await self._abandon(acting, lane, head, channel)
            raise
        except SendError as error:
            return await self._settle_error(acting, lane, head, channel, integration, fitted[n], attempt_id, error)
        self._pace.worked(channel.manifest, head.integration_id)
        state = await acting.write(
            settle_receipt, lane, head.delivery_id, attempt_id=attempt_id, receipt=receipt, lease=LEASE
        )
        log.info("delivery %s: piece %d was taken", head.key, n + 1)
        self._count_settled(head, state)
        return True

    async def _settle_error(
        self,
        acting: Acting,
        lane: ClaimedLane,
        head: Head,
        channel: Channel,
        integration: OpenIntegration,
        fitted: FittedPiece,
        attempt_id: str,
        error: SendError,
    ) -> bool:
        log.info("delivery %s: %s %s: %s", head.key, type(error).__name__, error.code, error.message)
        await self._pace.failed(channel.manifest, integration.stored, head, error)
        if isinstance(error, ContentError) and (simpler := plain(fitted)) is not None:
            await acting.write(settle_simpler, lane, head.delivery_id, simpler, attempt_id=attempt_id, lease=LEASE)
            return True
        state = await acting.write(
            settle_error,
            lane,
            head.delivery_id,
            attempt_id=attempt_id,
            error=SendFailure.of(error),
            wait=back_off(error, head.attempts + 1),
            idempotency=channel.manifest.idempotency,
            lease=LEASE,
        )
        self._count_settled(head, state)
        if state is DeliveryState.QUEUED:
            self._telemetry.count(RETRIES, head.provider)
        if isinstance(error, ReauthError | AccountError):
            self._integrations.clear()
        return not isinstance(error, RetryLaterError)

    async def _settle_abandoned(
        self, acting: Acting, lane: ClaimedLane, head: Head, channel: Channel, piece: PieceState
    ) -> bool:
        """A dead worker's send: unknown, once its bytes can no longer be on their way."""
        left = (piece.deadline - utc_now()) if piece.deadline else timedelta()
        if left > timedelta():
            await acting.write(put_off, lane, head.delivery_id, wait=left, lease=LEASE)
            return False
        await self._abandon(acting, lane, head, channel)
        return True

    async def _abandon(self, acting: Acting, lane: ClaimedLane, head: Head, channel: Channel) -> None:
        state = await acting.write(
            settle_abandoned, lane, head.delivery_id, idempotency=channel.manifest.idempotency, lease=LEASE
        )
        self._count_settled(head, state)

    def _count_settled(self, head: Head, state: DeliveryState | None) -> None:
        """How long a delivery took, once it has come to an end."""
        if state in SETTLED:
            took = utc_now() - head.created_at
            self._telemetry.observe(DELIVERY_SECONDS, took.total_seconds(), head.provider, state.value)

    async def _leave_waiting(self, acting: Acting, lane: ClaimedLane, head: Head, integration: OpenIntegration) -> bool:
        """Paused by somebody: it waits. Broken for longer than a message keeps: it fails with the provider's reason."""
        stored = integration.stored
        if stored.state is IntegrationState.BROKEN and utc_now() - head.created_at > MAX_AGE and head.state in OPEN:
            reason = f"the integration did not work for {MAX_AGE.total_seconds() / 3600:.0f} hours"
            await self._fail(acting, lane, head, reason, AccountError.error_class)
            return True
        self._gate.close(head.integration_id, IDLE_SECONDS)
        return False

    async def _fail(self, acting: Acting, lane: ClaimedLane, head: Head, reason: str, error_class: str) -> None:
        await acting.write(settle_unsendable, lane, head.delivery_id, reason, error_class=error_class, lease=LEASE)
        self._count_settled(head, DeliveryState.FAILED)


def _sending(head: Head) -> PieceState | None:
    return next((piece for piece in head.pieces if piece.state is DeliveryState.SENDING), None)


def _fitted(head: Head) -> tuple[FittedPiece, ...]:
    """The pieces as they were cut at the first attempt."""
    return tuple(piece.fitted for piece in head.pieces)
