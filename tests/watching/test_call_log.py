"""The log of provider calls: written off the way of a message, in batches, bounded in time, and asked for over REST."""

from datetime import timedelta

import anyio
import pytest

from chaskiq_core.desk import integrations
from chaskiq_core.errors import InvalidError, UnavailableError
from chaskiq_core.host.call_log import CallLog, HttpCall, RecordedCall
from chaskiq_core.integrations.calls import BATCH, CallWriter, insert_calls
from chaskiq_core.integrations.find import find_stored
from chaskiq_core.model import ProviderCall
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.purge_calls import PURGED_AT_ONCE, purge_calls
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from chaskiq_core.telemetry import Telemetry
from tests.harness.databases import Database
from tests.harness.house import House, a_house
from tests.harness.house_acts import an_app
from tests.harness.lent import FIRST_INTEGRATION
from tests.harness.wait import until

pytestmark = pytest.mark.anyio


def a_call(
    n: int, *, app_id: AppId, integration_id: IntegrationId = FIRST_INTEGRATION, days_ago: int = 0
) -> RecordedCall:
    http = HttpCall(method="POST", url="http://x", status=200, duration_ms=1, request="\0\ud800", response="", error="")
    return RecordedCall(
        app_id=app_id,
        integration_id=integration_id,
        hook="send",
        outcome="ok",
        code=str(n),
        error="",
        correlation_id=None,
        started_at=utc_now() - timedelta(days=days_ago),
        duration_ms=n,
        http=(http,),
    )


def numbers(unit: Unit) -> list[str]:
    return [call.code for call in unit.all(unit.select(ProviderCall).order_by(ProviderCall.id))]


async def test_pages_go_on_where_the_last_one_ended(house: House) -> None:
    integration_id = (await house.ann.read(find_stored, house.integration)).id
    calls = tuple(a_call(n, app_id=house.app_id, integration_id=integration_id) for n in range(5))
    await house.chaskiq.store.house_write(insert_calls, calls)

    first = await house.ann.read(integrations.calls, house.integration, limit=3)
    second = await house.ann.read(integrations.calls, house.integration, limit=3, after=first.next)

    assert [one.code for one in (*first.items, *second.items)] == ["4", "3", "2", "1", "0"]
    assert second.next is None
    with pytest.raises(InvalidError):
        await house.ann.read(integrations.calls, house.integration, after="nonsense")


async def test_what_a_closing_house_has_not_written_yet_is_written(database: Database) -> None:
    async with a_house(database) as house:
        conversation = await house.customer_writes("Hello?")
        await house.reply(conversation.key, "Hi")
        await house.quiet()

    async with a_house(database, workers=False) as again:
        page = await again.ann.read(integrations.calls, again.integration)
        assert [one.hook for one in page.items] == ["send"]


async def test_calls_wait_while_the_database_is_away(database: Database) -> None:
    calls = CallLog(Telemetry())
    store = database.store()
    await store.open()
    app_id = await an_app(store, "Acme")
    for n in range(BATCH + 1):
        calls.add(a_call(n, app_id=app_id))

    away = CallWriter(Away(store), calls, every_seconds=0)  # type: ignore[arg-type]
    await away.flush()
    assert await store.acting(app_id).read(numbers) == []
    writer = CallWriter(store, calls, every_seconds=0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(writer.run)

        async def are_written() -> bool:
            return len(await store.acting(app_id).read(numbers)) == BATCH + 1

        await until(are_written)
        tasks.cancel_scope.cancel()

    assert await store.acting(app_id).read(numbers) == [str(n) for n in range(BATCH + 1)]
    await store.close()


class Away:
    """A store that can't write now."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def house_write(self, *args: object) -> None:
        raise UnavailableError("the database is away")


async def test_old_calls_are_forgotten_some_at_a_time(store: Store) -> None:
    app_id = await an_app(store, "Acme")
    old = [a_call(n, app_id=app_id, days_ago=31) for n in range(PURGED_AT_ONCE + 1)]
    for start in range(0, len(old), BATCH):
        await store.house_write(insert_calls, tuple(old[start : start + BATCH]))
    await store.house_write(insert_calls, (a_call(1_000, app_id=app_id, days_ago=29),))

    more = [await store.house_write(purge_calls, kept=timedelta(days=30)) for _ in range(2)]

    assert more == [True, False]
    assert await store.acting(app_id).read(numbers) == ["1000"]
