"""The server's life: it opens, and finishes what it has in hand before it closes."""

import pytest

from tests.harness.databases import Database
from tests.harness.house import a_house
from tests.harness.server import running_server
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
