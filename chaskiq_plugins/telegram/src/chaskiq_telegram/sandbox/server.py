"""The sandbox on a port, under uvicorn, with connections that can be reset.

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
from pathlib import Path
from typing import Unpack

import anyio
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from chaskiq_telegram.sandbox.app import app_of
from chaskiq_telegram.sandbox.responses import RESET_CONNECTION
from chaskiq_telegram.sandbox.sandbox import SandboxOptions, TelegramSandbox
from chaskiq_telegram.sandbox.tasks import owned_tasks

LOOPBACK = "127.0.0.1"
START_TIMEOUT_SECONDS = 10
STOP_TIMEOUT_SECONDS = 2


def run(host: str = LOOPBACK, port: int = 8081, path: Path | None = None, **options: Unpack[SandboxOptions]) -> None:
    """Serve a sandbox until the process is told to stop."""
    anyio.run(partial(serve, host, port, path, **options))


async def serve(
    host: str = LOOPBACK, port: int = 8081, path: Path | None = None, **options: Unpack[SandboxOptions]
) -> None:
    """Serve a sandbox until SIGINT or SIGTERM, in a running loop."""
    await _Server(TelegramSandbox(path, **options), host=host, port=port, takes_signals=True).serve()


@asynccontextmanager
async def running_sandbox(
    sandbox: TelegramSandbox | None = None,
    *,
    path: Path | None = None,
    port: int = 0,
    **options: Unpack[SandboxOptions],
) -> AsyncIterator[str]:
    """The base URL of a sandbox, this one or a new one, on a loopback port for the length of the block; 0: any."""
    listener = socket.create_server((LOOPBACK, port))
    server = _Server(sandbox or TelegramSandbox(path, **options), host=LOOPBACK, port=0, takes_signals=False)
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

    def __init__(self, sandbox: TelegramSandbox, *, host: str, port: int, takes_signals: bool) -> None:
        super().__init__(
            uvicorn.Config(
                app_of(sandbox),
                host=host,
                port=port,
                http=_Protocol,
                ws="none",
                lifespan="on",
                # the paths hold tokens, so they must not be logged
                access_log=False,
                log_level="warning",
                log_config=None,
                timeout_graceful_shutdown=STOP_TIMEOUT_SECONDS,
            )
        )
        self.ready = anyio.Event()
        self.stopped = anyio.Event()
        self._sandbox = sandbox
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
        self._sandbox.closing.set()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if not self._takes_signals:
            yield
            return
        with super().capture_signals():
            yield
