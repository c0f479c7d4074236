"""`chaskiq worker`: the background work in a process of its own."""

import sys

import anyio
import typer

from chaskiq_core.errors import SettingsError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.settings import load_settings
from chaskiq_server.logs import configure_logging
from chaskiq_server.working import work_until_told


def add_to(app: typer.Typer) -> None:
    """Make it a command."""
    app.command("worker", epilog="Example: chaskiq worker")(run_worker)


def run_worker() -> None:
    """Take in what came and send what goes out, beside `chaskiq serve --no-workers`; run as many as you like.

    Needs PostgreSQL and Redis. Told to stop (SIGTERM), it finishes what it is sending and ends within ten seconds.
    """
    settings = load_settings()
    if settings.redis_url is None:
        raise SettingsError("CHASKIQ_REDIS_URL is not set: a worker hears of new work through Redis")
    if settings.database_url.startswith("sqlite"):
        raise SettingsError(
            "CHASKIQ_DATABASE_URL: SQLite is for one process, and `chaskiq serve` works in it; workers need PostgreSQL"
        )
    configure_logging(settings.log_format)
    anyio.run(work_until_told, Chaskiq(settings), backend_options={"use_uvloop": sys.platform != "win32"})
