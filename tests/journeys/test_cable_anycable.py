"""The extended protocol with AnyCable's own client, `@anycable/core` in Node, unchanged."""

from pathlib import Path

import pytest

from chaskiq_core.model import Change
from chaskiq_core.store.unit import HouseUnit, Unit
from tests.harness.node_clients import ANYCABLE, NodeClient, install_client, node_client
from tests.harness.server import RunningServer

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def client_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_client(ANYCABLE, tmp_path_factory.mktemp("anycable_client"))


def publish(unit: Unit, number: int) -> None:
    unit.publish("events", audience="agents", payload={"type": "notification", "data": number})


async def test_anycable_s_client_hears_what_was_said_while_it_was_away(
    server: RunningServer, client_folder: Path
) -> None:
    channel = {"channel": "EventsChannel", "app": server.acme.app_key}
    async with node_client(client_folder, server.cable_url(), channel) as client:
        await client.hears("connected")
        await client.hears("history_received")
        await server.house.system.write(publish, 0)
        assert await client.hears("received") == {"type": "notification", "data": 0}

        for cut in range(3):
            await client.cut()
            for number in range(10):
                await server.house.system.write(publish, cut * 10 + number + 1)
            await hears_all(client, *range(cut * 10 + 1, cut * 10 + 11))


async def test_anycable_s_client_is_told_that_what_it_missed_is_forgotten(
    server: RunningServer, client_folder: Path
) -> None:
    async with node_client(client_folder, server.cable_url(), {"channel": "EventsChannel"}) as client:
        await client.hears("connected")
        await client.hears("history_received")
        await server.house.system.write(publish, 0)
        await client.hears("received")
        await server.chaskiq.store.house_write(forget_all)
        await client.cut()

        await client.hears("connected")
        await client.hears("history_not_found")
        await server.house.system.write(publish, 1)
        assert await client.hears("received") == {"type": "notification", "data": 1}


async def test_anycable_s_client_is_rejected_from_another_app_s_channel(
    server: RunningServer, client_folder: Path
) -> None:
    channel = {"channel": "EventsChannel", "app": server.evil.app_key}
    async with node_client(client_folder, server.cable_url(), channel) as client:
        await client.hears("rejected")


async def hears_all(client: NodeClient, *numbers: int) -> None:
    """Each of them after a reconnection; on PostgreSQL earlier ones may come again."""
    missing = set(numbers)
    while missing:
        event, data = await client.next()
        if event == "received":
            assert isinstance(data, dict)
            missing.discard(data["data"])


def forget_all(house: HouseUnit) -> None:
    house.change(house.delete(Change).prefix_with("/* house */"))
