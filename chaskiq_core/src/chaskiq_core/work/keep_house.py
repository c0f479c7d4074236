"""What must be tidied up, whoever works: old changes, forgotten lanes, and what was kept for its time."""

import logging
import math
from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio

from chaskiq_core.errors import ChaskiqError
from chaskiq_core.model import LaneKind
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.changes import purge_changes
from chaskiq_core.store.purge import apps_of, limits_of, note_purged, purge_bodies, purge_rows, purged_until
from chaskiq_core.store.purge_calls import purge_calls
from chaskiq_core.store.store import Store
from chaskiq_core.store.sweep import sweep_lanes
from chaskiq_core.telemetry import FORGOTTEN_LANES, Telemetry

OFTEN_SECONDS = 60.0
SELDOM_SECONDS = 3600.0
log = logging.getLogger("chaskiq.work")


async def keep_house(
    store: Store, *, retention: timedelta, wake: Callable[[frozenset[LaneKind]], None], telemetry: Telemetry
) -> None:
    """Tidy up until cancelled; a database that is away is tried again the next time."""
    last = -math.inf
    while True:
        await _try(purge_old_changes(store))
        await _try(sweep(store, wake, telemetry))
        if anyio.current_time() - last >= SELDOM_SECONDS:
            last = anyio.current_time()
            await _try(forget(store, retention))
        await anyio.sleep(OFTEN_SECONDS)


async def purge_old_changes(store: Store) -> None:
    """Changes that nobody can resume from any more."""
    await store.house_write(purge_changes)


async def sweep(store: Store, wake: Callable[[frozenset[LaneKind]], None], telemetry: Telemetry) -> int:
    """Wake lanes that were forgotten; how many there were."""
    count = 0
    for kind in LaneKind:
        if keys := await store.house_write(sweep_lanes, kind):
            log.error("%d lanes of kind %s had work and were idle: %s", len(keys), kind, ", ".join(keys[:10]))
            telemetry.count(FORGOTTEN_LANES, kind.value, by=len(keys))
            wake(frozenset({kind}))
            count += len(keys)
    return count


async def forget(store: Store, retention: timedelta) -> None:
    """Webhooks' bodies, finished jobs and logged calls after `retention`, what is left of webhooks a month later."""
    bodies, rows = limits_of(utc_now(), retention)
    since = await store.house_read(purged_until)
    for app_id in await store.house_read(apps_of):
        while await store.house_write(purge_bodies, app_id, since=since, before=bodies):
            continue
        while await store.house_write(purge_rows, app_id, keys_before=rows, jobs_before=bodies):
            continue
    await store.house_write(note_purged, bodies)
    while await store.house_write(purge_calls, kept=retention):
        continue


async def _try(task: Awaitable[object]) -> None:
    try:
        await task
    except ChaskiqError as error:
        log.warning("the house could not be kept: %s", error)
