"""The two dead-letter lists: what could not be taken in, and what could not be sent; both can be tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chaskiq_core.deliveries.plan import AGENT_PRIORITY
from chaskiq_core.deliveries.queries import load_pieces, page_deliveries
from chaskiq_core.deliveries.states import mark_cancelled
from chaskiq_core.desk.pages import DEFAULT_LIMIT, Page, bounded, read_cursor, write_cursor
from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.errands.replay import take_in_again
from chaskiq_core.errors import ConflictError, InvalidError, NotFoundError
from chaskiq_core.model import (
    Conversation,
    ConversationPart,
    Delivery,
    DeliveryPiece,
    DeliveryState,
    InboundItem,
    InboundRequest,
    Integration,
    ItemState,
    LaneKind,
)
from chaskiq_core.outbound.rows import Rows, lock_rows, publish_rows
from chaskiq_core.plugin.views import DeliveryView
from chaskiq_core.presenters.parts import present_delivery
from chaskiq_core.staff.agents import is_row_id
from chaskiq_core.store.unit import Unit

AGAIN = frozenset({DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundView:
    """An element of a webhook, as the ledger has it."""

    id: str
    state: str
    error: str | None
    dedupe_key: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWebhook:
    """A webhook as it came."""

    provider: str
    method: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDelivery:
    """A delivery with where it belongs."""

    delivery: DeliveryView
    conversation_key: str
    part_key: str


@act(needs=Permission.MANAGE_CHANNELS)
def inbound(
    unit: Unit, *, state: str = "failed", after: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[InboundView]:
    """Elements of webhooks in a state, newest first."""
    try:
        wanted = ItemState(state)
    except ValueError:
        raise InvalidError(f"state: must be one of {', '.join(ItemState)}") from None
    size = bounded(limit)
    place = read_cursor(after, 1)
    statement = (
        unit.select(InboundItem, InboundRequest)
        .join(InboundRequest, InboundRequest.id == InboundItem.request_id)
        .where(InboundItem.state == wanted)
        .order_by(InboundItem.id.desc())
        .limit(size + 1)
    )
    if place:
        statement = statement.where(InboundItem.id < place[0])
    found = unit.rows(statement)
    return Page(
        items=[
            InboundView(
                id=str(item.id),
                state=item.state.value,
                error=item.error,
                dedupe_key=item.dedupe_key,
                received_at=request.received_at,
            )
            for item, request in found[:size]
        ],
        next=write_cursor(found[size - 1][0].id) if len(found) > size else None,
    )


@act(needs=Permission.MANAGE_CHANNELS, audits=True)
def replay(unit: Unit, item_id: str) -> str:
    """Take an element in again, done or failed: what we have already is not added twice. Its id."""
    found = unit.lock(unit.select(InboundItem).where(InboundItem.id == int(item_id))) if is_row_id(item_id) else []
    if not found:
        raise NotFoundError(f"no inbound item {item_id[:32]!r} in this App")
    take_in_again(unit, found[0], historical=False)
    return item_id


@act(needs=Permission.MANAGE_CHANNELS)
def webhook(unit: Unit, item_id: str) -> StoredWebhook:
    """The whole webhook that an element came in, byte for byte; NotFoundError once its body was purged."""
    found = unit.rows(
        unit.select(InboundItem, InboundRequest)
        .join(InboundRequest, InboundRequest.id == InboundItem.request_id)
        .where(InboundItem.id == (int(item_id) if is_row_id(item_id) else 0))
    )
    if not found or found[0][1].body is None:
        raise NotFoundError(f"no inbound item {item_id[:32]!r} in this App, or its body is gone")
    item, request = found[0]
    [integration] = unit.all(unit.select(Integration).where(Integration.id == item.integration_id))
    return StoredWebhook(provider=integration.provider, method=request.method, body=request.body or b"")


@act(needs=Permission.MANAGE_CHANNELS)
def deliveries(
    unit: Unit, *, state: str = "failed", after: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[ListedDelivery]:
    """Deliveries in a state, newest first."""
    try:
        wanted = DeliveryState(state)
    except ValueError:
        raise InvalidError(f"state: must be one of {', '.join(DeliveryState)}") from None
    size = bounded(limit)
    place = read_cursor(after, 1)
    found = page_deliveries(unit, state=wanted, after=place[0] if place else None, limit=size + 1)
    page = found[:size]
    return Page(items=_listed(unit, page), next=write_cursor(page[-1].id) if len(found) > size else None)


@act(needs=Permission.REPLY, audits=True)
def retry(unit: Unit, key: str) -> ListedDelivery:
    """Send again what failed or is unknown, by decision: its pieces without a receipt only."""
    rows, delivery, pieces = _lock(unit, key)
    if delivery.state not in AGAIN:
        raise ConflictError(
            f"the delivery is {delivery.state}; only failed, unknown or cancelled ones can be sent again"
        )
    for piece in pieces:
        if piece.state in AGAIN:
            piece.state = DeliveryState.QUEUED
            piece.attempt_id = piece.error = None
    delivery.state = DeliveryState.QUEUED
    delivery.due_at = unit.now
    delivery.attempts = 0
    delivery.error = delivery.settled_at = delivery.settle_by = None
    delivery.priority = AGENT_PRIORITY
    unit.wake(LaneKind.OUTBOUND, delivery.lane_key, integration_id=delivery.integration_id, priority=delivery.priority)
    return _told(unit, rows)


@act(needs=Permission.REPLY, audits=True)
def confirm(unit: Unit, key: str) -> ListedDelivery:
    """An agent saw that an unknown delivery arrived."""
    rows, delivery, pieces = _lock(unit, key)
    if delivery.state is not DeliveryState.UNKNOWN:
        raise ConflictError(f"the delivery is {delivery.state}; only an unknown one can be confirmed")
    for piece in pieces:
        if piece.state is DeliveryState.UNKNOWN:
            piece.state = DeliveryState.SENT
            piece.error = None
    delivery.state = DeliveryState.SENT
    delivery.error = None
    if delivery.settle_by is not None:
        delivery.settle_by = None
        unit.wake(LaneKind.OUTBOUND, delivery.lane_key, integration_id=delivery.integration_id)
    return _told(unit, rows)


@act(needs=Permission.REPLY, audits=True)
def cancel(unit: Unit, key: str) -> ListedDelivery:
    """Do not send what still waits; what has left of it stays. One that is being sent can't be called back."""
    rows, delivery, pieces = _lock(unit, key)
    if delivery.state is DeliveryState.CANCELLED:
        return _listed(unit, [delivery])[0]
    if delivery.state is not DeliveryState.QUEUED:
        raise ConflictError(f"the delivery is {delivery.state}; only a queued one can be cancelled")
    mark_cancelled(delivery, pieces, now=unit.now)
    unit.wake(LaneKind.OUTBOUND, delivery.lane_key, integration_id=delivery.integration_id)
    return _told(unit, rows)


