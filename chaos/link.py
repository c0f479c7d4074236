"""One keep-alive connection that asks one thing at a time: a client that costs less than any server."""

import asyncio
import re
from dataclasses import dataclass
from typing import cast

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


class NoAnswerError(Exception):
    """The connection ended, or time ran out, before the whole answer was there: it may have been acted upon."""


class Link(asyncio.Protocol):
    """A connection to a server of this machine, opened when it is needed."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._read = b""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None

    async def ask(self, request: bytes, *, seconds: float) -> Answer:
        """The answer to a request; NoAnswerError if there is none."""
        try:
            async with asyncio.timeout(seconds):
                if self._transport is None:
                    await asyncio.get_running_loop().create_connection(lambda: self, self._host, self._port)
                assert self._transport is not None
                self._answer = asyncio.get_running_loop().create_future()
                self._read = b""
                self._transport.write(request)
                return await self._answer
        except (TimeoutError, OSError) as error:
            self.hang_up()
            raise NoAnswerError(str(error) or type(error).__name__) from error

    def hang_up(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own are no subclass of it

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end or self._answer is None or self._answer.done():
            return
        length = LENGTH.search(head)
        if len(body) >= (int(length[1]) if length else 0):
            self._answer.set_result(Answer(int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("the server hung up"))


def post(path: str, body: bytes, **headers: str) -> bytes:
    """The bytes of a POST with a JSON body."""
    return _head("POST", path, {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}) + body


def get(path: str, **headers: str) -> bytes:
    """The bytes of a GET."""
    return _head("GET", path, headers)


def _head(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
