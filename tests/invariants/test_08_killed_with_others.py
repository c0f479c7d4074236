"""Invariant 8: who was in a killed worker's hands is not what killed it; a message that is, is put aside."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from chaskiq_core import desk
from chaskiq_core.desk.dead_letters import replay
from chaskiq_core.inbound.process import MAX_DEATHS_ALONE, count_attempt
from chaskiq_core.model import InboundItem, ItemState, LaneKind
from chaskiq_core.store.lanes import claim_lanes
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house import House, a_house, a_message

pytestmark = pytest.mark.anyio

AT_ONCE = timedelta()


async def a_worker_dies(house: House) -> None:
    """It had claimed all that was due, and its leases are over."""
    await house.chaskiq.store.house_write(claim_lanes, LaneKind.INBOUND, limit=100, lease=AT_ONCE)


def all_items(unit: Unit) -> Sequence[InboundItem]:
    return unit.all(unit.select(InboundItem).order_by(InboundItem.id))


async def test_messages_that_many_killed_workers_had_in_hand_are_shown(database: Database) -> None:
    async with a_house(database, workers=False) as house:
        await house.post(*(a_message(number, "Hello?", chat=f"chat{number}") for number in range(1, 4)))
        for _ in range(5):
            await a_worker_dies(house)

        await house.take_in()

        items = await house.system.read(all_items)
        page = await house.ann.read(desk.inbox)
    assert [item.state for item in items] == [ItemState.DONE] * 3
    assert len(page.items) == 3


async def test_a_message_with_which_alone_workers_die_is_put_aside_and_can_be_replayed(database: Database) -> None:
    async with a_house(database, workers=False) as house:
        await house.post(a_message(1, "What kills"), a_message(2, "What came after it"))
        [poison, _] = await house.system.read(all_items)
        await a_worker_dies(house)
        for _ in range(MAX_DEATHS_ALONE):
            await house.system.write(count_attempt, poison.id)
            await a_worker_dies(house)

        await house.take_in()
        await house.take_in()

        [parked, after] = await house.system.read(all_items)
        assert (parked.state, after.state) == (ItemState.FAILED, ItemState.DONE)
        assert "died" in str(parked.error)
        await house.ann.write(replay, str(parked.id))
        await house.take_in()
        [replayed, _] = await house.system.read(all_items)
    assert replayed.state is ItemState.DONE
