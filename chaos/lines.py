"""A process of the campaign's own that says things in lines of JSON."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[1]
Told: TypeAlias = dict[str, object]


class EndedError(Exception):
    """It ended before its time; why is on stderr."""


class Talker:
    """A running process, and the last thing it said."""

    def __init__(self, process: Process, on_line: Callable[[Told], None]) -> None:
        self.process = process
        self.last: Told = {}
        self._on_line = on_line
        self._said = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def says(self, name: str) -> Told:
        """The next line that has this field; EndedError if it ends before."""
        while name not in self.last:
            self._said.clear()
            if self._listening.done():
                raise EndedError(f"a process of the campaign ended without saying {name!r}")
            await self._said.wait()
        return self.last

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        try:
            async for line in self.process.stdout:
                self.last = json.loads(line)
                self._on_line(self.last)
                self._said.set()
        finally:
            self._said.set()


@asynccontextmanager
async def talking(
    module: str, *arguments: str, on_line: Callable[[Told], None] = lambda told: None
) -> AsyncIterator[Talker]:
    """A Python module as a process, killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments, stdout=PIPE, cwd=ROOT)
    try:
        yield Talker(process, on_line)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
