"""`python -m bench.load_process`: asks a server over keep-alive connections, as told by lines of JSON on its input.

A line is a turn: `{"port", "path", "clients", "count", "provider"}`. It connects, has all requests ready, answers
`ready`, and begins with the next line, whatever it says; then it answers `{"p50_ms", "p99_ms"}`, or ends with a
sentence if a request was not answered 200. Each client has one request under way.
"""

import asyncio
import itertools
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import cast

import anyio

from bench import slack_events, updates
from bench.updates import LOOPBACK

POSTS = {"telegram": updates.posted, "slack": slack_events.posted}
"""By provider: the body of a number, and the headers that go with it."""
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class NotAcknowledgedError(Exception):
    """A request was not answered 200."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Whom to ask, how often in all, by how many clients at a time, and as which provider."""

    port: int
    path: str
    clients: int
    count: int
    provider: str = "telegram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long answers took."""

    p50_ms: float
    p99_ms: float


@dataclass(slots=True)
class Tally:
    """What is left of a turn, and how long each answer took."""

    requests: Iterator[bytes]
    waiting: int
    over: "asyncio.Future[None]"
    seconds: list[float] = field(default_factory=list)

    def client_is_done(self) -> None:
        """One has nothing more to ask."""
        self.waiting -= 1
        if not self.waiting and not self.over.done():
            self.over.set_result(None)

    def fail(self, reason: str) -> None:
        """The turn is worth nothing."""
        if not self.over.done():
            self.over.set_exception(NotAcknowledgedError(reason))


class Client(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._read = b""
        self._asked_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own are no subclass of it

    def ask(self) -> None:
        """Send the next request, or be done."""
        assert self._transport is not None
        request = next(self._tally.requests, None)
        if request is None:
            self._tally.client_is_done()
            return
        self._asked_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end:
            return
        length = LENGTH.search(head)
        if length is None or not head.startswith(b"HTTP/1.1 200"):
            self._tally.fail(f"answered {self._read[:200]!r}")
        elif len(body) >= int(length[1]):
            self._read = b""
            self._tally.seconds.append(time.perf_counter() - self._asked_at)
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        self._tally.fail("the server hung up")

    def hang_up(self) -> None:
        """Close the connection."""
        assert self._transport is not None
        self._transport.close()


async def main() -> None:
    """Take turns until the input ends."""
    numbers = itertools.count()
    lines = anyio.wrap_file(sys.stdin)
    async for line in lines:
        turn = Turn(**json.loads(line))
        requests = [_request(turn, number) for number in itertools.islice(numbers, turn.count)]
        tally = Tally(iter(requests), turn.clients, asyncio.get_running_loop().create_future())
        clients = [await _connect(turn, tally) for _ in range(turn.clients)]
        print("ready", flush=True)
        await lines.readline()
        for client in clients:
            client.ask()
        await tally.over
        print(json.dumps(asdict(_waits(tally.seconds))), flush=True)
        for client in clients:
            client.hang_up()


async def _connect(turn: Turn, tally: Tally) -> Client:
    _, client = await asyncio.get_running_loop().create_connection(lambda: Client(tally), LOOPBACK, turn.port)
    return client


def _request(turn: Turn, number: int) -> bytes:
    body, headers = POSTS[turn.provider](number)
    head = (
        f"POST {turn.path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        + "Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n\r\n"
    )
    return head.encode() + body


def _waits(seconds: list[float]) -> Waits:
    in_order = sorted(seconds)
    return Waits(p50_ms=in_order[len(in_order) // 2] * 1000, p99_ms=in_order[len(in_order) * 99 // 100] * 1000)


if __name__ == "__main__":
    try:
        anyio.run(main, backend_options={"use_uvloop": True})
    except NotAcknowledgedError as error:
        sys.exit(f"load: a request was not answered 200: {error}")
