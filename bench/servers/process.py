"""Starts servers in processes of their own, and freezes each while others have their turns."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


class NotStartedError(Exception):
    """A server ended before it said its port; why is on stderr."""


@dataclass(frozen=True, slots=True)
class Command:
    """`bench.servers.MODULE` and its arguments."""

    module: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that answers at a port of this machine unless it is frozen: what it has to do is then no burden."""

    port: int
    _process: Process

    def wake(self) -> None:
        """Let it run."""
        self._process.send_signal(signal.SIGCONT)

    def freeze(self) -> None:
        """Stop it where it is."""
        self._process.send_signal(signal.SIGSTOP)


@asynccontextmanager
async def started_servers(*commands: Command) -> AsyncIterator[list[ServerProcess]]:
    """The servers, frozen; killed at the end: what they hold is thrown away."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", f"bench.servers.{command.module}", *command.arguments, stdout=PIPE
        )
        for command in commands
    ]
    try:
        yield [await _ready(command, process) for command, process in zip(commands, processes, strict=True)]
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _ready(command: Command, process: Process) -> ServerProcess:
    assert process.stdout is not None
    if not (port := await process.stdout.readline()):
        raise NotStartedError(command.module)
    server = ServerProcess(int(port), process)
    server.freeze()
    return server
