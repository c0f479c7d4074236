"""Forgetting: webhooks' bodies after a set time, the rest of them a month later, finished jobs; in small steps."""

from datetime import datetime, timedelta

from sqlalchemy import text

from chaskiq_core.store.clock import first_id
from chaskiq_core.store.unit import HouseUnit

STEP = 200
"""Rows that one act touches at most."""
KEYS_OUTLIVE = timedelta(days=30)
"""How long a webhook's dedupe keys are kept after its body: a provider that repeats it then is still known."""
WATERMARK = "purged"

READ_WATERMARK = text("SELECT number FROM chaskiq_meta WHERE name = :name")
WRITE_WATERMARK = text(
    """
    INSERT INTO chaskiq_meta (name, number, text) VALUES (:name, :number, '')
    ON CONFLICT (name) DO UPDATE SET number = excluded.number
    """
)
APPS = text("SELECT id FROM chaskiq_apps ORDER BY id")
# Ids are times, and the primary key is (App, id): each step is a short range of it.
BODIES = text(
    """
    /* house */
    UPDATE chaskiq_inbound_requests SET body = NULL, headers = '{}', query = ''
    WHERE app_id = :app AND id IN (
        SELECT id FROM chaskiq_inbound_requests
        WHERE app_id = :app AND id >= :since AND id < :before AND body IS NOT NULL ORDER BY id LIMIT :step)
    RETURNING id
    """
)
_FINISHED = """
    /* house */
    DELETE FROM {table} WHERE app_id = :app AND id IN (
        SELECT id FROM {table} WHERE app_id = :app AND id < :before AND state <> 'pending' ORDER BY id LIMIT :step)
    RETURNING id
    """
ITEMS = text(_FINISHED.format(table="chaskiq_inbound_items"))
JOBS = text(_FINISHED.format(table="chaskiq_jobs"))
REQUESTS = text(
    """
    /* house */
    DELETE FROM chaskiq_inbound_requests WHERE app_id = :app AND id IN (
        SELECT id FROM chaskiq_inbound_requests AS requests
        WHERE app_id = :app AND id < :before AND NOT EXISTS (
            SELECT 1 FROM chaskiq_inbound_items AS items
            WHERE items.app_id = :app AND items.request_id = requests.id)
        ORDER BY id LIMIT :step)
    RETURNING id
    """
)


def apps_of(house: HouseUnit) -> list[int]:
    """All Apps: what is forgotten is forgotten App by App."""
    return [row.id for row in house.execute(APPS)]


def purged_until(house: HouseUnit) -> int:
    """The id below which no webhook has a body any more."""
    found = house.execute(READ_WATERMARK, {"name": WATERMARK})
    return int(found[0].number) if found else 0


def note_purged(house: HouseUnit, until: int) -> None:
    """All Apps are through up to there."""
    house.execute(WRITE_WATERMARK, {"name": WATERMARK, "number": until})


def purge_bodies(house: HouseUnit, app_id: int, *, since: int, before: int) -> bool:
    """Empty the oldest webhooks of an App; whether there may be more."""
    parameters = {"app": app_id, "since": since, "before": before, "step": STEP}
    return len(house.execute(BODIES, parameters)) == STEP


def purge_rows(house: HouseUnit, app_id: int, *, keys_before: int, jobs_before: int) -> bool:
    """Delete the oldest emptied webhooks and finished jobs of an App; whether there may be more."""
    gone = [
        len(house.execute(statement, {"app": app_id, "before": before, "step": STEP}))
        for statement, before in ((ITEMS, keys_before), (REQUESTS, keys_before), (JOBS, jobs_before))
    ]
    return STEP in gone


def limits_of(now: datetime, retention: timedelta) -> tuple[int, int]:
    """The ids below which bodies, and below which rows are forgotten."""
    return first_id(now - retention), first_id(now - retention - KEYS_OUTLIVE)
