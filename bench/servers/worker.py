"""A worker as `chaskiq worker` runs it, but for its log; it answers nobody."""

import gc
import logging
import socket
from collections.abc import Callable

import anyio

from bench.house import settings_of
from chaskiq_core.hub import Chaskiq
from tests.harness.tiny_channel import TinyChannel


def serve(
    listener: socket.socket,
    on_ready: Callable[[], None],
    database_url: str,
    redis_url: str | None,
    channel: TinyChannel | None = None,
) -> None:
    """Work until killed, with Telegram or a channel of the bench's own; the socket is for nobody."""
    logging.getLogger("chaskiq").setLevel(logging.ERROR)
    settings = settings_of(database_url, redis_url, plugins="tiny" if channel else "telegram")
    chaskiq = Chaskiq(settings, plugins={"tiny": channel} if channel else {})
    anyio.run(_work, chaskiq, on_ready, backend_options={"use_uvloop": True})


async def _work(chaskiq: Chaskiq, on_ready: Callable[[], None]) -> None:
    async with chaskiq:
        gc.collect()
        gc.freeze()
        on_ready()
        await chaskiq.work()
