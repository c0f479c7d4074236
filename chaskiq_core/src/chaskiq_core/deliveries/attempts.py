"""The name under which a piece leaves, the same on every attempt: a provider gives it back in statuses and echoes."""

from collections.abc import Iterable
from dataclasses import dataclass

from chaskiq_core.model import Delivery
from chaskiq_core.model.ids import ConversationId, IntegrationId, PartId
from chaskiq_core.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """The piece that a name stands for."""

    delivery_id: int
    n: int
    part_id: PartId
    conversation_id: ConversationId
    integration_id: IntegrationId
    """Whose it is: another's word on it is not believed."""
    lane_key: str


def piece_key(delivery_key: str, n: int) -> str:
    """The name of a delivery's n-th piece."""
    return f"{delivery_key}-{n}"


def find_attempts(unit: Unit, keys: Iterable[str | None]) -> dict[str, Attempted]:
    """The pieces of those names; a name that is not ours is left out."""
    named = {key: _read(key) for key in keys if key}
    wanted = sorted({name[0] for name in named.values() if name is not None})
    if not wanted:
        return {}
    rows = {row.key: row for row in unit.all(unit.select(Delivery).where(Delivery.key.in_(wanted)))}
    return {
        key: Attempted(
            delivery_id=rows[name[0]].id,
            n=name[1],
            part_id=rows[name[0]].part_id,
            conversation_id=rows[name[0]].conversation_id,
            integration_id=rows[name[0]].integration_id,
            lane_key=rows[name[0]].lane_key,
        )
        for key, name in named.items()
        if name is not None and name[0] in rows
    }


def _read(key: str) -> tuple[str, int] | None:
    delivery_key, _, n = key.rpartition("-")
    return (delivery_key, int(n)) if delivery_key and n.isascii() and n.isdecimal() and len(n) < 4 else None
