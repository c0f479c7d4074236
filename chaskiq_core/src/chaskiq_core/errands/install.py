"""Telling a provider of our webhook: accepted, the integration is active; refused, it is broken, or removed again."""

import logging

from chaskiq_core.errands.jobs import DueJob, fail_job, finish_job
from chaskiq_core.errors import NotFoundError, PluginError, RetryLaterError, SendError, SettingsError
from chaskiq_core.host.call import Host
from chaskiq_core.integrations.add import break_integration, remove_integration, settle_install
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.find import find_by_key
from chaskiq_core.integrations.polling import start_polling
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.outbound import Installed
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

HOOK_PATH = "/api/v1/hooks/receiver/"
log = logging.getLogger("chaskiq.errands")


class Install:
    """The errand of install jobs."""

    def __init__(self, integrations: IntegrationCache, host: Host, public_url: str) -> None:
        self._integrations = integrations
        self._host = host
        self._public_url = public_url

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        key = job.text("integration")
        try:
            integration_id = await acting.read(find_id, key)
            channel, integration = await self._integrations.by_id(acting.app_id, integration_id)
        except NotFoundError as error:
            await acting.write(fail_job, lane, job.id, str(error))
            return
        hook_url = f"{self._public_url}{HOOK_PATH}{integration.hook_token}"
        try:
            installed = await self._host.install(channel, integration, hook_url)
        except RetryLaterError as error:
            if job.payload.get("remove_if_refused"):
                await self._refuse(acting, lane, job, key, error.message)
                return
            raise
        except (SendError, PluginError, SettingsError) as error:
            await self._refuse(acting, lane, job, key, str(error))
            return
        await acting.write(accept, lane, job.id, key, installed, polls="poll" in channel.hooks)
        self._integrations.clear()

    async def _refuse(self, acting: Acting, lane: ClaimedLane, job: DueJob, key: str, reason: str) -> None:
        log.warning("integration %s: the provider refused the webhook: %s", key, reason)
        remove = bool(job.payload.get("remove_if_refused"))
        await acting.write(refuse, lane, job.id, key, reason, remove=remove)
        self._integrations.clear()


def find_id(unit: Unit, key: str) -> IntegrationId:
    """The row's id of an integration."""
    return IntegrationId(find_by_key(unit, key).id)


def accept(unit: Unit, lane: ClaimedLane, job_id: int, key: str, installed: Installed | None, *, polls: bool) -> None:
    """The provider calls us from now on."""
    integration = find_by_key(unit, key, lock=True)
    settle_install(
        integration,
        account=installed.account if installed else None,
        name=installed.name if installed else None,
    )
    unit.flush()
    if polls:
        start_polling(unit, integration)
    finish_job(unit, lane, job_id)


def refuse(unit: Unit, lane: ClaimedLane, job_id: int, key: str, reason: str, *, remove: bool) -> None:
    """The provider wants nothing of it."""
    integration = find_by_key(unit, key, lock=True)
    if remove:
        remove_integration(unit, integration, told=True)
    else:
        break_integration(unit, integration, reason)
    unit.flush()
    fail_job(unit, lane, job_id, reason)
