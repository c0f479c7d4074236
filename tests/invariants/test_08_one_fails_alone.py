"""Invariant 8: one failing message, plugin or chat delays only its own lane."""

from collections.abc import Sequence

import anyio
import pytest

from chaskiq_core.content import document_from_text
from chaskiq_core.desk import inbox, integrations, reply
from chaskiq_core.errors import RetryLaterError
from chaskiq_core.host.call import Limits
from chaskiq_core.hub import SENDS
from chaskiq_core.model import RoleName
from chaskiq_core.plugin import ChannelContext, Effect, Piece, Receipt, hookimpl
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app
from tests.harness.databases import Database
from tests.harness.house import a_house, a_message
from tests.harness.tiny_channel import TinyChannel, TinySettings
from tests.harness.wait import until

pytestmark = pytest.mark.anyio


class OneBadChat(TinyChannel):
    """Hangs for the chat `bad`, or asks for an hour."""

    def __init__(self, *, hangs: bool) -> None:
        super().__init__()
        self._hangs = hangs

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        if piece.channel_id == "bad":
            if self._hangs:
                await anyio.sleep(600)
            raise RetryLaterError("come back in an hour", retry_after_seconds=3600)
        return await super().send(piece, context)


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "waits"])
async def test_a_chat_that_does_not_answer_delays_no_other(database: Database, hangs: bool) -> None:
    tiny = OneBadChat(hangs=hangs)
    async with a_house(database, tiny=tiny, limits=Limits(send_seconds=600)) as house:
        keys = {
            chat: (await house.customer_writes("Hello?", number=number, chat=chat)).key
            for number, chat in enumerate(("bad", "good"))
        }
        await house.reply(keys["bad"], "never mind")
        for number in range(5):
            await house.reply(keys["good"], f"Reply {number}")

        async def all_sent() -> bool:
            return len(tiny.outbox.sent) == 5

        await until(all_sent)
        assert [piece.text for piece in tiny.outbox.sent] == [f"Reply {number}" for number in range(5)]
        stuck = (await house.parts(keys["bad"]))[-1].deliveries[0].state
    assert stuck == ("sending" if hangs else "queued")


class Stuck:
    """An observer that never returns."""

    @hookimpl
    async def part_added(self, part: object, conversation: object) -> Sequence[Effect]:
        await anyio.sleep(600)
        return []


async def test_a_plugin_that_hangs_delays_no_message(database: Database) -> None:
    async with a_house(database, plugins={"stuck": Stuck()}, limits=Limits(observe_seconds=600)) as house:
        for number in range(1, 6):
            await house.post(a_message(number, f"Message {number}"))

        async def all_in() -> bool:
            page = await house.ann.read(inbox)
            return bool(page.items) and len(await house.parts(page.items[0].key)) == 5

        await until(all_in)


class OneDeadTenant(TinyChannel):
    """Hangs for the account `dead`."""

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        if context.settings.name == "dead":
            await anyio.sleep(600)
        return await super().send(piece, context)


async def test_a_tenant_whose_provider_is_dead_does_not_hold_up_another_s_replies(database: Database) -> None:
    """It has more lanes than a worker has slots, all due before the other's."""
    tiny = OneDeadTenant()
    async with a_house(database, tiny=tiny, limits=Limits(send_seconds=600), workers=False) as house:
        chaskiq = house.chaskiq
        _, other = await chaskiq.store.house_write(create_app, "Dead")
        await chaskiq.store.house_write(add_agent, other, email="eve@example.org", name="Eve", role=RoleName.ADMIN)
        eve = chaskiq.acting(other, as_agent="eve@example.org")
        sealed = chaskiq.seal_settings("tiny", {"name": "dead"}, hook_token="dead")
        await eve.write(integrations.add, sealed, name="Dead", install=False)
        for number in range(2 * SENDS):
            await house.post(a_message(number + 1, "Hello?", chat=f"d{number}"), token="dead")
        await house.post(a_message(1, "Hello?"))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(chaskiq.work)
            await house.quiet()
            for one in [*(await eve.read(inbox, limit=100)).items]:
                await eve.write(reply, one.key, content=document_from_text("never arrives"))
            await house.reply((await house.conversation()).key, "arrives")

            async def has_arrived() -> bool:
                return [piece.text for piece in tiny.outbox.sent] == ["arrives"]

            await until(has_arrived)
            tasks.cancel_scope.cancel()
