"""Replaying what came: one element or a span, after a parser was fixed; nothing is added twice."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from chaskiq_core.desk import dead_letters
from chaskiq_core.desk.replay import replay_progress, replay_span
from chaskiq_core.errands import replay as errand
from chaskiq_core.errors import InvalidError
from chaskiq_core.plugin import InboundEvent, WebhookItem, WebhookRequest, hookimpl
from chaskiq_core.store.call import utc_now
from tests.harness.databases import Database
from tests.harness.house import House, a_house, a_message
from tests.harness.tiny_channel import TinyChannel, TinySettings

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


class BrokenChannel(TinyChannel):
    """Its parser fails on every other message until it is fixed."""

    is_fixed = False

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: TinySettings) -> Sequence[InboundEvent]:
        if not self.is_fixed and int(item.dedupe_key) % 2:
            raise RuntimeError("a bug")
        return super().parse(request, item, settings)


async def test_a_span_is_taken_in_again_in_order_without_duplicates(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errand, "STEP", 4)
    channel = BrokenChannel()
    async with a_house(database, tiny=channel) as house:
        for n in range(1, 11):
            await house.post(a_message(n, f"message {n}"))
        await house.quiet()
        channel.is_fixed = True

        begun = await house.ann.write(replay_span, since=utc_now() - HOUR, state="all")
        await house.quiet()

        done = await house.ann.read(replay_progress, begun.id)
        assert (begun.state, begun.replayed, done.state, done.replayed) == ("pending", 0, "done", 10)
        conversation = await house.conversation()
        texts = [part.text for part in await house.parts(conversation.key)]
        assert texts == [f"message {n}" for n in (2, 4, 6, 8, 10, 1, 3, 5, 7, 9)]
        assert conversation.unread_count == 0
        assert (await house.ann.read(dead_letters.inbound)).items == []


async def test_only_what_failed_in_the_span_is_taken_in_again_unless_asked(database: Database) -> None:
    channel = BrokenChannel()
    async with a_house(database, tiny=channel) as house:
        await house.post(a_message(1, "too early"))
        await house.quiet()
        since = utc_now()
        await house.post(a_message(3, "in the span"))
        await house.quiet()
        channel.is_fixed = True

        begun = await house.ann.write(replay_span, since=since)
        await house.quiet()

        assert (await house.ann.read(replay_progress, begun.id)).replayed == 1
        assert [part.text for part in await house.parts((await house.conversation()).key)] == ["in the span"]


async def test_a_span_must_make_sense(house: House) -> None:
    now = utc_now()
    for wrong in (
        {"since": now, "until": now - HOUR},
        {"since": now.replace(tzinfo=None)},
        {"since": now - HOUR, "state": "odd"},
    ):
        with pytest.raises(InvalidError):
            await house.ann.write(replay_span, **wrong)
