"""Taking our webhook away at a provider, after its integration was removed; then the rest of it goes."""

import logging

from chaskiq_core.errands.jobs import MAX_ATTEMPTS, DueJob, finish_job
from chaskiq_core.errors import NotFoundError, PluginError, RetryLaterError, SendError, SettingsError
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.add import forget_integration
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.model import Integration
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

log = logging.getLogger("chaskiq.errands")


class Uninstall:
    """The errand of uninstall jobs."""

    def __init__(self, integrations: IntegrationCache, host: Host) -> None:
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        integration_id = IntegrationId(int(job.text("integration")))
        try:
            channel, integration = await self._integrations.by_id(acting.app_id, integration_id)
            await self._host.uninstall(channel, integration)
        except (SendError, PluginError, SettingsError, NotFoundError) as error:
            if isinstance(error, RetryLaterError) and job.attempts + 1 < MAX_ATTEMPTS:
                raise
            log.warning("integration %d: its provider was not told that it is gone: %s", integration_id, error)
        await acting.write(forget, lane, job.id, integration_id)
        self._integrations.clear()


def forget(unit: Unit, lane: ClaimedLane, job_id: int, integration_id: IntegrationId) -> None:
    """What is left of the integration goes."""
    for integration in unit.lock(unit.select(Integration).where(Integration.id == integration_id)):
        forget_integration(unit, integration)
    finish_job(unit, lane, job_id)
