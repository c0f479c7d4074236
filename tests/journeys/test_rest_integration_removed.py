"""An integration that is removed over REST: its provider is told, and nothing secret of it stays."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chaskiq_core.model import Integration
from chaskiq_core.plugin import ChannelContext, RecipientError, RetryLaterError, hookimpl
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house import let_jobs_be_due
from tests.harness.server import RunningServer, running_server
from tests.harness.tiny_channel import TinyChannel, TinySettings

pytestmark = pytest.mark.anyio


class Leaving(TinyChannel):
    """Notes that it was told to forget our webhook."""

    def __init__(self) -> None:
        super().__init__()
        self.manifest = replace(self.manifest, offers=frozenset({"install", "uninstall"}))
        self.told: list[str] = []
        self.errors: list[Exception] = []

    @hookimpl
    async def uninstall(self, context: ChannelContext[TinySettings]) -> None:
        if self.errors:
            raise self.errors.pop()
        self.told.append(context.settings.secret_token)


@pytest.fixture
def channel() -> Leaving:
    return Leaving()


@pytest.fixture
async def server(database: Database, channel: Leaving) -> AsyncIterator[RunningServer]:
    async with running_server(database, tiny=channel) as server:
        yield server


def rows(unit: Unit) -> list[tuple[str, str]]:
    return [(one.state.value, one.secrets) for one in unit.all(unit.select(Integration))]


async def remove(server: RunningServer) -> None:
    answer = await server.call("DELETE", f"/integrations/{server.acme.integration}")
    assert answer.status_code == 204
    await server.house.quiet(each=lambda: server.house.system.write(let_jobs_be_due))


@pytest.mark.parametrize("errors", [[], [RetryLaterError("away")], [RecipientError("gone")]])
async def test_the_provider_of_an_unused_one_is_told_and_the_row_is_gone(
    server: RunningServer, channel: Leaving, errors: list[Exception]
) -> None:
    channel.errors = list(errors)

    await remove(server)

    assert len(channel.told) == (0 if errors and isinstance(errors[0], RecipientError) else 1)
    assert await server.house.system.read(rows) == []
    assert (await server.call("GET", f"/integrations/{server.acme.integration}")).status_code == 404


async def test_one_that_carried_messages_stays_without_its_secrets_and_hears_nothing(
    server: RunningServer, channel: Leaving
) -> None:
    key = await server.customer_writes("Hello")

    await remove(server)

    assert len(channel.told) == 1
    assert await server.house.system.read(rows) == [("paused", "")]
    assert (await server.hook({"id": 2, "chat": "7", "text": "Still there?"})).status_code == 404
    assert (await server.call("GET", f"/conversations/{key}")).status_code == 200
