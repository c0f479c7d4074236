"""Calls: what goes in is a value, what comes out is committed, what is refused changes nothing."""

from collections.abc import Iterator

import anyio
import pytest

from chaskiq_core.errors import CallError, ConflictError, NotFoundError
from chaskiq_core.model.ids import ConversationId
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from tests.harness.house_acts import an_app, refuse_to_say, say, say_without_lock, start, texts
from tests.harness.stream import settled_changes

pytestmark = pytest.mark.anyio


async def test_a_committed_act_is_read_back(store: Store) -> None:
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")

    assert await acting.write(say, key, "hello") == 1
    assert await acting.write(say, key, "again") == 2

    assert await acting.read(texts, key) == [(1, "hello"), (2, "again")]


async def test_a_refused_act_leaves_nothing_and_its_neighbours_stand(store: Store) -> None:
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")
    refused: list[str] = []

    async def one(n: int) -> None:
        if n % 3:
            await acting.write(say, key, "kept")
            return
        with pytest.raises(ConflictError):
            await acting.write(refuse_to_say, key, "dropped")
        refused.append("dropped")

    async with anyio.create_task_group() as tasks:
        for n in range(30):
            tasks.start_soon(one, n)

    assert len(refused) == 10
    assert await acting.read(texts, key) == [(n, "kept") for n in range(1, 21)]
    assert len(await settled_changes(acting, 20)) == 20


@pytest.mark.parametrize("act", [say, say_without_lock])
async def test_no_update_is_lost_between_racing_acts(store: Store, act: object) -> None:
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")
    chosen = say if act is say else say_without_lock

    async with anyio.create_task_group() as tasks:
        for n in range(5):
            tasks.start_soon(lambda n: acting.write(chosen, key, str(n)), n)

    assert [seq for seq, _ in await acting.read(texts, key)] == [1, 2, 3, 4, 5]


async def test_an_argument_that_can_be_used_up_is_refused(store: Store) -> None:
    acting = store.acting(await an_app(store))

    def act(unit: Unit, words: Iterator[str]) -> int:
        return len(list(words))

    with pytest.raises(CallError, match="not a value"):
        await acting.write(act, iter(["a"]))


async def test_an_act_that_was_asked_to_read_can_not_write(store: Store) -> None:
    acting = store.acting(await an_app(store))

    with pytest.raises(CallError, match="call it with write"):
        await acting.read(start, "Ann")


async def test_an_unknown_app_is_not_found_and_not_remembered(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.app_id("nobody")
    with pytest.raises(NotFoundError):
        await store.app_id("nobody")


async def test_a_door_that_hangs_up_undoes_nothing(store: Store) -> None:
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")
    done: list[ConversationId] = []

    async def impatient() -> None:
        with anyio.move_on_after(0):
            await acting.write(say, key, "said")
        done.append(key)

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(impatient)
    await acting.write(say, key, "last")

    parts = await acting.read(texts, key)
    assert len(done) == 20
    assert [seq for seq, _ in parts] == list(range(1, len(parts) + 1))
    assert len(await settled_changes(acting, len(parts))) == len(parts)


async def test_times_and_keys_are_the_call_s_own(store: Store) -> None:
    seen: list[tuple[object, ...]] = []

    def act(unit: Unit) -> None:
        seen.append((unit.now, unit.new_key(), unit.new_key(), unit.new_id()))

    await store.acting(await an_app(store)).write(act)

    assert len({*seen[0]}) == 4
