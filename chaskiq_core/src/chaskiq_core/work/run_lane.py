"""One lane done now, by whoever asks for it: a command that waits for its own job."""

from datetime import timedelta

from chaskiq_core.model import LaneKind
from chaskiq_core.model.ids import AppId
from chaskiq_core.store.lanes import claim_lane, release_lane
from chaskiq_core.store.store import Store
from chaskiq_core.work.turn import Turn
from chaskiq_core.work.worker import Drain

LEASE = timedelta(seconds=60)


async def run_lane(store: Store, app_id: AppId, kind: LaneKind, key: str, drain: Drain) -> bool:
    """Claim the lane, due or not, drain it and let it go; False: a worker has it in hand."""
    lane = await store.house_write(claim_lane, app_id, kind, key, lease=LEASE)
    if lane is None:
        return False
    await drain([lane], Turn())
    while not await store.house_write(release_lane, lane):
        continue
    return True
