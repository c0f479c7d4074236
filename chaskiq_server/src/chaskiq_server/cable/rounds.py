"""What is done for all connections again and again: pings, and a look at their tokens and at who takes nothing."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from chaskiq_core.errors import UnavailableError
from chaskiq_server.cable.connection import Connection
from chaskiq_server.cable.outbox import Message
from chaskiq_server.cable.protocol import Reason, ping


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a connection is looked after, and how many there may be."""

    ping_seconds: float = 3
    recheck_seconds: float = 30
    """How long a revoked token may go on listening."""
    send_seconds: float = 20
    """How long a client may take for one message."""
    max_connections: int = 10_000
    """Of one process."""
    max_connections_of_a_token: int = 100


class Rounds:
    """The connections of one process."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._connections: dict[str, set[Connection]] = defaultdict(set)
        self.accepted = 0
        """WebSockets that are open, signed in or not."""

    @property
    def is_full(self) -> bool:
        """Whether there are more than may be."""
        return self.accepted > self._pace.max_connections

    def has_enough_of(self, token: str) -> bool:
        """Whether a token may have no further connection."""
        return len(self._connections.get(token, ())) >= self._pace.max_connections_of_a_token

    def add(self, connection: Connection) -> None:
        """Look after a connection."""
        self._connections[connection.listener.proof].add(connection)

    def remove(self, connection: Connection) -> None:
        """No more."""
        self._connections[connection.listener.proof].discard(connection)
        if not self._connections[connection.listener.proof]:
            del self._connections[connection.listener.proof]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For the length of the block."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._ping)
            tasks.start_soon(self._recheck)
            yield
            tasks.cancel_scope.cancel()

    async def _ping(self) -> None:
        while True:
            await anyio.sleep(self._pace.ping_seconds)
            message = Message(ping(int(time.time())))
            for connections in tuple(self._connections.values()):
                for connection in tuple(connections):
                    connection.leave_if_stuck(self._pace.send_seconds)
                    connection.tell(message)

    async def _recheck(self) -> None:
        while True:
            await anyio.sleep(self._pace.recheck_seconds)
            for token in tuple(self._connections):
                connections = tuple(self._connections.get(token, ()))
                try:
                    if not connections or await connections[0].listener.may_stay():
                        continue
                except UnavailableError:
                    continue  # nothing is published while the database is away
                for connection in connections:
                    connection.end(Reason.UNAUTHORIZED)
