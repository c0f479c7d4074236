"""Events become parts: the batch's one transaction, and one `match` over the kinds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from chaskiq_core.errors import LaneLostError
from chaskiq_core.inbound.follow_up import apply_delete, apply_edit, apply_membership, apply_reaction, apply_status
from chaskiq_core.inbound.message import apply_message, apply_press
from chaskiq_core.inbound.mirrored import apply_action
from chaskiq_core.inbound.prefetch import Arrived, Prefetched, is_threaded, prefetch
from chaskiq_core.inbound.same_chat import bring_together
from chaskiq_core.inbound.thread import apply_in_thread
from chaskiq_core.integrations.settings import StoredIntegration
from chaskiq_core.model import (
    InboundItem,
    ItemState,
)
from chaskiq_core.plugin.events import (
    ActionAsked,
    ButtonPressed,
    Ignored,
    InboundEvent,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    StatusChanged,
)
from chaskiq_core.plugin.manifest import ProfileScope
from chaskiq_core.store.lanes import ClaimedLane, hold_lanes
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """An item's events, on their way into the transaction."""

    item_id: int
    lane_key: str
    historical: bool
    was_done: bool
    """Whether the item was taken in before: what leaves no trace of its own is not added again."""
    events: tuple[InboundEvent, ...]
    integration: StoredIntegration
    profile_scope: ProfileScope
    acknowledges: bool
    """Whether the channel wants to hear that a press was taken."""
    fetches_profiles: bool
    """Whether the channel can be asked who somebody is."""
    received_at: datetime
    correlation_id: str
    """The request's: whose work it is."""


def apply_items(
    unit: Unit, lanes: tuple[ClaimedLane, ...], parsed: tuple[Parsed, ...], *, lease: timedelta
) -> frozenset[int]:
    """Write a batch: items done, events applied in order, the lanes still held. LaneLostError: nothing is written.

    Which of the items said nothing to us.
    """
    ids = [one.item_id for one in parsed]
    statement = unit.update(InboundItem).where(InboundItem.id.in_(ids), InboundItem.state == ItemState.PENDING)
    if unit.change(statement.values(state=ItemState.DONE, processed_at=unit.now)) != len(ids):
        raise LaneLostError("some of these items are done already")
    arrived = [
        [
            Arrived(
                event=event,
                integration=one.integration,
                profile_scope=one.profile_scope,
                acknowledges=one.acknowledges,
                historical=one.historical,
                was_done=one.was_done,
                fetches_profiles=one.fetches_profiles,
            )
            for event in one.events
        ]
        for one in parsed
    ]
    arrived = bring_together(unit, arrived)
    known = prefetch(unit, [one for some in arrived for one in some])
    ignored: set[int] = set()
    for item, some in zip(parsed, arrived, strict=True):
        with unit.working_for(item.correlation_id):
            reasons = [apply_event(unit, known, one) for one in some]
        if all(reasons):
            _mark_ignored(unit, item.item_id, "; ".join(reason for reason in reasons if reason) or "no events")
            ignored.add(item.item_id)
    unit.flush()
    hold_lanes(unit, lanes, lease=lease)
    return frozenset(ignored)


def park_item(unit: Unit, item_id: int, error: str) -> None:
    """Put an item aside as failed, with its error: its lane goes on, and it can be replayed."""
    unit.change(
        unit.update(InboundItem)
        .where(InboundItem.id == item_id, InboundItem.state == ItemState.PENDING)
        .values(state=ItemState.FAILED, error=error[:1000], processed_at=unit.now, attempts=InboundItem.attempts + 1)
    )


def apply_event(unit: Unit, known: Prefetched, one: Arrived) -> str | None:
    """Carry out what an event says; the reason if it says nothing to us."""
    match one.event:
        case MessageReceived() as event if is_threaded(event):
            return apply_in_thread(unit, known, one, event)
        case MessageReceived() as event:
            return apply_message(unit, known, one, event)
        case MessageEdited() as event:
            return apply_edit(unit, known, one, event)
        case MessageDeleted() as event:
            return apply_delete(unit, known, one, event)
        case ReactionChanged() as event:
            return apply_reaction(unit, known, one, event)
        case StatusChanged() as event:
            return apply_status(unit, known, one, event)
        case MembershipChanged() as event:
            return apply_membership(unit, known, one, event)
        case ActionAsked() as event:
            return apply_action(unit, known, one, event)
        case ButtonPressed() as event:
            return apply_press(unit, known, one, event)
        case Ignored(reason=reason):
            return reason or "the channel ignores it"
        case event:
            assert_never(event)


def _mark_ignored(unit: Unit, item_id: int, reason: str) -> None:
    unit.change(
        unit.update(InboundItem).where(InboundItem.id == item_id).values(state=ItemState.IGNORED, error=reason[:1000])
    )
