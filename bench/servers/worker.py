"""A worker as `chaskiq worker` runs it, but for its log; it answers nobody."""

import gc
import logging
import socket
from collections.abc import Callable

import anyio

from bench.house import settings_of
from chaskiq_core.hub import Chaskiq


def serve(listener: socket.socket, on_ready: Callable[[], None], database_url: str, redis_url: str) -> None:
    """Work until killed; the socket is for nobody."""
    logging.getLogger("chaskiq").setLevel(logging.ERROR)
    chaskiq = Chaskiq(settings_of(database_url, redis_url))
    anyio.run(_work, chaskiq, on_ready, backend_options={"use_uvloop": True})


async def _work(chaskiq: Chaskiq, on_ready: Callable[[], None]) -> None:
    async with chaskiq:
        gc.collect()
        gc.freeze()
        on_ready()
        await chaskiq.work()
