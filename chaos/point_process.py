"""A server that kills itself at the n-th commit, send or receive after it was armed by SIGUSR1; SIGUSR2 disarms it.

On SQLite a commit is a COMMIT about to be carried out; on PostgreSQL it is one of the sends. At a send it dies before
the bytes leave, at a receive after they have come. It runs on asyncio's own loop, whose sockets can be watched.
"""

import os
import signal
import socket
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import anyio

from chaos.echo import echo
from chaos.plan import LOOPBACK
from chaskiq_core import Chaskiq, load_settings
from chaskiq_core.store.postgres_store import PostgresStore
from chaskiq_core.store.sqlite_store import SqliteStore
from chaskiq_core.store.store import Store
from chaskiq_server import serving
from chaskiq_server.app import create_app

VARIABLE = "CHAOS_POINT"
WAKE_UP = b"\0"
WAKE_UP_SIZE = 4096
"""The event loop wakes itself through a pair of sockets: that is no point of a message's life."""


class Point:
    """Counts what happens, and ends the process at its number."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._count = 0
        self._armed = False

    def arm(self, *_: object) -> None:
        """Begin to count."""
        self._armed = True

    def disarm(self, *_: object) -> None:
        """Count no more."""
        self._armed = False

    def reach(self) -> None:
        """Something happens."""
        if self._armed:
            self._count += 1
            if self._count == self._at:
                os.kill(os.getpid(), signal.SIGKILL)

    def on_statement(self, statement: str) -> None:
        """SQLite is about to carry out a statement."""
        if statement.lstrip().upper().startswith("COMMIT"):
            self.reach()

    def watch_sockets(self) -> None:
        """Count each send and receive of this process."""
        for name in ("send", "recv", "recv_into"):
            setattr(socket.socket, name, self._watched(getattr(socket.socket, name), is_send=name == "send"))

    def _watched(self, original: Callable[..., object], *, is_send: bool) -> Callable[..., object]:
        def call(its: socket.socket, *arguments: object) -> object:
            wakes = bool(arguments) and arguments[0] in (WAKE_UP, WAKE_UP_SIZE)
            if is_send and not wakes:
                self.reach()
            done = original(its, *arguments)
            if not is_send and not wakes:
                self.reach()
            return done

        return call


def serve_until_point(arguments: Sequence[str]) -> int:
    """Serve with workers at the port that is the one argument."""
    point = Point(int(os.environ[VARIABLE]))
    signal.signal(signal.SIGUSR1, point.arm)
    signal.signal(signal.SIGUSR2, point.disarm)
    point.watch_sockets()
    settings = load_settings(plugins="telegram")
    chaskiq = Chaskiq(settings, plugins={"chaos_echo": echo}, store=_store(settings.database_url, point))
    app = create_app(chaskiq)
    with serving.bind(LOOPBACK, int(arguments[0])) as listener:
        ready = partial(print, "serving")
        anyio.run(
            partial(serving.serve, app, listener, on_ready=ready, on_stop=chaskiq.stop_work),
            backend_options={"use_uvloop": False},
        )
    return 0


def _store(url: str, point: Point) -> Store:
    if url.startswith("sqlite:///"):
        return SqliteStore(Path(url.removeprefix("sqlite:///")), trace=point.on_statement)
    return PostgresStore(url)
