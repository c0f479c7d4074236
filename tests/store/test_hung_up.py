"""A door that hangs up while its call runs: the call is awaited to its end, and what it published goes out."""

import threading
from collections.abc import Awaitable, Callable

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint

from chaskiq_core.store.postgres_store import PostgresStore
from chaskiq_core.store.unit import Committed, Unit
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, say, start, texts
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
SOON_SECONDS = 20


class Diary:
    """What happened, in order: commits that published something, and the end of the door's wait."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.door = anyio.CancelScope()

    def hear(self, committed: Committed) -> None:
        self.lines.extend("published" for _ in committed.published)

    async def waits(self, write: Callable[..., Awaitable[object]], *args: object) -> None:
        """Be the door."""
        with self.door:
            await write(*args)
        self.lines.append("the door is free")

    async def hang_up(self) -> None:
        """Cancel whoever waits at the door, and let it notice."""
        self.door.cancel()
        for _ in range(10):
            await checkpoint()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_call_in_the_writer_s_hands_is_awaited_to_its_end(database: Database) -> None:
    diary, begun, may_go_on = Diary(), threading.Event(), threading.Event()
    store = database.store(on_commit=diary.hear)
    await store.open()
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")

    def slow(unit: Unit) -> None:
        begun.set()
        assert may_go_on.wait(SOON_SECONDS)
        say(unit, key, "said")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.waits, acting.write, slow)
        await to_thread.run_sync(begun.wait, SOON_SECONDS)
        await diary.hang_up()
        may_go_on.set()

    assert diary.lines == ["published", "the door is free"]
    assert await acting.read(texts, key) == [(1, "said")]
    await store.close()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_call_that_waits_for_a_lock_is_awaited_to_its_end(database: Database) -> None:
    diary = Diary()
    store = database.store(on_commit=diary.hear)
    assert isinstance(store, PostgresStore)
    await store.open()
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")

    async def somebody_waits() -> bool:
        async with store.engine.connect() as onlooker:
            return (await onlooker.exec_driver_sql(WAITING)).first() is not None

    async with store.engine.connect() as other, anyio.create_task_group() as tasks:
        await other.begin()
        await other.exec_driver_sql(f"SELECT 1 FROM chaskiq_conversations WHERE id = {key} FOR UPDATE")
        tasks.start_soon(diary.waits, acting.write, say, key, "said")
        await until(somebody_waits)
        await diary.hang_up()
        await other.rollback()

    assert diary.lines == ["published", "the door is free"]
    assert await acting.read(texts, key) == [(1, "said")]
    await store.close()
