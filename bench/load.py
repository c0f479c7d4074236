"""The load on a server: asked for by the benches, made in a process of its own that costs less than any server."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict

from bench.load_process import Turn, Waits
from bench.measure import Contender, Spread, spread_of
from bench.servers.process import ServerProcess


class NotAnsweredError(Exception):
    """A request was not answered 200; why is on stderr."""


class Load:
    """Clients of one server at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def aim(self, turn: Turn) -> None:
        """Connect, and have all requests ready."""
        await self._ask(json.dumps(asdict(turn)))

    async def fire(self) -> Waits:
        """Send the requests; returns when all are answered."""
        return Waits(**json.loads(await self._ask("go")))

    async def _ask(self, line: str) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        if not (answer := await self._process.stdout.readline()):
            raise NotAnsweredError(line)
        return answer


@asynccontextmanager
async def started_load() -> AsyncIterator[Load]:
    """The process, for the length of the block."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.load_process", stdin=PIPE, stdout=PIPE)
    try:
        yield Load(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Asked:
    """A server that is asked in its turns, awake for their length with what works for it, and what is known of them."""

    def __init__(
        self,
        load: Load,
        server: ServerProcess,
        path: str,
        *,
        clients: int,
        provider: str = "telegram",
        workers: Sequence[ServerProcess] = (),
    ) -> None:
        self._load = load
        self._server = server
        self._path = path
        self._clients = clients
        self._provider = provider
        self._workers = workers
        self._waits: list[Waits] = []

    def contender(self, name: str) -> Contender:
        """One whose work is to answer."""
        return Contender(name, work=self._answer, prepare=self._prepare)

    def p99_ms(self, repeats: int) -> Spread:
        """What one answer in a hundred took longer than, in the repeats that count."""
        return spread_of([waits.p99_ms for waits in self._waits[-repeats:]])

    def p99_ratio(self, other: "Asked", repeats: int) -> Spread:
        """The same against another's, within each repeat."""
        pairs = zip(self._waits[-repeats:], other._waits[-repeats:], strict=True)
        return spread_of([ours.p99_ms / theirs.p99_ms for ours, theirs in pairs])

    async def _prepare(self, count: int) -> None:
        for process in (self._server, *self._workers):
            process.wake()
        await self._load.aim(
            Turn(port=self._server.port, path=self._path, clients=self._clients, count=count, provider=self._provider)
        )

    async def _answer(self, count: int) -> None:
        self._waits.append(await self._load.fire())
        for process in (self._server, *self._workers):
            process.freeze()
