"""Messages to many through a provider that enforces its limits: the time for all beside what the limits allow."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import anyio

from bench.bulk import enqueue
from bench.databases import KINDS, Databases
from bench.house import settings_of
from bench.limited_channel import LimitedChannel
from bench.measure import Also, Effort, Line, Rates, spread_of
from bench.record import Record, Taken, recorded
from bench.servers.process import Command, started_servers
from bench.servers.provider import Published
from chaskiq_core.plugin import RateLimit
from tests.harness.redis_server import a_redis

GOAL = 1 / 1.02
LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 30.0
"""How long the provider may hear nothing before it is over."""


@dataclass(frozen=True, slots=True)
class Size:
    """So many chats, messages to each, and messages a second from the account."""

    chats: int
    each: int
    per_second: int

    @property
    def limits(self) -> tuple[RateLimit, RateLimit]:
        """Of the account and of a chat, as the channel declares them."""
        account = RateLimit(scope="account", count=self.per_second, per_seconds=1, burst=self.per_second // 10)
        return account, RateLimit(scope="chat", count=1, per_seconds=1, burst=3)

    @property
    def published(self) -> Published:
        """What the provider takes in any second: a little more than can be sent, for what is on its way meanwhile."""
        return Published(account=self.per_second * 6 // 5, chat=5)


FULL, QUICK = Size(500, 20, 100), Size(100, 5, 25)


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Messages a second, once: by one process on SQLite, by two workers with Redis on PostgreSQL."""
    size = FULL if effort.part == 1 else QUICK
    for kind in KINDS:
        record = await _send_all(kind, databases, size)
        yield _line(record, kind, size)


async def _send_all(kind: str, databases: Databases, size: Size) -> Record:
    database = await databases.new(kind)
    with a_redis(databases.folder) as redis:
        async with started_servers(Command("provider", (size.published,))) as [provider], recorded(provider) as record:
            await enqueue(settings_of(database.url, plugins="tiny"), record.url, chats=size.chats, each=size.each)
            channel = LimitedChannel(*size.limits)
            worker = Command("worker", (database.url, redis.url if kind == "postgres" else None, channel))
            async with started_servers(*[worker] * (2 if kind == "postgres" else 1)) as workers:
                for process in workers:
                    process.wake()
                await _wait_for(record, size.chats * size.each)
    return record


async def _wait_for(record: Record, count: int) -> None:
    heard = anyio.current_time()
    while len(record.taken) < count and anyio.current_time() - heard < PATIENCE_SECONDS:
        await anyio.sleep(LOOK_SECONDS)
        before = len(record.taken)
        await record.refresh()
        if len(record.taken) > before:
            heard = anyio.current_time()


def _line(record: Record, kind: str, size: Size) -> Line:
    count = size.chats * size.each
    times = [one.at for one in record.taken]
    seconds = max(times) - min(times)
    account, chat = size.limits
    ideal = max(_ideal_seconds(account, count), _ideal_seconds(chat, size.each))
    distinct = len({(one.chat, one.text) for one in record.taken})
    return Line(
        bench="limited send",
        case=f"{count:,} to {size.chats} chats, {'two workers' if kind == 'postgres' else 'one process'}",
        database=kind,
        subject=Rates("sent", [count / seconds]),
        baseline=Rates("what the limits allow", [count / ideal]),
        goal=GOAL,
        also=(
            _once("from the first to the last", "s", seconds),
            _once("ideal", "s", ideal),
            _once("refused with 429", "times", record.refused, at_most=0),
            _once("out of order", "messages", _out_of_order(record.taken), at_most=0),
            _once("missing or twice", "messages", count - distinct + len(times) - distinct, at_most=0),
        ),
    )


def _ideal_seconds(limit: RateLimit, count: int) -> float:
    """From the first message to the last, when the burst goes at once and then one per interval."""
    return max(0, count - (limit.burst or limit.count)) * limit.per_seconds / limit.count


def _out_of_order(taken: Sequence[Taken]) -> int:
    """Messages that arrived behind a later one of their chat."""
    numbers = defaultdict(list)
    for one in taken:
        numbers[one.chat].append(int(one.text))
    return sum(after < before for chat in numbers.values() for before, after in pairwise(chat))


def _once(name: str, unit: str, figure: float, *, at_most: float | None = None) -> Also:
    return Also(name=name, unit=unit, spread=spread_of([figure]), at_most=at_most)
