"""A worker's batch of lanes: their next items are parsed and written, in order; a poisoned one is parked."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

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
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting, Store
from chaskiq_core.store.unit import Unit
from chaskiq_core.work.turn import Turn

ITEMS_PER_BATCH = 32
MAX_DEATHS_ALONE = 2
"""An item whose worker ended that often while it wrote this item alone, after one that ended with it among others, is
what kills them. Claims of its lane say less: a process that is killed three times holds many lanes each time."""
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
    was_done: bool
    """Whether it was taken in before: it is replayed."""
    received_at: datetime
    method: str
    headers: JsonObject
    query: str
    body: bytes | None


class InboundDrain:
    """The drain of inbound lanes."""

    def __init__(self, store: Store, integrations: IntegrationCache, host: Host) -> None:
        self._store = store
        self._integrations = integrations
        self._host = host

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
        parsed = [one for one in await self._parse(acting, items, in_child=suspect) if one is not None]
        if suspect and parsed and not await acting.write(count_attempt, items[0].id):
            await acting.write(park_item, items[0].id, "its workers died or were stopped each time they had it in hand")
            return
        try:
            await acting.write(apply_items, tuple(lanes), tuple(parsed), lease=LEASE)
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
            try:
                channel, integration = await self._integrations.by_id(acting.app_id, item.integration_id)
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
                await acting.write(park_item, item.id, str(error))
                parsed.append(None)
            else:
                parsed.append(_parsed(item, events, channel.manifest, integration))
        return parsed

    async def _apply_one_by_one(self, acting: Acting, lanes: Sequence[ClaimedLane], parsed: Sequence[Parsed]) -> None:
        by_key = {lane.key: lane for lane in lanes}
        for one in parsed:
            try:
                await acting.write(apply_items, (by_key[one.lane_key],), (one,), lease=LEASE)
            except (UnavailableError, LaneLostError):
                raise
            except Exception as error:
                log.exception("inbound item %d is parked", one.item_id)
                await acting.write(park_item, one.item_id, f"{type(error).__name__}: {error}")


def count_attempt(unit: Unit, item_id: int) -> bool:
    """Count that a worker is about to write this item alone; False: too many ended while they did."""
    return bool(
        unit.change(
            unit.update(InboundItem)
            .where(InboundItem.id == item_id, InboundItem.attempts < MAX_DEATHS_ALONE)
            .values(attempts=InboundItem.attempts + 1)
        )
    )


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
        received_at=item.received_at,
    )
