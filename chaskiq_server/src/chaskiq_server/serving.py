"""An app on a socket: bound first, opened, served by uvicorn, closed; for `chaskiq serve` and the demo."""

import gc
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
import uvicorn
from starlette.applications import Starlette

from chaskiq_core.errors import UnavailableError
from chaskiq_server.direct_websocket import DirectWebSocket
from chaskiq_server.signals import told_to_stop

LOOPBACK = "127.0.0.1"
SHUTDOWN_SECONDS = 5
"""How long open requests may take to end."""
BACKLOG = 2048
UNTAKEN_SECONDS = 60
"""How long a client may take nothing of what was written to it: else one that was cut off would hold its socket."""
MAX_MESSAGE_BYTES = 128 * 1024
"""Of a WebSocket; commands are far shorter."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, 0 being any free port; UnavailableError with a sentence if it can't be had."""
    try:
        [(family, *_), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise UnavailableError(f"{host}:{port} can't be listened on: {reason}") from error
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; every connection takes it over
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNTAKEN_SECONDS * 1000)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a socket is reached from this machine."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


async def serve(
    app: Starlette, listener: socket.socket, *, on_ready: Callable[[], None], on_stop: Callable[[], None]
) -> None:
    """Serve until SIGINT or SIGTERM, then finish what has begun; a second one ends it at once."""
    async with serving(app, listener):
        # All that stands now stays: without this, a full collection looks at it again and again, 100 ms each time.
        gc.collect()
        gc.freeze()
        on_ready()
        await told_to_stop()
        on_stop()


@asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """The app answers on the socket for the length of the block.

    Its lifespan is run here, not by uvicorn, so that what stops it from opening is raised and no traceback is logged.
    """
    async with app.router.lifespan_context(app), anyio.create_task_group() as tasks:
        server = _Server(app)
        tasks.start_soon(server.serve, [listener])
        await server.ready.wait()
        try:
            yield
        finally:
            server.should_exit = True


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready and leaves signals to whoever runs it."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="httptools",
                ws=DirectWebSocket,
                ws_max_size=MAX_MESSAGE_BYTES,
                ws_per_message_deflate=False,  # 50 kB a connection, and each message compressed for each
                lifespan="off",
                log_config=None,
                # tokens are in the paths: the app logs route templates itself
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
        )
        self.ready = anyio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
