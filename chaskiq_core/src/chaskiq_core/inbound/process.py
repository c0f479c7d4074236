"""A worker's batch of lanes: their next items are parsed and written, in order; a poisoned one is parked."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from chaskiq_core.correlation import correlated
from chaskiq_core.errors import ChaskiqError, LaneLostError, NotFoundError, UnavailableError
from chaskiq_core.host.call import Host
from chaskiq_core.inbound.apply import Parsed, apply_items, park_item
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.settings import OpenIntegration
from chaskiq_core.model import InboundItem, InboundRequest, JsonObject
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.model.ledgers import IS_PENDING
from chaskiq_core.plugin.manifest import Manifest
from chaskiq_core.plugin.webhook import WebhookItem, WebhookRequest
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting, Store
from chaskiq_core.store.unit import Unit
from chaskiq_core.telemetry import INBOUND_ITEMS, INBOUND_SECONDS, UNKNOWN, Telemetry
from chaskiq_core.work.turn import Turn

ITEMS_PER_BATCH = 16
MAX_DEATHS_ALONE = 2
"""An item whose worker ended that often while it had this item alone, after one that ended with it among others, is
what kills them; the second time it is parsed in a child. Claims of its lane say less: a process that is killed three
times holds many lanes each time."""
LEASE = timedelta(seconds=30)
log = logging.getLogger("chaskiq.inbound")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerItem:
    """An item with its request, out of the ledger."""

    id: int
    request_id: int
    integration_id: IntegrationId
    lane_key: str
    dedupe_key: str
    path: str
    historical: bool
    attempts: int
    """How often a worker had it in hand alone, after one that died."""
    was_done: bool
    """Whether it was taken in before: it is replayed."""
    received_at: datetime
    method: str
    headers: JsonObject
    query: str
    body: bytes | None


class InboundDrain:
    """The drain of inbound lanes."""

    def __init__(
        self, store: Store, integrations: IntegrationCache, host: Host, telemetry: Telemetry | None = None
    ) -> None:
        self._store = store
        self._integrations = integrations
        self._host = host
        self._telemetry = telemetry or Telemetry()

    async def __call__(self, lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        """Work on lanes of one App until they are empty, or for a few batches: others wait, too."""
        app_id = lanes[0].app_id
        acting = self._store.acting(app_id)
        suspect = lanes[0].attempts > 1
        items = await acting.read(
            read_items, tuple(lane.key for lane in lanes), limit=1 if suspect else ITEMS_PER_BATCH
        )
        if not items:
            return
        if suspect:
            await self._take_alone(acting, lanes, items[0])
            return
        await self._take(acting, lanes, items)

    async def _take_alone(self, acting: Acting, lanes: Sequence[ClaimedLane], item: LedgerItem) -> None:
        """One whose worker died. Its next death counts from just before the step that may kill: a child takes seconds
        to start, and a worker that is stopped meanwhile says nothing of the message."""
        if item.attempts >= MAX_DEATHS_ALONE:
            await self._park(acting, item.id, "its workers died or were stopped each time they had it in hand")
        elif item.attempts == 0:
            await acting.write(count_attempt, item.id)
            await self._take(acting, lanes, [item])
        elif parsed := [one for one in await self._parse(acting, [item], in_child=True) if one is not None]:
            await acting.write(count_attempt, item.id)
            await self._write(acting, lanes, parsed)

    async def _take(self, acting: Acting, lanes: Sequence[ClaimedLane], items: Sequence[LedgerItem]) -> None:
        parsed = await self._parse(acting, items, in_child=False)
        await self._write(acting, lanes, [one for one in parsed if one is not None])

    async def _write(self, acting: Acting, lanes: Sequence[ClaimedLane], parsed: Sequence[Parsed]) -> None:
        try:
            with self._telemetry.span("inbound batch", items=len(parsed)):
                ignored = await acting.write(apply_items, tuple(lanes), tuple(parsed), lease=LEASE)
            self._count(parsed, ignored)
        except (UnavailableError, LaneLostError):
            raise
        except Exception:
            log.exception("a batch of %d messages could not be written; one by one now", len(parsed))
            await self._apply_one_by_one(acting, lanes, parsed)

    async def _parse(self, acting: Acting, items: Sequence[LedgerItem], *, in_child: bool) -> Sequence[Parsed | None]:
        """The events of items; one that has none to give is parked and stays out."""
        requests: dict[int, WebhookRequest] = {}
        parsed: list[Parsed | None] = []
        for item in items:
            with correlated(str(item.request_id)), self._telemetry.span("inbound item"):
                parsed.append(await self._parse_item(acting, item, requests, in_child=in_child))
        return parsed

    async def _parse_item(
        self, acting: Acting, item: LedgerItem, requests: dict[int, WebhookRequest], *, in_child: bool
    ) -> Parsed | None:
        provider = UNKNOWN
        try:
            channel, integration = await self._integrations.by_id(acting.app_id, item.integration_id)
            provider = channel.manifest.provider
            request = requests.setdefault(item.request_id, _request(item))
            events = await self._host.parse(
                channel,
                request,
                WebhookItem(dedupe_key=item.dedupe_key, lane="", path=item.path),
                integration.settings,
                in_child=in_child,
            )
        except UnavailableError:
            raise
        except ChaskiqError as error:
            log.warning("inbound item %d is parked: %s", item.id, error)
            await self._park(acting, item.id, str(error), provider=provider)
            return None
        return _parsed(item, events, channel.manifest, integration)

    async def _apply_one_by_one(self, acting: Acting, lanes: Sequence[ClaimedLane], parsed: Sequence[Parsed]) -> None:
        by_key = {lane.key: lane for lane in lanes}
        for one in parsed:
            with correlated(one.correlation_id):
                await self._apply_one(acting, by_key[one.lane_key], one)

    async def _apply_one(self, acting: Acting, lane: ClaimedLane, one: Parsed) -> None:
        try:
            self._count([one], await acting.write(apply_items, (lane,), (one,), lease=LEASE))
        except (UnavailableError, LaneLostError):
            raise
        except Exception as error:
            log.exception("inbound item %d is parked", one.item_id)
            told = f"{type(error).__name__}: {error}"
            await self._park(acting, one.item_id, told, provider=one.integration.provider)

    async def _park(self, acting: Acting, item_id: int, error: str, *, provider: str = UNKNOWN) -> None:
        await acting.write(park_item, item_id, error)
        self._telemetry.count(INBOUND_ITEMS, provider, "failed")

    def _count(self, written: Sequence[Parsed], ignored: frozenset[int]) -> None:
        now = utc_now()
        told = log.isEnabledFor(logging.INFO)
        for one in written:
            provider = one.integration.provider
            result = "ignored" if one.item_id in ignored else "done"
            self._telemetry.count(INBOUND_ITEMS, provider, result)
            if told:
                with correlated(one.correlation_id):
                    log.info("inbound item %d is %s", one.item_id, result)
            if not one.historical:
                self._telemetry.observe(INBOUND_SECONDS, (now - one.received_at).total_seconds(), provider)


def count_attempt(unit: Unit, item_id: int) -> None:
    """Count that a worker is about to do with this item alone what may kill it."""
    unit.change(unit.update(InboundItem).where(InboundItem.id == item_id).values(attempts=InboundItem.attempts + 1))


def read_items(unit: Unit, lane_keys: tuple[str, ...], *, limit: int) -> list[LedgerItem]:
    """The next items of the lanes with their requests, oldest first."""
    rows = unit.rows(
        unit.select(InboundItem, InboundRequest)
        .join(InboundRequest, InboundRequest.id == InboundItem.request_id)
        .where(
            InboundItem.lane_key.in_(lane_keys),
            text(IS_PENDING),
            InboundItem.due_at <= unit.now,
        )
        .order_by(InboundItem.id)
        .limit(limit)
    )
    return [
        LedgerItem(
            id=item.id,
            request_id=request.id,
            integration_id=item.integration_id,
            lane_key=item.lane_key,
            dedupe_key=item.dedupe_key,
            path=item.path,
            historical=item.historical,
            attempts=item.attempts,
            was_done=item.processed_at is not None,
            received_at=request.received_at,
            method=request.method,
            headers=request.headers,
            query=request.query,
            body=request.body,
        )
        for item, request in rows
    ]


def _request(item: LedgerItem) -> WebhookRequest:
    if item.body is None:
        raise NotFoundError("its body was purged")
    return WebhookRequest(
        method=item.method,
        headers={name: str(value) for name, value in item.headers.items()},
        query=item.query,
        body=item.body,
    )


def _parsed(item: LedgerItem, events: Sequence[object], manifest: Manifest, integration: OpenIntegration) -> Parsed:
    return Parsed(
        item_id=item.id,
        lane_key=item.lane_key,
        historical=item.historical,
        was_done=item.was_done,
        events=tuple(events),  # type: ignore[arg-type]  # why: the host checked each of them
        integration=integration.stored,
        profile_scope=manifest.profile_scope,
        acknowledges="acknowledge" in manifest.offers,
        fetches_profiles="fetch_profile" in manifest.offers,
        received_at=item.received_at,
        correlation_id=str(item.request_id),
    )
