"""`chaskiq db`: migrations."""

import anyio
import typer

from chaskiq_core.hub import Chaskiq
from chaskiq_core.settings import load_settings
from chaskiq_core.store.migrate import latest_version
from chaskiq_server.cli.answers import show

group = typer.Typer(name="db", help="The database.")


@group.command("upgrade", epilog="Example: chaskiq db upgrade")
def upgrade() -> None:
    """Bring the schema up to what this version needs; SQLite does so by itself at every command."""
    chaskiq = Chaskiq(load_settings(), owner=False)
    anyio.run(_upgrade, chaskiq)
    show({"database": chaskiq.settings.database_url.partition(":")[0], "version": latest_version()})


async def _upgrade(chaskiq: Chaskiq) -> None:
    # SQLAlchemy's asyncio and asyncpg, which no other command needs on SQLite
    from chaskiq_core.store.postgres_store import PostgresStore

    if isinstance(chaskiq.store, PostgresStore):
        await chaskiq.store.upgrade()
    async with chaskiq:
        pass
