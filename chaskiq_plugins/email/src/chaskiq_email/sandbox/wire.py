"""A connection of a client that speaks in lines: read, answered, hung up on, or reset."""

import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import anyio
from anyio.abc import SocketAttribute, SocketStream

from chaskiq_core.testing.sandbox import LOOPBACK, FaultKind, first_of, owned_tasks
from chaskiq_email.sandbox.faults import Fault
from chaskiq_email.sandbox.sandbox import MailSandbox

MAX_BYTES = 40_000_000
GONE = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)


class HungUpError(Exception):
    """The conversation is over."""


class Wire:
    """One client."""

    def __init__(self, stream: SocketStream, sandbox: MailSandbox) -> None:
        self._stream = stream
        self._sandbox = sandbox
        self._buffer = bytearray()

    async def line(self) -> bytes:
        """The next line without its end; HungUpError when there is none."""
        return await self.until(b"\r\n")

    async def until(self, end: bytes) -> bytes:
        """All up to there."""
        looked = 0
        while (at := self._buffer.find(end, max(0, looked - len(end)))) < 0:
            looked = len(self._buffer)
            if looked > MAX_BYTES:
                raise HungUpError
            await self._more()
        found = bytes(self._buffer[:at])
        del self._buffer[: at + len(end)]
        return found

    async def exactly(self, count: int) -> bytes:
        """So many bytes."""
        while len(self._buffer) < count:
            await self._more()
        found = bytes(self._buffer[:count])
        del self._buffer[:count]
        return found

    async def send(self, *lines: str | bytes) -> None:
        """Lines, each with its end."""
        said = b"".join((line.encode() if isinstance(line, str) else line) + b"\r\n" for line in lines)
        try:
            await self._stream.send(said)
        except GONE as error:
            raise HungUpError from error

    async def go_wrong(self, fault: Fault, *, answer: Callable[[], Awaitable[object]] | None = None) -> None:
        """What a fault without an answer of its own does to a connection; `answer` is what would have been said."""
        match fault.kind:
            case FaultKind.HANG:
                await self._wait(fault.seconds)
            case FaultKind.SLOW:
                await self._wait(fault.seconds)
                if answer is not None:
                    await answer()
                return
            case FaultKind.GARBAGE:
                await self.send("hello there")
                return
            case FaultKind.RESET_BEFORE | FaultKind.RESET_AFTER:
                self._reset()
            case _:
                await self.send("500 5.5.1 this fault is none of a mail server")
                return
        raise HungUpError

    async def _wait(self, seconds: float) -> None:
        await first_of(lambda: self._sandbox.pause(seconds), self._sandbox.closing.wait)

    def _reset(self) -> None:
        # SO_LINGER 0 makes the kernel send an RST instead of a polite end
        connection = self._stream.extra(SocketAttribute.raw_socket)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def _more(self) -> None:
        try:
            self._buffer += await self._stream.receive(65_536)
        except GONE as error:
            raise HungUpError from error


Talk: TypeAlias = Callable[[Wire], Awaitable[None]]


@asynccontextmanager
async def listening(sandbox: MailSandbox, talk: Talk, *, port: int) -> AsyncIterator[int]:
    """The port on which clients are talked to inside the block; 0: any that is free."""

    async def welcome(stream: SocketStream) -> None:
        async with stream:
            try:
                await talk(Wire(stream, sandbox))
            except HungUpError:
                return

    listener = await anyio.create_tcp_listener(local_host=LOOPBACK, local_port=port, family=socket.AF_INET)
    async with listener, owned_tasks() as tasks:
        tasks.start_soon(listener.serve, welcome)
        yield listener.extra(SocketAttribute.local_port)
