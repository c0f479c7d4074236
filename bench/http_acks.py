"""Webhooks answered over HTTP: ours, verified and routed into ledger and lanes, beside a plain endpoint's one row."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise

from bench.databases import KINDS, Databases
from bench.house import furnish
from bench.ledger import Count, counting_items
from bench.load import Asked, Load, started_load
from bench.measure import Also, Contender, Effort, Line, Spread, spread_of, take_turns
from bench.servers.process import Command, ServerProcess, started_servers
from bench.updates import WEBHOOK_PATH
from chaskiq_core.model import ItemState
from tests.harness.databases import Database
from tests.harness.redis_server import a_redis

ACKS = {1: 100, 16: 600, 64: 1_200}
"""How many in each repeat, by how many clients ask at a time."""
HELD_GOAL = 0.80
RUNNING_GOAL = 0.40
WORKER_GOAL = 0.60
P99_RATIO = 3.0
P99_CLIENTS = 64
"""The number of clients for which the ratio of the waits has a goal."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to run ours: its processes, the first of which answers, on a database of its own."""

    name: str
    database: Database
    commands: tuple[Command, ...]
    goal: float
    works: bool = True


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Answers a second: without workers, with workers in the same process, and with one in a process of its own."""
    async with started_load() as load:
        for kind in KINDS:
            async for line in _measure_on(kind, databases, load, effort):
                yield line


async def _measure_on(kind: str, databases: Databases, load: Load, effort: Effort) -> AsyncIterator[Line]:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(a_redis(databases.folder))
        ways = await _ways(kind, databases, redis.url)
        [path] = {await furnish(way.database) for way in ways}
        commands = [command for way in ways for command in way.commands]
        by_hand = Command("plain", ((await databases.new(kind)).url,))
        *processes, plain = await stack.enter_async_context(started_servers(*commands, by_hand))
        counts = [await stack.enter_async_context(counting_items(way.database)) for way in ways]
        for clients, acks in ACKS.items():
            plainly = Asked(load, plain, WEBHOOK_PATH, clients=clients)
            ours = _asked(load, ways, processes, path, clients)
            turns = [
                Meanwhile(asked.contender(way.name), count)
                for way, asked, count in zip(ways, ours, counts, strict=True)
            ]
            *rates, theirs = await take_turns(
                [*(turn.contender for turn in turns), plainly.contender("plain endpoint")],
                count=effort.of(acks),
                repeats=effort.repeats,
            )
            for way, asked, turn, rate in zip(ways, ours, turns, rates, strict=True):
                also = [
                    Also(name="p99", unit="ms", spread=asked.p99_ms(effort.repeats)),
                    Also(
                        name="p99 of the plain",
                        unit="times",
                        spread=asked.p99_ratio(plainly, effort.repeats),
                        at_most=P99_RATIO if way.works and clients == P99_CLIENTS else None,
                    ),
                ]
                if way.works:
                    done = await turn.per_second(effort.repeats)
                    also.append(Also(name="processed meanwhile", unit="a second", spread=done))
                yield Line(
                    bench="http acks",
                    case="1 client" if clients == 1 else f"{clients} clients",
                    database=kind,
                    subject=rate,
                    baseline=theirs,
                    goal=way.goal,
                    also=tuple(also),
                )


async def _ways(kind: str, databases: Databases, redis_url: str) -> list[Way]:
    held, running = await databases.new(kind), await databases.new(kind)
    ways = [
        Way("workers held", held, (Command("chaskiq", (held.url, False)),), HELD_GOAL, works=False),
        Way("workers running", running, (Command("chaskiq", (running.url, True)),), RUNNING_GOAL),
    ]
    if kind == "postgres":
        apart = await databases.new(kind)
        commands = (
            Command("chaskiq", (apart.url, False, redis_url)),
            Command("worker", (apart.url, redis_url)),
        )
        ways.append(Way("one worker process", apart, commands, WORKER_GOAL))
    return ways


def _asked(load: Load, ways: list[Way], processes: list[ServerProcess], path: str, clients: int) -> list[Asked]:
    asked, rest = [], processes
    for way in ways:
        (server, *workers), rest = rest[: len(way.commands)], rest[len(way.commands) :]
        asked.append(Asked(load, server, path, clients=clients, workers=workers))
    return asked


class Meanwhile:
    """How many items are processed during a contender's turns."""

    def __init__(self, contender: Contender, count_items: Count) -> None:
        self.contender = Contender(contender.name, work=self._work, prepare=self._prepare)
        self._turn = contender
        self._count_items = count_items
        self._counts: list[int] = []
        self._started = 0.0
        self._seconds: list[float] = []

    async def per_second(self, repeats: int) -> Spread:
        """The rates over the repeats that count."""
        counts = [*self._counts, await self._count_items(ItemState.DONE)]
        done = [after - before for before, after in pairwise(counts)]
        return spread_of([n / seconds for n, seconds in zip(done, self._seconds, strict=True)][-repeats:])

    async def _prepare(self, count: int) -> None:
        self._counts.append(await self._count_items(ItemState.DONE))
        self._started = time.perf_counter()
        await self._turn.prepare(count)

    async def _work(self, count: int) -> None:
        await self._turn.work(count)
        self._seconds.append(time.perf_counter() - self._started)
