"""Listeners on WebSockets: what they are told, and the process that plays any number of them, as the benches ask it."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

from bench.updates import TEXT

CONTROL_PATH = "/said"
IDENTIFIER = {"channel": "EventsChannel"}


def said(number: int) -> dict[str, object]:
    """What is told: about as long as a part."""
    return {"type": "conversation_part", "data": {"number": number, "text": TEXT, "html": TEXT * 8}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who listens: sockets on one server, which may be reached by several paths."""

    port: int
    paths: Sequence[str]
    sockets: int


class Listeners:
    """The process with the sockets."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def connect(self, party: Party) -> None:
        """Connect all, and have all subscribed."""
        await self._ask(json.dumps(asdict(party)))

    async def hear(self, port: int, count: int) -> None:
        """Have so many messages said on a server, each when the one before has reached the last."""
        await self._ask(json.dumps({"port": port, "count": count}))

    async def disconnect(self) -> None:
        """Let all sockets go."""
        await self._ask("{}")

    async def _ask(self, line: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        if not await self._process.stdout.readline():
            raise ConnectionError(line)  # why is on stderr


@asynccontextmanager
async def started_listeners() -> AsyncIterator[Listeners]:
    """The process, for the length of the block."""
    command = (sys.executable, "-m", "bench.listeners_process")
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield Listeners(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
