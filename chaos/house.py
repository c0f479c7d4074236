"""The processes under test: `chaskiq serve`, and workers beside it, each killed, stopped and started at will.

They run the real command in processes forked from one that has imported it: what is measured is not Python's import.
"""

import asyncio
import io
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psutil
from typer.main import get_command

from chaos.link import Link, NoAnswerError, get
from chaos.plan import LOOPBACK
from chaskiq_server.cli import run
from chaskiq_server.cli.command import app

SECRET_KEY = "a secret key of the fault campaign, long enough"
LIFE = "--- a new process\n"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
PRELOADED = ["chaos.__main__", "chaskiq_server.app", "chaskiq_server.serving", "chaskiq_telegram", "chaos.echo"]
ENTRY_POINT = "[chaskiq]\nchaos_echo = chaos.echo:echo\n"


class FailedError(Exception):
    """A command that had to succeed did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the processes run: a folder, and what their environment says."""

    folder: Path
    environment: Mapping[str, str]

    def chaskiq(self, *arguments: str) -> dict[str, object]:
        """A command in this process; the document it prints."""
        before = dict(os.environ)
        os.environ.update(self.environment, CHASKIQ_PLUGINS="telegram")  # the echo plugin is installed for members only
        out = io.StringIO()
        try:
            with redirect_stdout(out):
                code = run(arguments)
        finally:
            os.environ.clear()
            os.environ.update(before)
        if code:
            raise FailedError(f"chaskiq {' '.join(arguments[:2])} ended with {code}")
        document: object = json.loads(out.getvalue() or "{}")
        return document if isinstance(document, dict) else {}


@dataclass(slots=True)
class Member:
    """One process under test."""

    name: str
    arguments: tuple[str, ...]
    ground: Ground
    port: int | None
    process: ForkServerProcess | None = None
    entry: Callable[[Sequence[str]], int] = run
    """What it does with its arguments: the command, unless told otherwise."""
    more: dict[str, str] = field(default_factory=dict)
    """What its environment says beside the ground's."""
    started_at: float = 0.0
    crashes: list[str] = field(default_factory=list)
    """Ends that nobody asked for."""
    largest_rss: int = 0
    """Bytes."""

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self.process is not None
        assert self.process.pid is not None
        return self.process.pid

    async def start(self) -> None:
        """Start it; returns once it answers."""
        context = get_context("forkserver")
        environment = {**self.ground.environment, **self.more}
        told = (self.name, self.arguments, self.ground.folder, environment, self.entry)
        self.process = context.Process(target=_run, args=told, daemon=True)
        self.process.start()
        self.started_at = time.monotonic()
        if self.port is not None:
            async with asyncio.timeout(START_SECONDS):
                while not await _answers(self.port):
                    if self.is_dead:
                        raise FailedError(f"{self.name} did not start: {self._last_words()}")
                    await asyncio.sleep(0.01)

    async def kill(self) -> None:
        """SIGKILL, and start it again at once."""
        self.note_size()
        self._check_runs()
        self.signal(signal.SIGKILL)
        await self._ended()
        await self.start()

    async def restart(self) -> None:
        """SIGTERM, wait for its end, start it again."""
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        """SIGTERM; one that takes too long, or ends badly, is a crash."""
        self.note_size()
        assert self.process is not None
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._ended()
        except TimeoutError:
            self.crashes.append(f"{self.name} did not end within {STOP_SECONDS:g} s of SIGTERM")
            self.process.kill()
            await self._ended()
        if self.process.exitcode not in (0, -signal.SIGKILL):
            self.crashes.append(f"{self.name} ended with {self.process.exitcode} on SIGTERM")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    @property
    def is_dead(self) -> bool:
        """Whether it has ended."""
        assert self.process is not None
        return self.process.exitcode is not None

    def note_size(self) -> None:
        """Look how much memory it holds."""
        with suppress(psutil.Error):
            self.largest_rss = max(self.largest_rss, psutil.Process(self.pid).memory_info().rss)

    def has_port(self, port: int) -> bool:
        """Whether it holds a connection from that local port."""
        try:
            connections = psutil.Process(self.pid).net_connections("tcp")
        except psutil.Error:
            return False
        return any(one.laddr[1:] == (port,) for one in connections)

    async def revive(self) -> None:
        """Start it again if it ended by itself, and remember that."""
        assert self.process is not None
        if self.process.exitcode is not None:
            self._check_runs()
            await self.start()

    def _last_words(self) -> str:
        """What the process that ended last has logged."""
        log = (self.ground.folder / f"{self.name}.log").read_text(errors="replace")
        return log.rpartition(LIFE)[2][-2000:]

    def _check_runs(self) -> None:
        """One that finds no database when it starts says so and ends; any other end is a crash."""
        assert self.process is not None
        words = self._last_words() if self.is_dead else ""
        if self.is_dead and not (self.process.exitcode == 1 and "chaskiq: PostgreSQL can't be reached" in words):
            self.crashes.append(f"{self.name} ended by itself with {self.process.exitcode}: {words[-300:]}")

    async def _ended(self) -> None:
        assert self.process is not None
        while self.process.exitcode is None:  # noqa: ASYNC110  another process has no event of ours
            await asyncio.sleep(0.005)


def topology(ground: Ground, database: str, port: int) -> list[Member]:
    """The processes of a house: one on SQLite; on PostgreSQL a server and, where there is the command, two workers."""
    serve = ("serve", "--port", str(port))
    if database == "sqlite" or not has_worker_command():
        return [Member("serve", serve, ground, port)]
    workers = [Member(f"worker{n}", ("worker",), ground, None) for n in (1, 2)]
    return [Member("serve", (*serve, "--no-workers"), ground, port), *workers]


def has_worker_command() -> bool:
    """Whether background work can be done by processes of its own."""
    return "worker" in getattr(get_command(app), "commands", {})


def prepare() -> None:
    """Have the process that all are forked from import what they need."""
    get_context("forkserver").set_forkserver_preload(PRELOADED)


def install_echo(folder: Path) -> Path:
    """A folder for `sys.path` in which the echo plugin is installed, as far as entry points tell."""
    info = folder / "site" / "chaos_echo-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: chaos-echo\nVersion: 1\n")
    (info / "entry_points.txt").write_text(ENTRY_POINT)
    return info.parent


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port: int = free.getsockname()[1]
        return port


async def _answers(port: int) -> bool:
    link = Link(LOOPBACK, port)
    try:
        return (await link.ask(get("/healthz"), seconds=5)).status == 200
    except NoAnswerError:
        return False
    finally:
        link.hang_up()


def _run(
    name: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], entry: Callable[..., int]
) -> None:
    """In the child."""
    log = os.open(folder / f"{name}.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.write(log, LIFE.encode())
    os.chdir(folder)
    os.environ.update(environment)
    sys.path.insert(0, str(folder / "site"))
    sys.exit(entry(arguments))
