"""Runs servers in processes of their own, and freezes each while others have their turns."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

from bench.updates import LOOPBACK
from chaskiq_server.serving import bind

OFTEN_STARTED = ["bench.servers.chaskiq", "bench.servers.plain", "bench.servers.worker"]
"""Imported once, in the process that the servers are forked from: it takes longer than what is measured."""


class NotStartedError(Exception):
    """A server ended before it answered; why is on stderr."""


@dataclass(frozen=True, slots=True)
class Command:
    """`serve` of `bench.servers.MODULE`, with these arguments behind the socket and what says that it answers."""

    module: str
    arguments: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that answers at a port of this machine unless it is frozen: what it has to do is then no burden."""

    port: int
    pid: int

    def wake(self) -> None:
        """Let it run."""
        os.kill(self.pid, signal.SIGCONT)

    def freeze(self) -> None:
        """Stop it where it is."""
        os.kill(self.pid, signal.SIGSTOP)


@asynccontextmanager
async def started_servers(*commands: Command) -> AsyncIterator[list[ServerProcess]]:
    """The servers, frozen; killed at the end: what they hold is thrown away."""
    context = get_context("forkserver")
    context.set_forkserver_preload(OFTEN_STARTED)
    started = []
    try:
        for command in commands:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_run, args=(command, theirs), daemon=True)
            process.start()
            theirs.close()
            started.append((process, ours))
        yield [await asyncio.to_thread(_frozen, process, ready) for process, ready in started]
    finally:
        for process, _ in started:
            process.kill()
            process.join()


def _run(command: Command, ready: Connection) -> None:
    serve: Callable[..., None] = import_module(f"bench.servers.{command.module}").serve
    with bind(LOOPBACK, 0) as listener:
        serve(listener, lambda: ready.send(listener.getsockname()[1]), *command.arguments)


def _frozen(process: ForkServerProcess, ready: Connection) -> ServerProcess:
    try:
        port: int = ready.recv()
    except EOFError as error:
        raise NotStartedError(process.name) from error
    assert process.pid is not None
    server = ServerProcess(port, process.pid)
    server.freeze()
    return server
