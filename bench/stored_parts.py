"""What a message costs where few parts are stored, and where many are: no statement may look at all of them."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import anyio

from bench.databases import KINDS, Databases
from bench.house import ADMIN, HOOK_TOKEN, furnish, settings_of
from bench.measure import Contender, Effort, Line, take_turns
from bench.multiply import multiply
from bench.record import recorded
from bench.servers.process import Command, started_servers
from bench.updates import posted
from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.desk.pages import DEFAULT_LIMIT
from chaskiq_core.hub import AppActing, Chaskiq
from chaskiq_core.inbound.process import InboundDrain
from chaskiq_core.model import Delivery, DeliveryState, InboundItem, ItemState, LaneKind
from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.staff.apps import list_apps
from chaskiq_core.store.lanes import ClaimedLane, claim_lanes, release_lanes
from chaskiq_core.store.unit import Unit
from chaskiq_core.work.turn import Turn
from tests.harness.databases import Database
from tests.harness.wait import until

CHATS = 100
WRITTEN = 9
"""Messages of each chat; one reply more makes ten parts."""
SEED = CHATS * (WRITTEN + 1)
SIZES = {"1 k": 1, "10 k": 10, "100 k": 100, "1 M": 1_000}
"""How many times the seed, by the number of parts that are then stored."""
BASELINE = "10 k"
GOAL = 1 / 1.3
LEASE = timedelta(seconds=60)
SEED_SECONDS = 120.0

Once = Callable[["Stored"], Awaitable[object]]


@dataclass(slots=True)
class Stored:
    """An open house without workers on a database that holds so many parts."""

    chaskiq: Chaskiq
    ann: AppActing
    keys: "itertools.cycle[str]"
    """Of conversations, again and again."""
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(CHATS * WRITTEN))

    async def list_conversations(self) -> None:
        """The newest."""
        assert len((await self.ann.read(desk.inbox)).items) == DEFAULT_LIMIT

    async def list_parts(self) -> None:
        """One conversation's."""
        assert (await self.ann.read(desk.parts, next(self.keys))).items

    async def take_in(self) -> None:
        """A webhook, up to its part in the conversation."""
        await _receive(self.chaskiq, next(self.numbers))
        lanes = await self._claim(LaneKind.INBOUND)
        drain = InboundDrain(self.chaskiq.store, self.chaskiq.integrations, self.chaskiq.host)
        await drain(lanes, Turn())
        await self.chaskiq.store.house_write(release_lanes, tuple(lanes))

    async def reply(self) -> None:
        """An agent's part, and its delivery."""
        await self.ann.write(desk.reply, next(self.keys), content=document_from_text("We look it up."))

    async def claim(self) -> None:
        """A lane that has something to send, claimed and let go."""
        await self.chaskiq.store.house_write(release_lanes, tuple(await self._claim(LaneKind.OUTBOUND)))

    async def _claim(self, kind: LaneKind) -> list[ClaimedLane]:
        lanes = await self.chaskiq.store.house_write(claim_lanes, kind, limit=1, lease=LEASE)
        assert lanes
        return lanes


COSTS: Mapping[str, tuple[int, Once]] = {
    "listing conversations": (60, Stored.list_conversations),
    "listing parts": (60, Stored.list_parts),
    "a message in": (30, Stored.take_in),
    "an agent's reply": (30, Stored.reply),
    "claiming a lane": (60, Stored.claim),
}
"""How often in each repeat, and what; a lane is due to be claimed since there were replies."""


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Times a second, one after another."""
    sizes = {name: times for name, times in SIZES.items() if effort.part == 1 or times < max(SIZES.values())}
    for kind in KINDS:
        seed = await databases.new(kind)
        await _fill(seed)
        async with AsyncExitStack() as stack:
            stored = {}
            for name, times in sizes.items():
                database = await databases.copy(seed)
                await multiply(database, times)
                stored[name] = await _open(database, stack)
            for case, (count, once) in COSTS.items():
                rates = await take_turns(
                    [_contender(name, one, once) for name, one in stored.items()],
                    count=effort.of(count),
                    repeats=effort.repeats,
                )
                [baseline] = [one for one in rates if one.name == BASELINE]
                for one in rates:
                    if one is not baseline:
                        yield Line(
                            bench="stored parts",
                            case=case,
                            database=kind,
                            subject=one,
                            baseline=baseline,
                            goal=GOAL if SIZES[one.name] > SIZES[BASELINE] else None,
                        )


def _contender(name: str, stored: Stored, once: Once) -> Contender:
    async def work(count: int) -> None:
        for _ in range(count):
            await once(stored)

    return Contender(name, work=work)


async def _fill(database: Database) -> None:
    """All chats write and are answered, by the house itself; all is done at the end."""
    async with started_servers(Command("provider", (None,))) as [provider], recorded(provider) as record:
        await furnish(database, api_base=record.url)
        async with Chaskiq(settings_of(database.url)) as chaskiq, anyio.create_task_group() as tasks:
            ann = await _ann(chaskiq)
            tasks.start_soon(chaskiq.work)
            await asyncio.gather(*(_receive(chaskiq, number) for number in range(CHATS * WRITTEN)))

            async def nothing_left() -> bool:
                return not await ann.read(_is_busy)

            await until(nothing_left, seconds=SEED_SECONDS)
            for key in await _keys(ann):
                await ann.write(desk.reply, key, content=document_from_text("Thank you."))
            await until(nothing_left, seconds=SEED_SECONDS)
            tasks.cancel_scope.cancel()


def _is_busy(unit: Unit) -> bool:
    item = unit.first(unit.select(InboundItem).where(InboundItem.state == ItemState.PENDING))
    open_states = (DeliveryState.QUEUED, DeliveryState.SENDING)
    return item is not None or unit.first(unit.select(Delivery).where(Delivery.state.in_(open_states))) is not None


async def _open(database: Database, stack: AsyncExitStack) -> Stored:
    chaskiq = await stack.enter_async_context(Chaskiq(settings_of(database.url)))
    ann = await _ann(chaskiq)
    return Stored(chaskiq, ann, itertools.cycle(await _keys(ann)))


async def _ann(chaskiq: Chaskiq) -> AppActing:
    [(app_key, _)] = await chaskiq.store.house_read(list_apps)
    return chaskiq.acting(app_key, as_agent=ADMIN)


async def _keys(ann: AppActing) -> list[str]:
    return [one.key for one in (await ann.read(desk.inbox, limit=CHATS)).items]


async def _receive(chaskiq: Chaskiq, number: int) -> None:
    body, headers = posted(number, chats=CHATS)
    answer = await chaskiq.receive(HOOK_TOKEN, WebhookRequest(headers=headers, body=body))
    assert answer.status == 200, answer
