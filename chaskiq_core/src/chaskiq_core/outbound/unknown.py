"""A send whose outcome nobody knows: found out at the provider where that can be done, while its lane waits."""

import logging
from datetime import timedelta

from chaskiq_core.errors import PluginError, SendError
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import Channel
from chaskiq_core.integrations.settings import OpenIntegration
from chaskiq_core.model import DeliveryState
from chaskiq_core.outbound.head import Head, piece_of
from chaskiq_core.outbound.settle import LEASE, put_off, send_again, settle_receipt, stop_settling
from chaskiq_core.plugin.manifest import Idempotency
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting

ASK_AGAIN = timedelta(seconds=5)
SINCE = timedelta(minutes=2)
"""How long before the end of its deadline a send may have begun."""
log = logging.getLogger("chaskiq.outbound")


class Settler:
    """Asks the provider, or waits for its word, until the time for that is over."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def __call__(
        self, acting: Acting, lane: ClaimedLane, head: Head, channel: Channel, integration: OpenIntegration
    ) -> bool:
        """Do the next thing for an unknown delivery; False: nothing more can be done in this lane now."""
        state = next((piece for piece in head.pieces if piece.state is DeliveryState.UNKNOWN), None)
        is_late = head.settle_by is None or head.settle_by <= utc_now()
        if state is None or state.attempt_id is None or channel.manifest.idempotency is not Idempotency.LOOKUP:
            if is_late:
                await acting.write(stop_settling, lane, head.delivery_id, lease=LEASE)
            return is_late
        piece = piece_of(head, state.fitted, n=state.n, attempt_id=state.attempt_id)
        since = (state.deadline or utc_now()) - SINCE
        try:
            receipt = await self._host.look_up(channel, piece, since, integration)
        except (SendError, PluginError) as error:
            log.info("delivery %s: nobody can say yet whether it arrived: %s", head.key, error)
            if is_late:
                await acting.write(stop_settling, lane, head.delivery_id, lease=LEASE)
            else:
                await acting.write(put_off, lane, head.delivery_id, wait=ASK_AGAIN, lease=LEASE)
            return is_late
        if receipt is None:
            await acting.write(send_again, lane, head.delivery_id, attempt_id=state.attempt_id, lease=LEASE)
        else:
            await acting.write(
                settle_receipt, lane, head.delivery_id, attempt_id=state.attempt_id, receipt=receipt, lease=LEASE
            )
        return True