def _lock(unit: Unit, key: str) -> tuple[Rows, Delivery, list[DeliveryPiece]]:
    found = unit.first(unit.select(Delivery.id).where(Delivery.key == key))
    if found is None:
        raise NotFoundError(f"no delivery {key[:64]!r} in this App")
    rows = lock_rows(unit, [found])[found]
    return rows, rows.delivery, load_pieces(unit, [found]).get(found, [])


def _told(unit: Unit, rows: Rows) -> ListedDelivery:
    publish_rows(unit, [rows])
    return _listed(unit, [rows.delivery])[0]


def _listed(unit: Unit, page: Sequence[Delivery]) -> list[ListedDelivery]:
    pieces = load_pieces(unit, [delivery.id for delivery in page])
    if not page:
        return []
    part_ids = [delivery.part_id for delivery in page]
    keys = {
        part.id: part.key for part in unit.all(unit.select(ConversationPart).where(ConversationPart.id.in_(part_ids)))
    }
    conversations = {
        one.id: one.key
        for one in unit.all(
            unit.select(Conversation).where(Conversation.id.in_({delivery.conversation_id for delivery in page}))
        )
    }
    return [
        ListedDelivery(
            delivery=present_delivery(delivery, pieces.get(delivery.id, ())),
            conversation_key=conversations[delivery.conversation_id],
            part_key=keys[delivery.part_id],
        )
        for delivery in page
    ]
