"""`chaskiq worker`: the background work in a process of its own."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import anyio
import typer

from chaskiq_core.errors import SettingsError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.settings import load_settings
from chaskiq_core.telemetry import Telemetry
from chaskiq_server.logs import configure_logging
from chaskiq_server.tracing import spans_from
from chaskiq_server.working import work_until_told


def add_to(app: typer.Typer) -> None:
    """Make it a command."""
    app.command("worker", epilog="Example: chaskiq worker")(run_worker)


def run_worker(
    metrics_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Serve /metrics at this port; 0 is any free one.")
    ] = None,
    metrics_host: Annotated[str, typer.Option(help="The address that /metrics listens on.")] = "127.0.0.1",
) -> None:
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
    chaskiq = Chaskiq(settings, telemetry=Telemetry(tracer=spans_from(os.environ)))
    with _listening(metrics_host, metrics_port) as listener:
        anyio.run(work_until_told, chaskiq, listener, backend_options={"use_uvloop": sys.platform != "win32"})


@contextmanager
def _listening(host: str, port: int | None) -> Iterator[socket.socket | None]:
    if port is None:
        yield None
        return
    # uvicorn, which a worker without metrics does not need
    from chaskiq_server.serving import bind

    with bind(host, port) as listener:
        yield listener
