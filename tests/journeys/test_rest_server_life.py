"""The server's life: it says when it can't work, and finishes what it has in hand before it closes."""

import os
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.harness.cable import cable
from tests.harness.databases import SOCKET_VARIABLE, Database, new_sqlite
from tests.harness.house import a_house, a_message
from tests.harness.server import RunningServer, running_server
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

SEND_SECONDS = 0.3


async def test_a_stopping_server_finishes_the_message_it_is_sending(database: Database) -> None:
    async with running_server(database) as server:
        key = await server.customer_writes("Hello?")
        server.tiny.outbox.faults.append(SEND_SECONDS)
        await server.call("POST", f"/conversations/{key}/parts", {"text": "Just a moment"})

        async def is_sending() -> bool:
            return bool(server.tiny.outbox.attempts)

        await until(is_sending)

    async with a_house(database, workers=False) as house:
        [_, answer] = await house.parts(key)
        assert [delivery.state for delivery in answer.deliveries] == ["sent"]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_while_the_database_is_away_every_door_says_503_and_then_works_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_server(database) as server:
        key = await server.customer_writes("Hello")
        await allow_connections(database, False)
        away = await knock(server, key)
        async with cable(server.cable_url(), welcome=False) as client:
            turned_away = await client.hear()
        await allow_connections(database, True)

        async def is_back() -> bool:
            return [answer.status_code for answer in await knock(server, key)] == [200] * 4

        await until(is_back)

    for answer in away:
        assert answer.status_code == 503, answer.text
        assert answer.headers["retry-after"]
        assert "postgres" not in answer.text.lower()
    assert turned_away == {"type": "disconnect", "reason": "server_restart", "reconnect": True}
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_store_that_takes_nothing_more_is_503(tmp_path: Path) -> None:
    async with running_server(new_sqlite(tmp_path)) as server:
        key = await server.customer_writes("Hello")
        await server.chaskiq.store.close()
        hook, _, written, _ = await knock(server, key)

    assert (hook.status_code, written.status_code) == (503, 503)


async def knock(server: RunningServer, key: str) -> list[httpx.Response]:
    """Ask at a hook, for a page, for a write, and for readiness."""
    return [
        await server.hook(a_message(2, "Are you there?")),
        await server.call("GET", f"/conversations/{key}"),
        await server.call("POST", f"/conversations/{key}/close"),
        await server.http.get("/readyz"),
    ]


async def allow_connections(database: Database, allowed: bool) -> None:
    """Let a PostgreSQL database go away, every connection to it cut, or come back."""
    name = database.url.split("/")[3].split("?")[0]
    admin = await asyncpg.connect(host=os.environ[SOCKET_VARIABLE], user="postgres", database="postgres")
    try:
        await admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {allowed}")
        if not allowed:
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    finally:
        await admin.close()
