"""The cable with Rails' own client, `@rails/actioncable` in Node, unchanged."""

from pathlib import Path

import pytest

from tests.harness.house import a_message
from tests.harness.node_clients import RAILS, install_client, node_client
from tests.harness.server import RunningServer

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def client_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_client(RAILS, tmp_path_factory.mktemp("rails_client"))


async def test_rails_client_hears_the_part_that_a_webhook_made(server: RunningServer, client_folder: Path) -> None:
    channel = {"channel": "EventsChannel", "app": server.acme.app_key}
    async with node_client(client_folder, server.cable_url(), channel) as client:
        await client.hears("connected")
        await server.hook(a_message(1, "Where is my order?"))
        heard = await client.hears("received")
        await server.house.quiet()

    key = (await server.house.conversation()).key
    [part] = (await server.call("GET", f"/conversations/{key}/parts")).json()["items"]
    assert heard == {"type": "conversation_part", "data": {**part, "conversation_key": key}}


async def test_rails_client_with_a_wrong_token_is_rejected_and_does_not_come_again(
    server: RunningServer, client_folder: Path
) -> None:
    channel = {"channel": "EventsChannel", "app": server.acme.app_key}
    async with node_client(client_folder, server.cable_url(token="wrong"), channel) as client:
        assert await client.hears("disconnected") == {"willAttemptReconnect": False}


async def test_rails_client_is_rejected_from_another_app_s_channel(server: RunningServer, client_folder: Path) -> None:
    channel = {"channel": "EventsChannel", "app": server.evil.app_key}
    async with node_client(client_folder, server.cable_url(), channel) as client:
        await client.hears("rejected")
