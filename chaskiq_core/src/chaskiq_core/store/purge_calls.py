"""Forgetting provider calls that are too old, some at a time."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text

from chaskiq_core.model import ProviderCall
from chaskiq_core.model.table import UtcDateTime
from chaskiq_core.store.unit import HouseUnit

PURGED_AT_ONCE = 200
_PURGE = text(
    """
    /* house */
    DELETE FROM chaskiq_provider_calls WHERE (app_id, id) IN (
        SELECT app_id, id FROM chaskiq_provider_calls WHERE started_at < :before ORDER BY started_at LIMIT :limit
    ) RETURNING id
    """
).bindparams(bindparam("before", type_=UtcDateTime()))


def purge_calls(house: HouseUnit, *, kept: timedelta) -> bool:
    """Forget up to 200 calls that are older than `kept`; whether there may be more."""
    gone = house.execute(_PURGE, {"before": house.now - kept, "limit": PURGED_AT_ONCE})
    return len(gone) == PURGED_AT_ONCE


def oldest_call(house: HouseUnit) -> datetime | None:
    """When the oldest call that is kept was made; None: none is."""
    return house.first(house.select(ProviderCall.started_at).order_by(ProviderCall.started_at))
