"""Invariant 11: any call may be carried out twice, at any time, alone or in any batch, with the effect of once."""

import random
import tempfile
from pathlib import Path

import anyio
import pytest

from chaskiq_core.errors import ConflictError, UnavailableError
from chaskiq_core.model import Change, Conversation, ConversationPart, Job, Lane
from chaskiq_core.store.call import Call
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, enqueue, refuse_to_say, say, start, texts
from tests.harness.io_guard import IoInActError
from tests.harness.postgres_proxy import Cut, a_proxy
from tests.harness.stream import settled_changes

pytestmark = pytest.mark.anyio


def counts(unit: Unit) -> dict[str, int]:
    tables = (Conversation, ConversationPart, Job)
    found = {table.__tablename__: len(unit.all(unit.select(table.id))) for table in tables}
    return found | {
        "lanes": len(unit.all(unit.select(Lane))),
        "changes": len(unit.all(unit.select(Change.id))),
    }


async def play(acting: Acting, seed: int) -> dict[str, int]:
    """A random batch of acts of all kinds at once; what stands afterwards."""
    chance = random.Random(seed)
    keys = [await acting.write(start, f"person {n}") for n in range(3)]

    async def one(n: int) -> None:
        match chance.randrange(4):
            case 0 | 1:
                await acting.write(say, chance.choice(keys), f"said {n}")
            case 2:
                with pytest.raises(ConflictError):
                    await acting.write(refuse_to_say, chance.choice(keys), f"not said {n}")
            case _:
                await acting.write(enqueue, f"job {n % 5}")

    async with anyio.create_task_group() as tasks:
        for n in range(60):
            tasks.start_soon(one, n)
    for key in keys:
        seqs = [seq for seq, _ in await acting.read(texts, key)]
        assert seqs == list(range(1, len(seqs) + 1))
    return await acting.read(counts)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_acts_whose_first_try_is_undone_leave_what_they_leave_otherwise(database: Database, seed: int) -> None:
    left: list[dict[str, int]] = []
    for undone in (False, True):
        chance = random.Random(seed)

        def undo(call: Call[object], undone: bool = undone, chance: random.Random = chance) -> bool:
            return undone and chance.random() < 0.5

        store = database.store(undo_first_try=undo)
        await store.open()
        acting = store.acting(await an_app(store, f"App {undone}"))
        left.append(await play(acting, seed))
        await store.close()

    assert left[0] == left[1]


@pytest.mark.parametrize("cut", list(Cut))
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_commit_whose_answer_is_lost_is_settled(database: Database, cut: Cut) -> None:
    # A path of a Unix socket must stay below 108 bytes.
    with tempfile.TemporaryDirectory(prefix="cq") as folder:
        async with a_proxy(database, Path(folder)) as (proxy, proxied):
            store = proxied.store()
            await store.open()
            acting = store.acting(await an_app(store))
            key = await acting.write(start, "Ann")

            for n in range(10):
                proxy.cut_next = cut
                assert await acting.write(say, key, str(n)) == n + 1

            assert proxy.cuts == 10
            assert await acting.read(texts, key) == [(n + 1, str(n)) for n in range(10)]
            assert len(await settled_changes(acting, 10)) == 10
            await store.close()


async def test_an_act_that_does_io_fails_and_leaves_nothing(database: Database) -> None:
    store = database.store()
    await store.open()
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")

    def careless(unit: Unit) -> str:
        say(unit, key, "and then reads a file")
        return Path("/etc/hostname").read_text()

    with pytest.raises(IoInActError):
        await acting.write(careless)

    assert await acting.read(texts, key) == []
    await store.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_full_queue_refuses_and_loses_nothing(database: Database) -> None:
    store = database.store()
    await store.open()
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")
    refused = 0

    async def one(n: int) -> None:
        nonlocal refused
        try:
            await acting.write(say, key, str(n))
        except UnavailableError:
            refused += 1

    async with anyio.create_task_group() as tasks:
        for n in range(2_300):
            tasks.start_soon(one, n)

    parts = await acting.read(texts, key)
    assert len(parts) + refused == 2_300
    assert refused > 0
    await store.close()
