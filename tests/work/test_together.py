"""What many ask at once is done in one go, each asker hears of its own item only, and nobody waits for one who left."""

from collections.abc import Sequence

import anyio
import pytest

from chaskiq_core.errors import InvalidError, UnavailableError
from chaskiq_core.work.together import Together

pytestmark = pytest.mark.anyio


class Counted:
    """Doubles numbers, and says which came together; `open` lets them through."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, ...]] = []
        self.open = anyio.Event()
        self.open.set()
        self.begun = anyio.Event()
        self.away = False

    async def __call__(self, key: str, items: tuple[int, ...]) -> Sequence[int]:
        self.batches.append(items)
        self.begun.set()
        await self.open.wait()
        if self.away:
            raise UnavailableError("the database is away")
        if any(item < 0 for item in items):
            raise InvalidError("a negative number")
        return [item * 2 for item in items]


async def ask_all(together: Together[str, int, int], items: Sequence[int]) -> dict[int, int | Exception]:
    """What each of them heard."""
    heard: dict[int, int | Exception] = {}

    async def ask(item: int) -> None:
        try:
            heard[item] = await together("a", item)
        except (InvalidError, UnavailableError) as error:
            heard[item] = error

    async with anyio.create_task_group() as tasks:
        for item in items:
            tasks.start_soon(ask, item)
    return heard


async def test_those_who_ask_in_the_same_round_go_together() -> None:
    counted = Counted()

    heard = await ask_all(Together(counted), range(5))

    assert heard == {n: n * 2 for n in range(5)}
    assert counted.batches == [(0, 1, 2, 3, 4)]


async def test_a_batch_has_an_end() -> None:
    counted = Counted()

    heard = await ask_all(Together(counted, most=2), range(5))

    assert heard == {n: n * 2 for n in range(5)}
    assert counted.batches == [(0, 1), (2, 3), (4,)]


async def test_those_who_come_meanwhile_go_next_and_another_key_waits_for_nobody() -> None:
    counted, heard = Counted(), list[int]()
    counted.open = anyio.Event()
    together = Together[str, int, int](counted)

    async def ask(key: str, item: int) -> None:
        heard.append(await together(key, item))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask, "a", 1)
        await counted.begun.wait()
        for item in (2, 3):
            tasks.start_soon(ask, "a", item)
        tasks.start_soon(ask, "b", 4)
        await anyio.wait_all_tasks_blocked()
        assert counted.batches == [(1,), (4,)]
        counted.open.set()

    assert counted.batches == [(1,), (4,), (2, 3)]
    assert sorted(heard) == [2, 4, 6, 8]


async def test_one_bad_item_costs_its_neighbours_nothing() -> None:
    counted = Counted()

    heard = await ask_all(Together(counted), [1, -1, 2])

    assert (heard[1], heard[2]) == (2, 4)
    assert isinstance(heard[-1], InvalidError)
    assert counted.batches == [(1, -1, 2), (1,), (-1,), (2,)]


async def test_where_nothing_can_be_done_nobody_is_tried_alone() -> None:
    counted = Counted()
    counted.away = True

    heard = await ask_all(Together(counted), [1, 2])

    assert all(isinstance(error, UnavailableError) for error in heard.values())
    assert counted.batches == [(1, 2)]


@pytest.mark.parametrize("leaves", [1, 2, 3])
async def test_who_is_cancelled_leaves_the_others_their_answers(leaves: int) -> None:
    """1 works for all three, 2 would be next, 3 only waits."""
    counted, heard = Counted(), dict[int, int]()
    counted.open = anyio.Event()
    together = Together[str, int, int](counted)
    scopes: dict[int, anyio.CancelScope] = {}

    async def ask(item: int) -> None:
        with anyio.CancelScope() as scopes[item]:
            heard[item] = await together("a", item)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for item in (1, 2, 3):
                tasks.start_soon(ask, item)
            await anyio.wait_all_tasks_blocked()
            assert counted.batches == [(1, 2, 3)]
            scopes[leaves].cancel()
            await anyio.wait_all_tasks_blocked()
            counted.open.set()
        heard[4] = await together("a", 4)

    assert heard == {n: n * 2 for n in (1, 2, 3, 4) if n != leaves}


async def test_an_asker_that_leaves_when_its_turn_has_come_passes_it_on() -> None:
    counted, heard = Counted(), dict[int, int]()
    counted.open = anyio.Event()
    together = Together[str, int, int](counted, most=1)
    scopes: dict[int, anyio.CancelScope] = {}

    async def ask(item: int) -> None:
        with anyio.CancelScope() as scopes[item]:
            heard[item] = await together("a", item)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for item in (1, 2, 3):
                tasks.start_soon(ask, item)
            await anyio.wait_all_tasks_blocked()
            scopes[1].cancel()
            scopes[2].cancel()  # before it can know that its turn has come
            await anyio.wait_all_tasks_blocked()
            counted.open.set()

    assert heard == {3: 6}
