"""What must be tidied up every minute, whoever works: changes that nobody can resume from any more, and old logs."""

import logging
from datetime import timedelta

import anyio

from chaskiq_core.errors import ChaskiqError
from chaskiq_core.store.changes import purge_changes
from chaskiq_core.store.purge_calls import purge_calls
from chaskiq_core.store.store import Store

EVERY_SECONDS = 60.0
log = logging.getLogger("chaskiq.work")


async def keep_house(store: Store, *, kept: timedelta) -> None:
    """Tidy up until cancelled; a database that is away is tried again a minute later. `kept`: how long logs are."""
    while True:
        try:
            await store.house_write(purge_changes)
            while await store.house_write(purge_calls, kept=kept):
                continue
        except ChaskiqError as error:
            log.warning("what is old could not be purged: %s", error)
        await anyio.sleep(EVERY_SECONDS)
