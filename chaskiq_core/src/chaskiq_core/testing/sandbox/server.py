"""A sandbox's app on a port, under uvicorn, with connections that can be reset.

A reset needs the connection's transport, which ASGI hides. uvicorn copies its protocol's `app_state` into the `state`
of every request's scope, so a protocol that adds one function there lends it to the app, and neither uvicorn's parser
nor its request cycle is touched. SO_LINGER 0 makes the kernel send an RST instead of a polite end.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import anyio
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from chaskiq_core.testing.sandbox.responses import RESET_CONNECTION
from chaskiq_core.testing.sandbox.tasks import owned_tasks

LOOPBACK = "127.0.0.1"
START_TIMEOUT_SECONDS = 10
STOP_TIMEOUT_SECONDS = 2


async def serve_app(app: ASGIApp, *, closing: anyio.Event, host: str = LOOPBACK, port: int) -> None:
    """Serve until SIGINT or SIGTERM; `closing` is set when calls that hang must let go."""
    await _Server(app, closing=closing, host=host, port=port, takes_signals=True).serve()


@asynccontextmanager
async def running_app(app: ASGIApp, *, closing: anyio.Event, port: int = 0) -> AsyncIterator[str]:
    """The base URL of the app on a loopback port for the length of the block; 0: any that is free."""
    listener = socket.create_server((LOOPBACK, port))
    server = _Server(app, closing=closing, host=LOOPBACK, port=0, takes_signals=False)
    async with owned_tasks() as tasks:
        tasks.start_soon(server.serve, [listener])
        try:
            with anyio.fail_after(START_TIMEOUT_SECONDS):
                await server.ready.wait()
            yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            with anyio.CancelScope(shield=True):
                await server.stopped.wait()


class _Protocol(H11Protocol):
    """A connection that lends its app the means to reset it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # why: as uvicorn's own
        super().connection_made(transport)
        self.app_state = {**self.app_state, RESET_CONNECTION: partial(_reset, transport)}


def _reset(transport: asyncio.Transport) -> None:
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class _Server(uvicorn.Server):
    """uvicorn, with calls that hang let go before it waits for them."""

    def __init__(self, app: ASGIApp, *, closing: anyio.Event, host: str, port: int, takes_signals: bool) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http=_Protocol,
                ws="none",
                lifespan="on",
                # the paths may hold tokens, so they must not be logged
                access_log=False,
                log_level="warning",
                log_config=None,
                timeout_graceful_shutdown=STOP_TIMEOUT_SECONDS,
            )
        )
        self.ready = anyio.Event()
        self.stopped = anyio.Event()
        self._closing = closing
        self._takes_signals = takes_signals

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().serve(sockets)
        finally:
            self.stopped.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if not self._takes_signals:
            yield
            return
        with super().capture_signals():
            yield
