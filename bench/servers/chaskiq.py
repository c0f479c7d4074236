"""Chaskiq as `chaskiq serve` runs it, but for its log."""

import logging
import socket
from collections.abc import Callable
from functools import partial

import anyio

from bench.house import settings_of
from chaskiq_core.hub import Chaskiq
from chaskiq_server import serving
from chaskiq_server.app import create_app


def serve(
    listener: socket.socket,
    on_ready: Callable[[], None],
    database_url: str,
    workers: bool,
    redis_url: str | None = None,
) -> None:
    """Serve until killed; `workers`: do the background work in this process, too."""
    logging.getLogger("chaskiq").setLevel(logging.ERROR)
    chaskiq = Chaskiq(settings_of(database_url, redis_url))
    app = create_app(chaskiq, workers=workers)
    anyio.run(
        partial(serving.serve, app, listener, on_ready=on_ready, on_stop=chaskiq.stop_work),
        backend_options={"use_uvloop": True},
    )
