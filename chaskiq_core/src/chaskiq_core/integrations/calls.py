"""The log of provider calls: written some at a time, off the way of a message, and read page by page."""

import logging
from collections.abc import Sequence
from dataclasses import asdict

import anyio

from chaskiq_core.errors import ChaskiqError
from chaskiq_core.host.call_log import CallLog, RecordedCall
from chaskiq_core.model import ProviderCall
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.webhook import clean_string
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import HouseUnit, Unit

BATCH = 50
EVERY_SECONDS = 1.0
LAST_SECONDS = 5.0
"""How long a closing house may take to write what is left."""
log = logging.getLogger("chaskiq.integrations")


class CallWriter:
    """Writes what the host noted."""

    def __init__(self, store: Store, calls: CallLog, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._store = store
        self._calls = calls
        self._every_seconds = every_seconds

    async def run(self) -> None:
        """Write again and again until cancelled; what can't be written now waits."""
        while True:
            await self._calls.arrival()
            await anyio.sleep(self._every_seconds)
            await self.flush()

    async def flush(self) -> None:
        """Write all that waits."""
        while batch := self._calls.take(BATCH):
            try:
                await self._store.house_write(insert_calls, batch)
            except ChaskiqError as error:
                self._calls.put_back(batch)
                log.warning("the log of provider calls waits: %s", error)
                return
            except BaseException:
                self._calls.put_back(batch)
                raise

    async def finish(self) -> None:
        """Write what is left, within a few seconds: for a house that closes."""
        with anyio.move_on_after(LAST_SECONDS, shield=True):
            await self.flush()


def insert_calls(house: HouseUnit, calls: tuple[RecordedCall, ...]) -> None:
    """Keep the calls, of whatever Apps."""
    for call in calls:
        house.add(
            ProviderCall(
                app_id=call.app_id,
                id=house.new_id(),
                integration_id=call.integration_id,
                hook=call.hook,
                outcome=call.outcome,
                code=clean_string(call.code),
                error=clean_string(call.error),
                correlation_id=call.correlation_id,
                started_at=call.started_at,
                duration_ms=call.duration_ms,
                http=[
                    {
                        name: clean_string(value) if isinstance(value, str) else value
                        for name, value in asdict(one).items()
                    }
                    for one in call.http
                ],
            )
        )


def page_calls(
    unit: Unit, integration_id: IntegrationId, *, failed: bool, before: int | None, limit: int
) -> Sequence[ProviderCall]:
    """An integration's calls, newest first."""
    statement = unit.select(ProviderCall).where(ProviderCall.integration_id == integration_id)
    if failed:
        statement = statement.where(ProviderCall.outcome != "ok")
    if before is not None:
        statement = statement.where(ProviderCall.id < before)
    return unit.all(statement.order_by(ProviderCall.id.desc()).limit(limit))
