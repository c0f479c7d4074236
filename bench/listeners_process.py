"""`python -m bench.listeners_process`: listens on WebSockets and has things said, as told by lines of JSON.

`{"port", "paths", "sockets"}` connects and subscribes so many, round robin over the paths; `{"port", "count"}` has so
many messages said on that server, one after the other has reached all; `{}` lets all sockets go. Each is answered by a
line when it is done. The sockets do no more than look for the message: the server's time is what is measured.
"""

import asyncio
import json
import re
import sys
from typing import cast

import uvloop

from bench.listeners import CONTROL_PATH, IDENTIFIER
from bench.updates import LOOPBACK

SUBSCRIBE = json.dumps({"command": "subscribe", "identifier": json.dumps(IDENTIFIER)}).encode()
PING = re.compile(rb"\x89\x04(....)", re.DOTALL)
TAIL = 200
"""Bytes of a segment that are looked at again with the next: a message may lie across two."""
AT_A_TIME = 50
LONGEST_SECONDS = 60
NO_MASK = bytes(4)


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """A client's frame; its mask changes nothing."""
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + NO_MASK + payload


class Socket(asyncio.Protocol):
    """One WebSocket."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._rest = b""
        self._wanted = b""
        self._heard = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own are no subclass of it
        self.transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def send(self, payload: bytes) -> None:
        assert self.transport is not None
        self.transport.write(frame(payload))

    def want(self, text: bytes) -> "asyncio.Future[None]":
        """Done once the text was heard."""
        self._wanted = text
        self._heard = asyncio.get_running_loop().create_future()
        self._look(self._rest)
        return self._heard

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        self._look(data)
        if (ping := PING.search(data)) and self.transport:
            self.transport.write(frame(ping.group(1), 10))
            data = data[ping.end() :]
        self._rest = data[-TAIL:]

    def _look(self, data: bytes) -> None:
        if self._wanted and self._wanted in data:
            self._wanted = b""
            self._heard.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._heard.done():
            self._heard.set_exception(ConnectionError("the server ended a connection"))


async def connect(port: int, path: str, wanted: bytes) -> Socket:
    """A socket that has heard something."""
    socket = Socket(path)
    heard = socket.want(wanted)
    await asyncio.get_running_loop().create_connection(lambda: socket, LOOPBACK, port)
    await heard
    return socket


async def connect_and_subscribe(port: int, path: str) -> Socket:
    """A socket that hears what is said."""
    socket = await connect(port, path, b"\r\n\r\n")
    heard = socket.want(b"confirm_subscription")
    socket.send(SUBSCRIBE)
    await heard
    return socket


class Stage:
    """All sockets, by the port of their server, and the one on each by which things are said."""

    def __init__(self) -> None:
        self._sockets: dict[int, list[Socket]] = {}
        self._controls: dict[int, Socket] = {}
        self._number = 0

    async def connect(self, port: int, paths: list[str], count: int) -> None:
        party = self._sockets[port] = []
        for first in range(0, count, AT_A_TIME):
            numbers = range(first, min(first + AT_A_TIME, count))
            party += await asyncio.gather(*(connect_and_subscribe(port, paths[n % len(paths)]) for n in numbers))
        self._controls[port] = await connect(port, CONTROL_PATH, b"\r\n\r\n")

    async def say(self, port: int, count: int) -> None:
        for _ in range(count):
            self._number += 1
            heard = [socket.want(b'"number":%d,' % self._number) for socket in self._sockets[port]]
            self._controls[port].send(str(self._number).encode())
            await asyncio.gather(*heard)

    def disconnect(self) -> None:
        for socket in [*self._controls.values(), *(one for party in self._sockets.values() for one in party)]:
            if socket.transport:
                socket.transport.abort()
        self._sockets.clear()
        self._controls.clear()


async def main() -> None:
    stage = Stage()
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        async with asyncio.timeout(LONGEST_SECONDS):
            if "paths" in asked:
                await stage.connect(asked["port"], asked["paths"], asked["sockets"])
            elif "count" in asked:
                await stage.say(asked["port"], asked["count"])
            else:
                stage.disconnect()
        print("done", flush=True)


if __name__ == "__main__":
    uvloop.run(main())
