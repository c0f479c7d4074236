"""A door that hangs up: what has begun is awaited to its end and goes out, what only waited is withdrawn."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint

from chaskiq_core.model import InboundItem
from chaskiq_core.store.postgres_store import PostgresStore
from chaskiq_core.store.unit import Committed, Unit
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, insert_integration, say, start, texts
from tests.harness.seam_process import an_arrival
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
        await turns()


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

    async with store.engine.connect() as other, anyio.create_task_group() as tasks:
        await other.begin()
        await other.exec_driver_sql(f"SELECT 1 FROM chaskiq_conversations WHERE id = {key} FOR UPDATE")
        tasks.start_soon(diary.waits, acting.write, say, key, "said")
        await until(lambda: is_waiting(store))
        await diary.hang_up()
        await other.rollback()

    assert diary.lines == ["published", "the door is free"]
    assert await acting.read(texts, key) == [(1, "said")]
    await store.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_webhook_that_waits_for_the_writer_is_withdrawn(database: Database) -> None:
    begun, may_go_on = threading.Event(), threading.Event()
    store = database.store()
    await store.open()
    acting = store.acting(app_id := await an_app(store))
    integration_id = await acting.write(insert_integration)

    def slow(unit: Unit) -> None:
        begun.set()
        assert may_go_on.wait(SOON_SECONDS)

    async def append(key: str, door: anyio.CancelScope) -> None:
        with door:
            await store.append(an_arrival(store, app_id, integration_id, key, "chat"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(acting.write, slow)
        await to_thread.run_sync(begun.wait, SOON_SECONDS)
        hung_up, stays = anyio.CancelScope(), anyio.CancelScope()
        tasks.start_soon(append, "hung up", hung_up)
        tasks.start_soon(append, "stays", stays)
        await turns()
        hung_up.cancel()
        await turns()
        may_go_on.set()

    assert await acting.read(item_keys) == ["stays"]
    await store.close()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_webhooks_behind_a_leader_are_withdrawn_and_the_others_are_stored(database: Database) -> None:
    store = database.store()
    assert isinstance(store, PostgresStore)
    await store.open()
    acting = store.acting(app_id := await an_app(store))
    integration_id = await acting.write(insert_integration)
    hung_up_next: list[asyncio.Task[None]] = []

    async def append(key: str) -> None:
        await store.append(an_arrival(store, app_id, integration_id, key, "chat"))
        while hung_up_next:  # in the very moment in which the lead goes to the first of them
            hung_up_next.pop().cancel()

    async with store.engine.connect() as other:
        await other.begin()
        await other.exec_driver_sql("LOCK TABLE chaskiq_inbound_requests")
        led = asyncio.create_task(append("led"))
        await until(lambda: is_waiting(store))
        early, heir, last = [asyncio.create_task(append(key)) for key in ("early", "heir", "last")]
        await turns()
        early.cancel()
        await turns()
        hung_up_next.append(heir)
        await other.rollback()
        with anyio.fail_after(SOON_SECONDS):
            await asyncio.wait([led, early, heir, last])
            await append("after all")

    assert [task.cancelled() for task in (led, early, heir, last)] == [False, True, True, False]
    assert await acting.read(item_keys) == ["after all", "last", "led"]
    await store.close()


async def is_waiting(store: PostgresStore) -> bool:
    """Whether a statement waits for a lock."""
    async with store.engine.connect() as onlooker:
        return (await onlooker.exec_driver_sql(WAITING)).first() is not None


async def turns() -> None:
    """Let the others take their next steps."""
    for _ in range(10):
        await checkpoint()


def item_keys(unit: Unit) -> list[str]:
    """What was stored."""
    return sorted(unit.all(unit.select(InboundItem.dedupe_key)))
