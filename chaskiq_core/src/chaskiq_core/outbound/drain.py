"""The drain of an outbound lane: head by head, each piece committed as `sending`, sent, settled."""

import logging
import time
from collections.abc import Sequence
from datetime import timedelta

import anyio

from chaskiq_core.errors import NotFoundError, RetryLaterError, SendError, SettingsError
from chaskiq_core.fitting.fit import FittedPiece, fit
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import Channel
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.settings import OpenIntegration
from chaskiq_core.model import DeliveryState, IntegrationState
from chaskiq_core.outbound.back_off import back_off
from chaskiq_core.outbound.failure import SendFailure
from chaskiq_core.outbound.head import OPEN, Head, PieceState, read_head
from chaskiq_core.outbound.limits import RateLimits
from chaskiq_core.outbound.revise import Reviser
from chaskiq_core.outbound.settle import (
    LEASE,
    begin_send,
    cancel_deleted,
    put_off,
    settle_abandoned,
    settle_error,
    settle_receipt,
    settle_unsendable,
)
from chaskiq_core.plugin.outbound import Piece
from chaskiq_core.store.call import new_call_id, utc_now
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting, Store
from chaskiq_core.work.turn import Turn

SPARE_SECONDS = 5.0
"""After a send's limit its bytes can no longer be on their way; for clocks that differ."""
LET_GO_SECONDS = 2.0
"""How long a cancelled send may take to be settled."""
PAUSED_WAIT = timedelta(seconds=30)
log = logging.getLogger("chaskiq.outbound")


class OutboundDrain:
    """The drain of outbound lanes."""

    def __init__(self, store: Store, integrations: IntegrationCache, host: Host, limits: RateLimits) -> None:
        self._store = store
        self._integrations = integrations
        self._host = host
        self._limits = limits
        self._revise = Reviser(host)

    async def __call__(self, lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        """Send what the lanes have, one lane after another: a worker runs several drains beside each other."""
        for lane in lanes:
            await self._drain_lane(lane, turn)

    async def _drain_lane(self, lane: ClaimedLane, turn: Turn) -> None:
        acting = self._store.acting(lane.app_id)
        while not turn.is_over:
            head = await acting.read(read_head, lane.key)
            if head is None or head.due_at > utc_now() or not await self._send_head(acting, lane, head):
                return

    async def _send_head(self, acting: Acting, lane: ClaimedLane, head: Head) -> bool:
        """Do the next thing for a delivery; False: nothing more can be done in this lane now."""
        if (abandoned := _sending(head)) is not None:
            return await self._settle_abandoned(acting, lane, head, abandoned)
        try:
            channel, integration = await self._integrations.by_id(lane.app_id, head.integration_id)
        except (NotFoundError, SettingsError) as error:
            log.warning("delivery %d waits: %s", head.delivery_id, error)
            await acting.write(put_off, lane, head.delivery_id, wait=PAUSED_WAIT, lease=LEASE)
            return False
        if integration.stored.state is IntegrationState.PAUSED:
            await acting.write(put_off, lane, head.delivery_id, wait=PAUSED_WAIT, lease=LEASE)
            return False
        if head.deleted and head.state in OPEN:
            await acting.write(cancel_deleted, lane, head.delivery_id, lease=LEASE)
            return True
        fitted = _fitted(head) or tuple(fit(head.message, channel.manifest.capabilities))
        if not fitted:
            reason = "the channel carries nothing of this part"
            await acting.write(settle_unsendable, lane, head.delivery_id, reason, lease=LEASE)
            return True
        wait = self._limits.take(
            channel.manifest.rate_limits,
            account=integration.stored.account,
            chat=head.channel_id,
            is_group=head.is_group,
        )
        if wait > 0:
            await acting.write(put_off, lane, head.delivery_id, wait=timedelta(seconds=wait), lease=LEASE)
            return False
        if head.state not in OPEN:
            return await self._revise(acting, lane, head, channel, integration)
        return await self._send_next_piece(acting, lane, head, channel, integration, fitted)

    async def _send_next_piece(
        self,
        acting: Acting,
        lane: ClaimedLane,
        head: Head,
        channel: Channel,
        integration: OpenIntegration,
        fitted: tuple[FittedPiece, ...],
    ) -> bool:
        """Commit `sending`, send, settle; False: the provider took nothing, and the lane waits."""
        n = next((piece.n for piece in head.pieces if piece.state is DeliveryState.QUEUED), 0)
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
        piece = Piece(
            channel_id=head.channel_id,
            thread_id=head.thread_id,
            text=fitted[n].text,
            content=fitted[n].content,
            attempt_id=attempt_id,
            reply_to=head.reply_to if n == 0 else None,
            media=fitted[n].media,
            options=fitted[n].options,
        )
        try:
            receipt = await self._host.send(channel, piece, integration.settings, by=by)
        except anyio.get_cancelled_exc_class():
            # The worker ends, and the bytes may have left: said now, not by the next worker after the deadline.
            with anyio.move_on_after(LET_GO_SECONDS, shield=True):
                await acting.write(settle_abandoned, lane, head.delivery_id, lease=LEASE)
            raise
        except SendError as error:
            log.info("delivery %d: %s %s: %s", head.delivery_id, type(error).__name__, error.code, error.message)
            await acting.write(
                settle_error,
                lane,
                head.delivery_id,
                attempt_id=attempt_id,
                error=SendFailure.of(error),
                wait=back_off(error, head.attempts + 1),
                lease=LEASE,
            )
            return not isinstance(error, RetryLaterError)
        await acting.write(settle_receipt, lane, head.delivery_id, attempt_id=attempt_id, receipt=receipt, lease=LEASE)
        return True

    async def _settle_abandoned(self, acting: Acting, lane: ClaimedLane, head: Head, piece: PieceState) -> bool:
        """A dead worker's send: unknown, once its bytes can no longer be on their way."""
        left = (piece.deadline - utc_now()) if piece.deadline else timedelta()
        if left > timedelta():
            await acting.write(put_off, lane, head.delivery_id, wait=left, lease=LEASE)
            return False
        await acting.write(settle_abandoned, lane, head.delivery_id, lease=LEASE)
        return True


def _sending(head: Head) -> PieceState | None:
    return next((piece for piece in head.pieces if piece.state is DeliveryState.SENDING), None)


def _fitted(head: Head) -> tuple[FittedPiece, ...]:
    """The pieces as they were cut at the first attempt."""
    return tuple(piece.fitted for piece in head.pieces)
