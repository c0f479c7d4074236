"""Lanes under races: a release that was overtaken, leases of a process that is gone, a chat that is opened twice."""

from datetime import timedelta

import anyio
import pytest

from chaskiq_core.model import ConversationChannel, Lane, LaneKind
from chaskiq_core.model.ids import ConversationId, IntegrationId
from chaskiq_core.store.lanes import ClaimedLane, claim_lanes, release_lane
from chaskiq_core.store.postgres_store import PostgresStore
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, insert_integration, start
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

LEASE = timedelta(seconds=60)
WOKEN = "wakes = wakes + 1, next_due = now()"
TAKEN_OVER = "lease_token = 'heir', lease_until = now() + interval '1 minute'"


def wake(unit: Unit, key: str) -> None:
    unit.wake(LaneKind.JOB, key)


def is_due(unit: Unit, key: str) -> bool:
    return unit.all(unit.select(Lane).where(Lane.key == key))[0].next_due is not None


async def claim(store: Store) -> list[ClaimedLane]:
    return await store.house_write(claim_lanes, LaneKind.JOB, limit=10, lease=LEASE)


@pytest.mark.parametrize(("change", "let_go"), [(WOKEN, False), (TAKEN_OVER, True)], ids=["woken", "taken over"])
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_release_that_was_overtaken_lets_nothing_be_forgotten(store: Store, change: str, let_go: bool) -> None:
    assert isinstance(store, PostgresStore)
    acting = store.acting(await an_app(store))
    await acting.write(wake, "a")
    (lane,) = await claim(store)
    released: list[bool] = []

    async def release() -> None:
        released.append(await store.house_write(release_lane, lane))

    async def waits_for_a_lock() -> bool:
        async with store.engine.connect() as onlooker:
            waiting = await onlooker.exec_driver_sql(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return waiting.first() is not None

    # Its row is changed after the release has read the ledger, and before it lets go.
    async with store.engine.connect() as other, anyio.create_task_group() as tasks:
        await other.begin()
        await other.exec_driver_sql(f"UPDATE chaskiq_lanes SET {change} WHERE app_id = {acting.app_id} AND key = 'a'")
        tasks.start_soon(release)
        await until(waits_for_a_lock)
        await other.commit()

    assert released == [let_go], "what is another's now counts as let go"
    assert await acting.read(is_due, "a")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_next_owner_of_a_sqlite_file_takes_the_lanes_over_at_once(database: Database) -> None:
    dead = database.store()
    await dead.open()
    await dead.acting(await an_app(dead)).write(wake, "a")
    (held,) = await claim(dead)
    cli = database.store(owner=False)
    await cli.open()
    assert await claim(cli) == []
    await cli.close()
    await dead.close()

    heir = database.store()
    await heir.open()
    (again,) = await claim(heir)

    assert (held.attempts, again.attempts) == (1, 2)
    await heir.close()


async def test_first_messages_that_race_open_one_conversation(store: Store) -> None:
    acting = store.acting(await an_app(store))
    integration_id = await acting.write(insert_integration)
    opened: list[ConversationId] = []

    async def one() -> None:
        opened.append(await acting.write(find_or_open, integration_id))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(one)

    assert len(opened) == 3
    assert len({*opened}) == 1


def find_or_open(unit: Unit, integration_id: IntegrationId) -> ConversationId:
    """The conversation of the one chat; looks first, as a careless author would, so that the index must catch it."""
    known = unit.first(unit.select(ConversationChannel).where(ConversationChannel.current))
    if known is not None:
        return known.conversation_id
    conversation_id = start(unit, "Ann")
    unit.flush()
    unit.add(
        ConversationChannel(
            app_id=unit.app_id,
            id=unit.new_id(),
            conversation_id=conversation_id,
            integration_id=integration_id,
            provider="test",
            channel_id="chat",
            thread_id="",
            is_group=False,
            current=True,
            created_at=unit.now,
        )
    )
    return conversation_id
