"""Keeping house: what was kept for its time is forgotten in steps, and forgotten work is found."""

from datetime import timedelta

import pytest

from chaskiq_core.desk import dead_letters
from chaskiq_core.model import InboundItem, InboundRequest, Job, Lane, LaneKind
from chaskiq_core.store import purge
from chaskiq_core.store.unit import HouseUnit, Unit
from chaskiq_core.work.keep_house import forget, sweep
from tests.harness.databases import Database
from tests.harness.house import House, a_house

pytestmark = pytest.mark.anyio

KEPT = timedelta(days=30)


async def hear(house: House, count: int) -> None:
    for n in range(1, count + 1):
        await house.post({"id": n, "chat": str(n % 3), "from": "7", "name": "Maya", "text": f"message {n}"})


def rows(unit: Unit) -> tuple[int, int, int]:
    """Webhooks with a body, webhooks, and their elements."""
    requests = unit.all(unit.select(InboundRequest))
    items = unit.all(unit.select(InboundItem))
    return sum(1 for one in requests if one.body is not None), len(requests), len(items)


def idle_all(house: HouseUnit) -> None:
    """The wakes of all lanes were lost."""
    house.change(house.update(Lane).values(next_due=None).prefix_with("/* house */"))


async def test_what_is_younger_than_the_retention_is_kept(house: House) -> None:
    await hear(house, 2)
    await house.quiet()

    await forget(house.chaskiq.store, KEPT)

    assert await house.system.read(rows) == (2, 2, 2)


async def test_bodies_go_first_and_the_keys_outlive_them(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "STEP", 2)
    await hear(house, 5)
    await house.quiet()

    await forget(house.chaskiq.store, timedelta(days=-1))

    assert await house.system.read(rows) == (0, 5, 5)
    assert (await house.post({"id": 1, "chat": "1", "from": "7", "name": "Maya", "text": "again"})).status == 200
    await house.quiet()
    assert [part.text for part in await house.parts((await house.conversation("1")).key)] == ["message 1", "message 4"]


async def test_what_is_left_of_webhooks_and_finished_jobs_goes_a_month_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "STEP", 2)
    await hear(house, 5)
    await house.quiet()

    await forget(house.chaskiq.store, timedelta(days=-31))

    assert await house.system.read(rows) == (0, 0, 0)
    assert await house.system.read(lambda unit: len(unit.all(unit.select(Job)))) == 0


async def test_what_still_waits_is_never_forgotten(database: Database) -> None:
    async with a_house(database, workers=False) as house:
        await hear(house, 2)

        await forget(house.chaskiq.store, timedelta(days=-31))

        assert (await house.system.read(rows))[2] == 2


async def test_an_element_whose_body_is_gone_can_t_be_replayed_and_says_so(house: House) -> None:
    await hear(house, 1)
    await house.quiet()
    await forget(house.chaskiq.store, timedelta(days=-1))
    [item] = (await house.ann.read(dead_letters.inbound, state="done")).items

    await house.ann.write(dead_letters.replay, item.id)
    await house.quiet()

    [failed] = (await house.ann.read(dead_letters.inbound)).items
    assert failed.error == "its body was purged"


async def test_forgotten_lanes_are_found_and_woken(database: Database) -> None:
    async with a_house(database, workers=False) as house:
        await hear(house, 3)
        await house.chaskiq.store.house_write(idle_all)
        woken: list[frozenset[LaneKind]] = []

        assert await sweep(house.chaskiq.store, woken.append, house.chaskiq.telemetry) == 3
        assert await sweep(house.chaskiq.store, woken.append, house.chaskiq.telemetry) == 0
        assert woken == [frozenset({LaneKind.INBOUND})]

    async with a_house(database) as house:
        await house.quiet()
        assert len(await house.parts((await house.conversation("1")).key)) == 1
