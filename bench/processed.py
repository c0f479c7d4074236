"""Messages from the ledger to the conversation: a worker beside the same rows by hand, with contacts that are known."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count as numbers_from

import anyio

from bench.databases import KINDS, Databases, opened
from bench.house import furnish, post, settings_of
from bench.ledger import Count, counting_items
from bench.measure import Contender, Effort, Line, take_turns
from bench.message_rows import Inbox, writing_by_hand
from bench.messages import set_scene
from bench.updates import CHATS
from chaskiq_core.hub import Chaskiq
from chaskiq_core.model import ItemState
from tests.harness.databases import Database

MESSAGES = 240
GOAL = 0.40
BATCH = 16
LOOK_SECONDS = 0.01


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Messages a second; by hand one a transaction, and as many as a worker takes."""
    for kind in KINDS:
        ours, theirs = await databases.new(kind), await databases.new(kind)
        async with opened(theirs) as store:
            by_hand = Inbox(theirs, await set_scene(store))
        await furnish(ours)
        async with counting_items(ours) as count_items, writing_by_hand(theirs) as write:
            working = Working(ours, count_items)
            await working.get_to_know_all()
            processed, one_by_one, in_batches = await take_turns(
                [
                    working.contender,
                    by_hand.contender("by hand", write, 1),
                    by_hand.contender("by hand", write, BATCH),
                ],
                count=effort.of(MESSAGES),
                repeats=effort.repeats,
            )
            await working.close()
        for rates, size, goal in ((one_by_one, 1, GOAL), (in_batches, BATCH, None)):
            yield Line(
                bench="processed",
                case=f"by hand {size} a transaction",
                database=kind,
                subject=processed,
                baseline=rates,
                goal=goal,
            )


class Working:
    """A house whose worker empties the ledger in its turns; a hub works once, so each turn has its own."""

    def __init__(self, database: Database, count_items: Count) -> None:
        self.contender = Contender("a worker", work=self._work, prepare=self._fill)
        self._database = database
        self._count_items = count_items
        self._numbers = numbers_from()
        self._hub = Chaskiq(settings_of(database.url))

    async def get_to_know_all(self) -> None:
        """Process one message of each chat."""
        await self._fill(CHATS)
        await self._work(CHATS)

    async def close(self) -> None:
        """Close the house of the last turn."""
        await self._hub.close()

    async def _fill(self, count: int) -> None:
        await self.close()
        self._hub = Chaskiq(settings_of(self._database.url))
        await self._hub.open()
        await asyncio.gather(*(post(self._hub, next(self._numbers)) for _ in range(count)))

    async def _work(self, count: int) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._hub.work)
            while await self._count_items(ItemState.PENDING):  # noqa: ASYNC110  as whoever looks from outside would
                await anyio.sleep(LOOK_SECONDS)
            self._hub.stop_work()
