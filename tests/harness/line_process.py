"""A process that is spoken to in lines: started, fed, listened to, killed."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class LineProcess:
    """One running process and what it has said."""

    process: Process
    lines: list[str] = field(default_factory=list)
    heard: anyio.Condition = field(default_factory=anyio.Condition)
    ended: bool = False

    async def says(self, start: str, *, times: int = 1, seconds: float = 30) -> None:
        """Wait until it has said so often enough; AssertionError if it ends before."""
        with anyio.fail_after(seconds):
            async with self.heard:
                while sum(line.startswith(start) for line in self.lines) < times:
                    assert not self.ended, f"it ended without saying {start!r} {times} times"
                    await self.heard.wait()

    async def feed(self, line: str) -> None:
        """Hand it a line; a dead process takes nothing."""
        assert self.process.stdin is not None
        try:
            await self.process.stdin.send(line.encode() + b"\n")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            self.ended = True

    async def kill(self) -> None:
        """SIGKILL: nothing can be tidied up."""
        os.kill(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def listen(self) -> None:
        assert self.process.stdout is not None
        rest = ""
        async for text in TextReceiveStream(self.process.stdout):
            *lines, rest = (rest + text).split("\n")
            async with self.heard:
                self.lines.extend(lines)
                self.heard.notify_all()
        async with self.heard:
            self.ended = True
            self.heard.notify_all()


@asynccontextmanager
async def a_line_process(module: str, *arguments: str) -> AsyncIterator[LineProcess]:
    """A Python module as a process, once it said `ready`; killed at the end if it still runs."""
    process = await anyio.open_process([sys.executable, "-m", module, *arguments], cwd=ROOT, stderr=None)
    running = LineProcess(process)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(running.listen)
        try:
            await running.says("ready")
            yield running
        finally:
            with anyio.CancelScope(shield=True):
                if process.returncode is None:
                    process.kill()
                await process.wait()
            tasks.cancel_scope.cancel()
    await process.aclose()
