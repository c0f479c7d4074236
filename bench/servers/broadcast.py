"""The baseline: a server on the `websockets` library alone, which broadcasts a text of the same length."""

import asyncio
import json
import socket
from collections.abc import Callable
from contextlib import suppress

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.asyncio.server import serve as serve_websockets
from websockets.exceptions import ConnectionClosed

from bench.listeners import CONTROL_PATH, IDENTIFIER, said


def serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until killed."""
    uvloop.run(_serve(listener, on_ready))


async def _serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    listening: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        if connection.request is not None and connection.request.path == CONTROL_PATH:
            with suppress(ConnectionClosed):
                async for number in connection:
                    message = {"identifier": json.dumps(IDENTIFIER), "message": said(int(number))}
                    broadcast(listening, json.dumps(message, separators=(",", ":")))
        else:
            listening.add(connection)
            await connection.send("confirm_subscription")
            await connection.wait_closed()
            listening.discard(connection)

    async with serve_websockets(handle, sock=listener, compression=None, ping_interval=None):
        on_ready()
        await asyncio.get_running_loop().create_future()
