"""The log of provider calls: written off the way of a message, in batches, bounded in time, and asked for over REST."""

import json
import logging
from datetime import timedelta
from urllib.parse import quote, quote_plus

import anyio
import pytest

from chaskiq_core.desk import integrations
from chaskiq_core.errors import ContentError, InvalidError, UnavailableError
from chaskiq_core.host.call_log import CallLog, HttpCall, RecordedCall
from chaskiq_core.integrations.calls import BATCH, CallWriter, insert_calls
from chaskiq_core.integrations.find import find_stored
from chaskiq_core.model import Delivery, ProviderCall, Table
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.plugin import ChannelContext, Piece, Receipt, hookimpl
from chaskiq_core.secrets import MASK
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.purge_calls import PURGED_AT_ONCE, purge_calls
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from chaskiq_core.telemetry import Telemetry
from tests.harness.databases import Database
from tests.harness.house import House, a_house
from tests.harness.house_acts import an_app
from tests.harness.lent import FIRST_INTEGRATION
from tests.harness.server import running_server
from tests.harness.tiny_channel import TinyChannel, TinySettings
from tests.harness.wait import until

pytestmark = pytest.mark.anyio
ODD = "s3cr€t +/\"'%\\ of tiny"


class Asking(TinyChannel):
    """Asks a server before it sends, and says its secret there."""

    url = ""

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        secret = context.settings.secret_token
        await context.http.post(
            f"{self.url}/{quote(secret, safe='')}", params={"s": secret}, json={"s": secret}, auth=("me", secret)
        )
        if piece.text == "refuse me":
            raise ContentError(f"bad {secret}", code="400")
        return await super().send(piece, context)


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


async def test_no_secret_is_in_the_table_the_logs_or_the_answers(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asking = Asking()
    async with running_server(database, tiny=asking) as server:
        asking.url = server.url
        key = await server.customer_writes("Hello?")
        path = f"/integrations/{server.acme.integration}"
        await server.call("PATCH", path, {"settings": {"secret_token": ODD}})
        for text in ("Hi", "refuse me"):
            await server.call("POST", f"/conversations/{key}/parts", {"text": text})
        await server.house.quiet()
        server.chaskiq.integrations.clear()

        async def are_written() -> bool:
            return len((await server.call("GET", f"{path}/calls")).json()["items"]) == 3

        await until(are_written)
        page = await server.call("GET", f"{path}/calls")
        failed = (await server.call("GET", f"{path}/calls", params={"failed": "true", "limit": 1})).json()
        parts = await server.call("GET", f"/conversations/{key}/parts")
        rows = await server.house.system.read(everything_stored)

    assert [(one["hook"], one["outcome"]) for one in page.json()["items"]] == [
        ("send", "content"), ("send", "ok"), ("install", "ok"),
    ]  # fmt: skip
    assert [(one["outcome"], one["code"], one["error"]) for one in failed["items"]] == [
        ("content", "400", f"bad {MASK}")
    ]
    assert failed["next"] is None
    [asked] = page.json()["items"][0]["http"]
    assert (asked["method"], asked["status"]) == ("POST", 404)
    assert asked["url"] == f"{asking.url}/{MASK}?s={MASK}"
    assert asked["request"] == f'{{"s":"{MASK}"}}'
    for told in (page.text, parts.text, rows, caplog.text):
        for coat in (ODD, quote(ODD, safe=""), quote_plus(ODD), json.dumps(ODD)[1:-1]):
            assert coat not in told


def everything_stored(unit: Unit) -> str:
    """The rows that might hold a secret, as text."""
    rows: list[Table] = [*unit.all(unit.select(ProviderCall)), *unit.all(unit.select(Delivery))]
    return repr([{name: value for name, value in vars(row).items() if name[0] != "_"} for row in rows])


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
