"""SQLite with the CLI beside the server: both write, neither is refused, and no update is lost."""

import anyio
import pytest

from tests.harness.databases import Database
from tests.harness.house_acts import an_app, say, start, texts

pytestmark = pytest.mark.anyio

EACH = 25


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_server_and_the_cli_write_to_one_conversation(database: Database) -> None:
    server, cli = database.store(), database.store(owner=False)
    await server.open()
    await cli.open()
    app_id = await an_app(server)
    key = await server.acting(app_id).write(start, "Ann")

    async def write(who: str) -> None:
        acting = (server if who == "server" else cli).acting(app_id)
        for n in range(EACH):
            await acting.write(say, key, f"{who} {n}")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write, "server")
        tasks.start_soon(write, "cli")

    parts = await server.acting(app_id).read(texts, key)
    assert [seq for seq, _ in parts] == list(range(1, 2 * EACH + 1))
    assert len({text for _, text in parts}) == 2 * EACH
    await cli.close()
    await server.close()
