"""Stands between us and PostgreSQL, and cuts the answer to COMMIT: before it, after it, or not at all."""

import enum
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
from anyio.abc import SocketStream

from tests.harness.databases import SOCKET_VARIABLE, Database, postgres_url


class Cut(enum.Enum):
    """What happens to the next COMMIT."""

    BEFORE = "the server never sees it"
    AFTER = "the server carries it out, the answer is lost"


class PostgresProxy:
    """Passes bytes both ways; `cut_next` says what to do with the next COMMIT."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cut_next: Cut | None = None
        self.cuts = 0

    async def serve(self, client: SocketStream) -> None:
        real = f"{os.environ[SOCKET_VARIABLE]}/.s.PGSQL.5432"
        async with client, await anyio.connect_unix(real) as server, anyio.create_task_group() as tasks:
            tasks.start_soon(self._answers, server, client, tasks.cancel_scope)
            with suppress(anyio.BrokenResourceError):
                async for data in client:
                    if self.cut_next and b"COMMIT" in data:
                        await self._cut(data, server, tasks.cancel_scope)
                        break
                    await server.send(data)
            tasks.cancel_scope.cancel()

    async def _cut(self, data: bytes, server: SocketStream, scope: anyio.CancelScope) -> None:
        cut, self.cut_next = self.cut_next, None
        self.cuts += 1
        if cut is Cut.AFTER:
            scope.cancel()
            with anyio.CancelScope(shield=True):
                await server.send(data)
                await server.receive()

    async def _answers(self, server: SocketStream, client: SocketStream, scope: anyio.CancelScope) -> None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            async for data in server:
                await client.send(data)
        scope.cancel()


@asynccontextmanager
async def a_proxy(database: Database, folder: Path) -> AsyncIterator[tuple[PostgresProxy, Database]]:
    """A proxy before a PostgreSQL database, and the same database as seen through it."""
    proxy = PostgresProxy(folder)
    listener = await anyio.create_unix_listener(folder / ".s.PGSQL.5432")
    name = database.url.split("/")[3].split("?")[0]
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, proxy.serve)
        yield proxy, Database(kind="postgres", url=postgres_url(str(folder), name))
        tasks.cancel_scope.cancel()
