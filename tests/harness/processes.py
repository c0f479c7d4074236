"""Starts, feeds and kills the processes of `seam_process`."""

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

from chaskiq_core.model.ids import AppId, IntegrationId
from tests.harness.databases import Database

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class SeamProcess:
    """One running process; `kept` is what it said it has stored."""

    process: Process
    kept: list[str] = field(default_factory=list)
    ready: anyio.Event = field(default_factory=anyio.Event)
    heard: anyio.Condition = field(default_factory=anyio.Condition)
    ended: bool = False

    async def listen(self) -> None:
        assert self.process.stdout is not None
        rest = ""
        async for text in TextReceiveStream(self.process.stdout):
            *lines, rest = (rest + text).split("\n")
            for line in lines:
                if line == "ready":
                    self.ready.set()
                elif line.startswith("kept "):
                    self.kept.append(line.removeprefix("kept "))
            async with self.heard:
                self.heard.notify_all()
        self.ended = True
        self.ready.set()
        async with self.heard:
            self.heard.notify_all()

    async def feed(self, key: str, lane: str) -> None:
        """Hand it a webhook; a dead process takes nothing."""
        assert self.process.stdin is not None
        try:
            await self.process.stdin.send(f"{key} {lane}\n".encode())
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            self.ended = True

    async def has_kept(self, count: int) -> None:
        """Wait until it has said so often enough, or is dead."""
        async with self.heard:
            while len(self.kept) < count and not self.ended:
                await self.heard.wait()

    def kill(self) -> None:
        """SIGKILL: nothing can be tidied up."""
        os.kill(self.process.pid, signal.SIGKILL)


@asynccontextmanager
async def a_process(
    database: Database, app_id: AppId, integration_id: IntegrationId, *options: str
) -> AsyncIterator[SeamProcess]:
    """A process on the database; it is killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.harness.seam_process", database.url, str(app_id), str(integration_id)]
    process = await anyio.open_process([*command, *options], cwd=ROOT, stderr=None)
    seam = SeamProcess(process)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(seam.listen)
        with anyio.fail_after(20):
            await seam.ready.wait()
        yield seam
        if process.returncode is None:
            process.kill()
        await process.wait()
        tasks.cancel_scope.cancel()
    await process.aclose()
