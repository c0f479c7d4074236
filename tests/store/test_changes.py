"""Changes: read in commit order, whoever commits when; nothing of an undone act."""

import anyio
import pytest
from anyio.lowlevel import checkpoint

from chaskiq_core.store.changes import START, purge_changes, read_changes
from chaskiq_core.store.postgres_store import PostgresStore
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Committed, Unit
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, say, start
from tests.harness.stream import settled_changes
from tests.harness.wait import until

pytestmark = pytest.mark.anyio


def publish(unit: Unit, word: str) -> None:
    unit.publish("events", audience="agents", payload={"word": word})


async def test_a_reader_that_comes_back_misses_nothing(store: Store) -> None:
    acting = store.acting(await an_app(store))
    await acting.write(publish, "one")
    first = await settled_changes(acting, 1)
    await acting.write(publish, "two")
    await acting.write(publish, "three")

    later = await settled_changes(acting, 2, after=first[-1].position)

    assert [change.payload["word"] for change in later] == ["two", "three"]
    assert await acting.read(read_changes, "events", after=later[-1].position) == []


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_change_that_commits_late_is_not_overtaken(database: Database) -> None:
    store = database.store()
    assert isinstance(store, PostgresStore)
    await store.open()
    acting = store.acting(await an_app(store))
    seen: list[str] = []
    position = START

    async def read() -> None:
        nonlocal position
        for change in await acting.read(read_changes, "events", after=position):
            seen.append(str(change.payload["word"]))
            position = change.position

    async with store.engine.connect() as late:
        await late.begin()
        await late.exec_driver_sql(
            "INSERT INTO chaskiq_changes (app_id, stream, audience, payload, xid, created_at) VALUES "
            f"({acting.app_id}, 'events', 'agents', '{{\"word\": \"late\"}}', "
            "pg_current_xact_id()::text::bigint, now())"
        )
        await acting.write(publish, "early")
        await read()
        assert seen == []
        await late.commit()

    async def both() -> bool:
        await read()
        return len(seen) >= 2

    await until(both)
    assert sorted(seen) == ["early", "late"]
    await store.close()


async def test_hints_come_after_the_commit_and_carry_the_same_positions(database: Database) -> None:
    heard: list[Committed] = []
    store = database.store(on_commit=heard.append)
    await store.open()
    acting = store.acting(await an_app(store))
    key = await acting.write(start, "Ann")
    async with anyio.create_task_group() as tasks:
        for n in range(5):
            tasks.start_soon(acting.write, say, key, str(n))
    await checkpoint()

    hinted = [published.position for committed in heard for published in committed.published]

    assert sorted(hinted) == [change.position for change in await settled_changes(acting, len(hinted))]
    await store.close()


async def test_changes_are_forgotten_after_their_time(store: Store) -> None:
    acting = store.acting(await an_app(store))
    await acting.write(publish, "fresh")

    assert await store.house_write(purge_changes) == 0
    assert len(await settled_changes(acting, 1)) == 1
