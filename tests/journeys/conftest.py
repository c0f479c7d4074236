"""The server that the journeys over HTTP start from."""

from collections.abc import AsyncIterator

import pytest

from tests.harness.databases import Database
from tests.harness.server import RunningServer, running_server
from tests.harness.statements import StatementWatch


@pytest.fixture
async def server(database: Database, watch: StatementWatch) -> AsyncIterator[RunningServer]:
    """A running server on each database, whose statements are watched."""
    async with running_server(database, trace=watch) as server:
        yield server
