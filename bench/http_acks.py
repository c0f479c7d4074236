"""Webhooks answered over HTTP: ours, verified and routed into ledger and lanes, beside a plain endpoint's one row."""

import time
from collections.abc import AsyncIterator
from itertools import pairwise

from bench.databases import KINDS, Databases
from bench.house import furnish
from bench.ledger import Count, counting_items
from bench.load import Asked, started_load
from bench.measure import Also, Contender, Effort, Line, Spread, spread_of, take_turns
from bench.servers.process import Command, started_servers
from bench.updates import WEBHOOK_PATH
from chaskiq_core.model import ItemState

ACKS = {1: 100, 16: 600, 64: 1_200}
"""How many in each repeat, by how many clients ask at a time."""
HELD_GOAL = 0.70
WORKING_GOAL = 0.35
WORKING_P99_MS = 100


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Answers a second, without workers and with workers in the same process."""
    async with started_load() as load:
        for kind in KINDS:
            held, working, by_hand = [await databases.new(kind) for _ in range(3)]
            path = await furnish(held)
            await furnish(working)
            async with (
                started_servers(
                    Command("chaskiq", (held.url, False)),
                    Command("chaskiq", (working.url, True)),
                    Command("plain", (by_hand.url,)),
                ) as servers,
                counting_items(working) as count_items,
            ):
                for clients, acks in ACKS.items():
                    holding, busy, plainly = [
                        Asked(load, server, at, clients=clients)
                        for server, at in zip(servers, (path, path, WEBHOOK_PATH), strict=True)
                    ]
                    meanwhile = Meanwhile(busy.contender("workers running"), count_items)
                    ours, ours_working, theirs = await take_turns(
                        [holding.contender("workers held"), meanwhile.contender, plainly.contender("plain endpoint")],
                        count=effort.of(acks),
                        repeats=effort.repeats,
                    )
                    case = "1 client" if clients == 1 else f"{clients} clients"
                    yield Line(
                        bench="http acks",
                        case=case,
                        database=kind,
                        subject=ours,
                        baseline=theirs,
                        goal=HELD_GOAL,
                        also=(Also(name="p99", unit="ms", spread=holding.p99_ms(effort.repeats)),),
                    )
                    yield Line(
                        bench="http acks",
                        case=case,
                        database=kind,
                        subject=ours_working,
                        baseline=theirs,
                        goal=WORKING_GOAL,
                        also=(
                            Also(name="p99", unit="ms", spread=busy.p99_ms(effort.repeats), at_most=WORKING_P99_MS),
                            Also(
                                name="processed meanwhile",
                                unit="a second",
                                spread=await meanwhile.per_second(effort.repeats),
                            ),
                        ),
                    )


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
