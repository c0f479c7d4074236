"""The writes of an ordinary send: `sending` committed before it, the receipt kept after it; several lanes at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from chaskiq_core.deliveries.queries import load_pieces
from chaskiq_core.deliveries.sources import add_source, find_sources
from chaskiq_core.deliveries.states import mark_sending, mark_sent
from chaskiq_core.fitting.fit import FittedPiece
from chaskiq_core.integrations.find import load_integrations
from chaskiq_core.model import ConversationChannel, Delivery, DeliveryPiece, DeliveryState
from chaskiq_core.outbound.head import OPEN, Head, read_heads
from chaskiq_core.outbound.rows import Rows, lock_rows, new_piece, publish_rows
from chaskiq_core.people.identify import learn_names
from chaskiq_core.plugin.outbound import Receipt
from chaskiq_core.store.lanes import ClaimedLane, held_lanes, hold_lanes
from chaskiq_core.store.unit import Unit

SETTLEABLE = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
LEASE = timedelta(seconds=15)
"""How long a worker may hold an outbound lane without a word, but for a send: then until its deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A piece whose bytes are about to leave."""

    lane: ClaimedLane
    delivery_id: int
    n: int
    attempt_id: str
    fitted: tuple[FittedPiece, ...]
    """All pieces of the delivery, as they are cut now; those of its first attempt stay."""
    send_time: timedelta
    """Until when the bytes may be on their way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A piece that the provider took."""

    lane: ClaimedLane
    delivery_id: int
    attempt_id: str
    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a receipt came to."""

    state: DeliveryState | None
    """Of the delivery; None: this was not its attempt any more."""
    next: Head | None
    """What the lane has to do next."""


Step: TypeAlias = Beginning | Taken
"""What a lane has to write before it can go on."""
Done: TypeAlias = bool | Kept
"""What came of it: of a beginning whether it may leave, of a receipt what it came to."""


def write_steps(unit: Unit, steps: tuple[Step, ...]) -> tuple[Done, ...]:
    """Commit `sending` for the beginnings, keep the ids of what was taken; of several lanes, at most one step each.

    A beginning may not leave (False) if somebody cancelled its delivery meanwhile. LaneLostError if the lane of one is
    in other hands: nothing is written then. A receipt counts even after its lane was lost, if nothing was decided
    since.
    """
    locked = lock_rows(unit, [step.delivery_id for step in steps])
    pieces = load_pieces(unit, sorted(locked))
    changed: list[Rows] = []
    taken: list[tuple[Taken, Rows]] = []
    begun: set[int] = set()
    for step in steps:
        rows, cut = locked[step.delivery_id], pieces.get(step.delivery_id, [])
        if isinstance(step, Taken):
            if (piece := attempted(cut, step.attempt_id)) is not None:
                piece.external_ids = list(step.receipt.external_ids)
                mark_sent(rows.delivery, cut, piece, now=unit.now)
                taken.append((step, rows))
                changed.append(rows)
        elif rows.delivery.state in OPEN:
            cut = cut or [unit.add(new_piece(unit, rows.delivery, n, piece)) for n, piece in enumerate(step.fitted)]
            if cut[step.n].attempt_id != step.attempt_id:  # else it is written for the second time
                mark_sending(rows.delivery, cut[step.n], attempt_id=step.attempt_id, deadline=unit.now + step.send_time)
            begun.add(step.delivery_id)
            changed.append(rows)
    _add_sources(unit, taken)
    publish_rows(unit, changed)
    _hold(unit, steps)
    heads = read_heads(unit, tuple(step.lane.key for step in steps if isinstance(step, Taken)))
    following = iter(heads)
    states = {step.delivery_id: rows.delivery.state for step, rows in taken}
    return tuple(
        Kept(state=states.get(step.delivery_id), next=next(following))
        if isinstance(step, Taken)
        else step.delivery_id in begun
        for step in steps
    )


def _hold(unit: Unit, steps: Sequence[Step]) -> None:
    """Renew the leases: of what is about to leave until its bytes can no longer be on their way."""
    if taken := [step.lane for step in steps if isinstance(step, Taken)]:
        held_lanes(unit, taken, lease=LEASE)
    if beginnings := [step for step in steps if isinstance(step, Beginning)]:
        lease = max(step.send_time for step in beginnings) + LEASE
        hold_lanes(unit, [step.lane for step in beginnings], lease=lease)


def attempted(pieces: Sequence[DeliveryPiece], attempt_id: str) -> DeliveryPiece | None:
    """The piece of an attempt that may still be settled; None: it is not the piece's attempt any more."""
    piece = next((piece for piece in pieces if piece.attempt_id == attempt_id), None)
    return piece if piece is not None and piece.state in SETTLEABLE else None


def _add_sources(unit: Unit, kept: Sequence[tuple[Taken, Rows]]) -> None:
    """Under which ids the provider knows the parts from now on."""
    integrations = load_integrations(unit, {rows.delivery.integration_id for _, rows in kept})
    named = [
        (integrations[rows.delivery.integration_id].account, message_key, external_id, rows)
        for one, rows in kept
        for external_id, message_key in zip(one.receipt.external_ids, one.receipt.message_keys, strict=True)
    ]
    known = set(find_sources(unit, [(account, message_key) for account, message_key, _, _ in named]))
    for account, message_key, external_id, rows in named:
        if (account, message_key) not in known:
            known.add((account, message_key))
            add_source(
                unit,
                rows.part,
                integration_id=rows.delivery.integration_id,
                provider=rows.delivery.provider,
                account=account,
                message_key=message_key,
                external_id=external_id,
            )
    for one, rows in kept:
        if one.receipt.aliases:
            _learn_names(unit, integrations[rows.delivery.integration_id].account, rows.delivery, one.receipt)


def _learn_names(unit: Unit, account: str, delivery: Delivery, receipt: Receipt) -> None:
    """What else the provider calls the person whose chat it is."""
    [channel] = unit.all(unit.select(ConversationChannel).where(ConversationChannel.id == delivery.channel_id))
    if not channel.is_group:
        learn_names(
            unit,
            provider=delivery.provider,
            scopes=("", account),
            known_as=channel.channel_id,
            names=receipt.aliases,
        )
