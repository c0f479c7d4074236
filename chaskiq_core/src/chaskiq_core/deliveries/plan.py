"""Which channels a part goes out on: a Delivery for each, its lane woken."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from chaskiq_core.deliveries.queries import load_deliveries, load_pieces
from chaskiq_core.deliveries.states import error_json
from chaskiq_core.deliveries.windows import find_windows
from chaskiq_core.effects import AddPart, Author, Origin
from chaskiq_core.errors import WindowError
from chaskiq_core.model import (
    Conversation,
    ConversationChannel,
    ConversationPart,
    Delivery,
    DeliveryState,
    LaneKind,
    PartKind,
)
from chaskiq_core.model.ids import ChannelId, ConversationId, PartId
from chaskiq_core.store.unit import NORMAL_PRIORITY, Unit

AGENT_PRIORITY = 50
BULK_PRIORITY = 200
FILES_COME_WITHIN = timedelta(seconds=60)
"""How long a mirror waits for a customer's file; then it goes without."""


def plan(
    unit: Unit,
    conversation: Conversation,
    part: ConversationPart,
    channels: Sequence[ConversationChannel],
    origin: Origin | None,
    *,
    priority: int,
) -> list[Delivery]:
    """The deliveries of an agent's or bot's content: none of a note or an event, none back to where it came from.

    A mirror takes what anybody wrote, notes too: only agents read it. Where the provider's window is closed, it has
    failed with that reason before it leaves; a template goes out.
    """
    if part.kind is PartKind.EVENT:
        return []
    goes_out = part.agent_id is not None and not part.private_note
    planned = []
    going = [
        channel
        for channel in channels
        if (goes_out or channel.mirror) and (origin is None or origin.channel_id != channel.id)
    ]
    windows = {} if is_template(part) else find_windows(unit, going)
    for channel in going:
        window = windows.get(channel.id)
        closed = window if window is not None and not window.is_open(unit.now) else None
        delivery = Delivery(
            app_id=unit.app_id,
            id=unit.new_id(),
            key=unit.new_key(),
            part_id=PartId(part.id),
            conversation_id=ConversationId(conversation.id),
            channel_id=ChannelId(channel.id),
            integration_id=channel.integration_id,
            provider=channel.provider,
            lane_key=outbound_lane(channel),
            state=DeliveryState.FAILED if closed else DeliveryState.QUEUED,
            due_at=unit.now + FILES_COME_WITHIN if channel.mirror and awaits_files(part) else unit.now,
            attempts=0,
            error=error_json(WindowError(closed.reason)) if closed else None,
            created_at=unit.now,
            settled_at=unit.now if closed else None,
            stale_since=None,
            priority=priority,
            settle_by=None,
            correlation_id=unit.correlation_id,
        )
        planned.append(unit.add(delivery))
        if closed:
            continue
        unit.wake(LaneKind.OUTBOUND, delivery.lane_key, integration_id=channel.integration_id, priority=priority)
    return planned


def awaits_files(part: ConversationPart) -> bool:
    """Whether a file of the part is still on its way from its provider."""
    listed = part.details.get("attachments")
    files = listed if isinstance(listed, Sequence) else ()
    return any(isinstance(one, Mapping) and one.get("state") == "pending" for one in files)


def send_with_files(unit: Unit, part: ConversationPart) -> None:
    """The part's files have come, or never will: where it waits for them it goes now."""
    if awaits_files(part):
        return
    for delivery in load_deliveries(unit, [part.id]).get(part.id, []):
        if delivery.state is DeliveryState.QUEUED and delivery.due_at > unit.now and not delivery.attempts:
            delivery.due_at = unit.now
            unit.wake(
                LaneKind.OUTBOUND,
                delivery.lane_key,
                integration_id=delivery.integration_id,
                priority=delivery.priority,
            )


def is_template(part: ConversationPart) -> bool:
    """Whether the part is a template of a provider's, which goes out at any time."""
    return "template" in part.details


def priority_of(author: Author, new: AddPart) -> int:
    """A person's words first, then what bots say, then what was written to many."""
    if new.bulk:
        return BULK_PRIORITY
    return NORMAL_PRIORITY if author.is_bot else AGENT_PRIORITY


def mark_stale(unit: Unit, part: ConversationPart) -> None:
    """The part changed: channels that it has left for already are told. What has not left yet needs nothing."""
    deliveries = load_deliveries(unit, [part.id]).get(part.id, [])
    begun = load_pieces(unit, [delivery.id for delivery in deliveries])
    for delivery in deliveries:
        if delivery.id in begun:
            delivery.stale_since = unit.now
            if delivery.state not in (DeliveryState.QUEUED, DeliveryState.SENDING):
                delivery.due_at = unit.now
            unit.wake(
                LaneKind.OUTBOUND,
                delivery.lane_key,
                integration_id=delivery.integration_id,
                priority=AGENT_PRIORITY,
            )


def outbound_lane(channel: ConversationChannel) -> str:
    """The lane of an integration's chat and thread: what goes there keeps its order over conversations."""
    return f"{channel.integration_id}/{channel.channel_id}/{channel.thread_id}"
