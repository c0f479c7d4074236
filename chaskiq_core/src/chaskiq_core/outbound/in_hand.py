"""What a drain holds while it does the next thing for the head of a lane."""

from dataclasses import dataclass

from chaskiq_core.host.registry import Channel
from chaskiq_core.integrations.settings import OpenIntegration
from chaskiq_core.outbound.head import Head
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """A delivery that is at the head of its lane, and what doing something about it needs."""

    acting: Acting
    lane: ClaimedLane
    head: Head
    channel: Channel
    integration: OpenIntegration
