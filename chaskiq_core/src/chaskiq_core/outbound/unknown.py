"""A send whose outcome nobody knows: found out at the provider where that can be done, while its lane waits."""

import logging
from datetime import timedelta

from chaskiq_core.errors import PluginError, SendError
from chaskiq_core.host.call import Host
from chaskiq_core.model import DeliveryState
from chaskiq_core.outbound.head import piece_of
from chaskiq_core.outbound.in_hand import InHand
from chaskiq_core.outbound.settle import put_off, send_again, stop_settling
from chaskiq_core.outbound.steps import Taken, write_steps
from chaskiq_core.plugin.manifest import Idempotency
from chaskiq_core.store.call import utc_now

ASK_AGAIN = timedelta(seconds=5)
SINCE = timedelta(minutes=2)
"""How long before the end of its deadline a send may have begun."""
log = logging.getLogger("chaskiq.outbound")


class Settler:
    """Asks the provider, or waits for its word, until the time for that is over."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def __call__(self, hand: InHand) -> bool:
        """Do the next thing for an unknown delivery; False: nothing more can be done in this lane now."""
        acting, lane, head, channel = hand.acting, hand.lane, hand.head, hand.channel
        state = next((piece for piece in head.pieces if piece.state is DeliveryState.UNKNOWN), None)
        is_late = head.settle_by is None or head.settle_by <= utc_now()
        if state is None or state.attempt_id is None or channel.manifest.idempotency is not Idempotency.LOOKUP:
            if is_late:
                await acting.write(stop_settling, lane, head.delivery_id)
            return is_late
        piece = piece_of(head, state.fitted, n=state.n, attempt_id=state.attempt_id)
        since = (state.deadline or utc_now()) - SINCE
        try:
            receipt = await self._host.look_up(channel, piece, since, hand.integration)
        except (SendError, PluginError) as error:
            log.info("delivery %s: nobody can say yet whether it arrived: %s", head.key, error)
            if is_late:
                await acting.write(stop_settling, lane, head.delivery_id)
            else:
                await acting.write(put_off, lane, head.delivery_id, wait=ASK_AGAIN)
            return is_late
        if receipt is None:
            await acting.write(send_again, lane, head.delivery_id, attempt_id=state.attempt_id)
        else:
            taken = Taken(lane=lane, delivery_id=head.delivery_id, attempt_id=state.attempt_id, receipt=receipt)
            await acting.write(write_steps, (taken,))
        return True
