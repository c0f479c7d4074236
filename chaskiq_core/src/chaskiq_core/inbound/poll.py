"""Fetching from a provider that calls nobody: what it has goes the way of a webhook; then its cursor is kept."""

import logging
from datetime import timedelta

from chaskiq_core.correlation import correlated
from chaskiq_core.errands.jobs import LEASE, DueJob, finish_job
from chaskiq_core.errors import NotFoundError, PluginError, SendError, SettingsError, UnreadableError
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import Channel
from chaskiq_core.inbound.receive import MAX_BODY_BYTES, arrival_of
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.polling import keep_cursor, put_off, read_cursor
from chaskiq_core.integrations.settings import OpenIntegration
from chaskiq_core.model import IntegrationState
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.webhook import WebhookRequest
from chaskiq_core.store.lanes import ClaimedLane, hold_lanes
from chaskiq_core.store.store import Acting, Store
from chaskiq_core.store.unit import Unit

LONGEST_WAIT = timedelta(minutes=10)
ASLEEP = timedelta(minutes=1)
"""How long an integration that is paused or broken is not asked."""
log = logging.getLogger("chaskiq.poll")


class Poll:
    """The errand of polls."""

    def __init__(self, store: Store, integrations: IntegrationCache, host: Host) -> None:
        self._store = store
        self._integrations = integrations
        self._host = host

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        integration_id = IntegrationId(int(job.text("integration")))
        try:
            channel, integration = await self._integrations.by_id(acting.app_id, integration_id)
        except NotFoundError:
            await acting.write(finish_job, lane, job.id)
            return
        except SettingsError as error:
            await acting.write(ask_later, lane, job.id, wait=ASLEEP, error=str(error))
            return
        if "poll" not in channel.hooks:
            await acting.write(finish_job, lane, job.id)
            return
        if integration.stored.state is not IntegrationState.ACTIVE:
            await acting.write(ask_later, lane, job.id, wait=ASLEEP, error=None)
            return
        every = timedelta(seconds=channel.manifest.poll_seconds)
        try:
            polled = await self._host.poll(channel, await acting.read(read_cursor, integration_id), integration)
        except (SendError, PluginError) as error:
            log.warning("integration %d could not be asked: %s", integration_id, error)
            wait = min(every * 2.0 ** min(job.attempts + 1, 20), LONGEST_WAIT)
            await acting.write(ask_later, lane, job.id, wait=wait, error=str(error))
            return
        if polled is None:
            await acting.write(finish_job, lane, job.id)
            return
        for request in polled.requests:
            await self._take(channel, integration, request)
        wait = timedelta() if polled.more else every
        await acting.write(go_on, lane, job.id, integration_id, polled.cursor, wait=wait)

    async def _take(self, channel: Channel, integration: OpenIntegration, request: WebhookRequest) -> None:
        """Into the ledger, as a webhook; what is none at all is left behind, with a line in the log."""
        request_id = self._store.clock.next_id()
        with correlated(str(request_id)):
            if len(request.body) > MAX_BODY_BYTES:
                log.error("integration %d: a request of %d bytes was left out", integration.id, len(request.body))
                return
            try:
                items = await self._host.route(channel, request, integration.settings)
            except (UnreadableError, PluginError) as error:
                log.error("integration %d: a request was left out: %s", integration.id, error)
                return
            await self._store.append(arrival_of(self._store.clock, integration, request, items, request_id))


def go_on(
    unit: Unit, lane: ClaimedLane, job_id: int, integration_id: IntegrationId, cursor: str, *, wait: timedelta
) -> None:
    """All is kept: the next look begins behind it."""
    keep_cursor(unit, integration_id, cursor)
    put_off(unit, job_id, wait=wait, error=None)
    hold_lanes(unit, [lane], lease=LEASE)


def ask_later(unit: Unit, lane: ClaimedLane, job_id: int, *, wait: timedelta, error: str | None) -> None:
    """Nothing came of it."""
    put_off(unit, job_id, wait=wait, error=error)
    hold_lanes(unit, [lane], lease=LEASE)
