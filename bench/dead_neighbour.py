"""One tenant's replies while another's provider is dead and thousands of its messages wait, beside the same without."""

import time
from collections.abc import AsyncIterator

import anyio

from bench.bulk import ADMIN, enqueue_in, new_app
from bench.databases import KINDS, Databases
from bench.house import settings_of
from bench.measure import Effort, Line, Rates
from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.errors import RetryLaterError
from chaskiq_core.host.call import Limits
from chaskiq_core.hub import AppActing, Chaskiq
from chaskiq_core.plugin import ChannelContext, Piece, Receipt, hookimpl
from tests.harness.tiny_channel import TinyChannel, TinySettings

GOAL = 0.80
REPLIES = 60
CHATS, EACH = 500, 20
SEND_SECONDS = 2.0
"""How long the dead provider is waited for each time that it does not even refuse."""


class HalfDead(TinyChannel):
    """Takes everything from `alive`; of `dead` every other send hangs, and the rest is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = anyio.Event()
        self._tried = 0

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        if context.settings.name == "dead":
            self._tried += 1
            if self._tried % 2:
                await anyio.sleep(60)
            raise RetryLaterError("connection refused")
        self.taken.set()
        return Receipt(external_ids=(piece.key,), message_keys=(piece.key,))


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Replies of the living one a second, each written once the one before has left."""
    for kind in KINDS:
        channel = HalfDead()
        alone, beside = Rates("alone"), Rates("beside the dead one")
        settings = settings_of((await databases.new(kind)).url, plugins="tiny")
        async with Chaskiq(settings, plugins={"tiny": channel}, limits=Limits(send_seconds=SEND_SECONDS)) as chaskiq:
            alive, dead = await new_app(chaskiq, name="alive"), await new_app(chaskiq, name="dead")
            [key] = await enqueue_in(chaskiq, alive, chats=1, each=0)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(chaskiq.work)
                count = effort.of(REPLIES)
                acting = chaskiq.acting(alive, as_agent=ADMIN)
                for _ in range(effort.repeats):
                    alone.per_second.append(await _replies(acting, key, channel, count))
                await enqueue_in(chaskiq, dead, chats=CHATS, each=max(1, effort.of(EACH)))
                for _ in range(effort.repeats):
                    beside.per_second.append(await _replies(acting, key, channel, count))
                tasks.cancel_scope.cancel()
        yield Line(
            bench="dead neighbour",
            case=f"replies while {CHATS * max(1, effort.of(EACH)):,} of another wait",
            database=kind,
            subject=beside,
            baseline=alone,
            goal=GOAL,
        )


async def _replies(acting: AppActing, key: str, channel: HalfDead, count: int) -> float:
    started = time.perf_counter()
    for number in range(count):
        channel.taken = anyio.Event()
        await acting.write(desk.reply, key, content=document_from_text(str(number)))
        await channel.taken.wait()
    return count / (time.perf_counter() - started)
