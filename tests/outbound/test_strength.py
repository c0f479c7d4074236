"""Delivery at full strength: pauses, the breaker, priorities, cancelling, something simpler, a broken integration."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from chaskiq_core.background import SENDS
from chaskiq_core.content import document_from_text, read_document
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.desk import dead_letters, integrations, reply
from chaskiq_core.effects import AddPart
from chaskiq_core.errors import (
    ConflictError,
    ContentError,
    ReauthError,
    RecipientError,
    RetryLaterError,
    UnknownOutcomeError,
)
from chaskiq_core.model import Delivery
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.outbound.breaker import FAILURES, Breaker
from chaskiq_core.plugin import Level, RateLimit, TextCapability
from chaskiq_core.store.changes import read_changes
from chaskiq_core.store.unit import Unit
from chaskiq_core.work.gate import Gate
from tests.harness.databases import Database
from tests.harness.house import House, a_house
from tests.harness.tiny_channel import TinyChannel
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

ONE = IntegrationId(1)
DOWN = RetryLaterError("503 Service Unavailable", code="503")


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def state_of(house: House, key: str) -> str:
    [delivery] = (await house.parts(key))[-1].deliveries
    return delivery.state


def texts(house: House) -> list[str]:
    return [piece.text for piece in house.tiny.outbox.sent]


def add_bulk(unit: Unit, key: str, written: str) -> None:
    perform(unit, lock_dialogue(unit, key), [AddPart(content=document_from_text(written), bulk=True)])


def make_older(unit: Unit) -> None:
    """All deliveries were made two days ago."""
    unit.change(unit.update(Delivery).values(created_at=unit.now - timedelta(days=2), version=Delivery.version + 1))


def test_the_breaker_opens_after_failures_in_a_row_longer_each_time_and_closes_at_the_first_answer() -> None:
    clock = Clock()
    gate = Gate(clock)
    breaker = Breaker(gate)
    for _ in range(FAILURES - 1):
        breaker.failed(ONE, DOWN)
    assert (gate.closed(), breaker.open) == (frozenset(), frozenset())

    breaker.failed(ONE, UnknownOutcomeError("timeout"))
    first = gate.opens_in()
    assert gate.closed() == gate.one_at_a_time == breaker.open == frozenset([ONE])
    clock.now += 2
    breaker.failed(ONE, DOWN)
    assert first is not None
    assert (gate.opens_in() or 0) > first
    clock.now += 4
    breaker.worked(ONE)

    assert (gate.closed(), gate.one_at_a_time, breaker.open) == (frozenset(), frozenset(), frozenset())


@pytest.mark.parametrize("answer", [RecipientError("blocked"), RetryLaterError("wait", retry_after_seconds=1)])
def test_an_answer_that_refuses_says_that_the_provider_is_there(answer: RecipientError | RetryLaterError) -> None:
    gate = Gate()
    breaker = Breaker(gate)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed(ONE, DOWN)
        breaker.failed(ONE, answer)

    assert breaker.open == frozenset()


async def test_a_provider_that_is_down_is_left_alone_and_all_leaves_in_order_when_it_is_back(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.extend([DOWN] * (FAILURES + 1))
    chats = [await house.customer_writes("Hello?", chat=str(n), number=100 + n) for n in range(20, 26)]

    for chat in (conversation, *chats):
        await house.reply(chat.key, f"to {chat.key} 1")
        await house.reply(chat.key, f"to {chat.key} 2")
    await house.quiet()

    for chat in (conversation, *chats):
        assert [one for one in texts(house) if chat.key in one] == [f"to {chat.key} 1", f"to {chat.key} 2"]
    assert house.chaskiq.pace.breaker.open == frozenset()


async def test_a_pause_that_is_asked_of_one_chat_holds_no_other_back(database: Database) -> None:
    channel = TinyChannel()
    async with a_house(database, tiny=channel) as house:
        slow = await house.customer_writes("Hello?", chat="1", number=1)
        quick = await house.customer_writes("Hello?", chat="2", number=2)
        channel.outbox.faults.append(RetryLaterError("slow down", code="429", retry_after_seconds=3600))
        await house.reply(slow.key, "waits")

        async def was_asked() -> bool:
            return len(channel.outbox.attempts) == 1

        await until(was_asked)
        await house.reply(quick.key, "goes")

        async def has_gone() -> bool:
            return texts(house) == ["goes"]

        await until(has_gone)
        assert await state_of(house, slow.key) == "queued"


async def test_a_pause_that_two_chats_are_asked_for_is_the_whole_account_s(database: Database) -> None:
    channel = TinyChannel()
    async with a_house(database, tiny=channel) as house:
        chats = [await house.customer_writes("Hello?", chat=str(n), number=n) for n in (1, 2, 3)]
        channel.outbox.faults.extend([RetryLaterError("slow down", code="429", retry_after_seconds=3600)] * 2)
        for chat in chats[:2]:
            await house.reply(chat.key, "waits")

        async def is_closed() -> bool:
            return bool(house.chaskiq.gate.closed())

        await until(is_closed)
        await house.reply(chats[2].key, "waits, too")
        house.chaskiq.gate.open(next(iter(house.chaskiq.gate.closed())))
        await until(is_closed)

        assert len(channel.outbox.attempts) == 2


async def test_an_agent_s_reply_goes_before_what_was_written_to_many(database: Database) -> None:
    async with a_house(database, tiny=TinyChannel(), workers=False) as house:
        for n in range(1, 22):
            await house.post({"id": n, "chat": str(n), "from": str(n), "name": "Someone", "text": "Hello?"})
        await house.take_in()
        chats = [await house.conversation(str(n)) for n in range(1, 22)]
        for n, chat in enumerate(chats[:20]):
            await house.system.write(add_bulk, chat.key, f"bulk {n}")
        await house.ann.write(reply, chats[20].key, content=document_from_text("answer"))

    channel = TinyChannel(rate_limits=(RateLimit(scope="account", count=50, per_seconds=1, burst=1),))
    async with a_house(database, tiny=channel) as house:
        await house.quiet()

        # what is claimed together leaves together: the answer is in the first claim, whatever waited longer
        assert texts(house).index("answer") < SENDS // 4
        assert sorted(texts(house)) == sorted(["answer", *(f"bulk {n}" for n in range(20))])


async def test_a_queued_delivery_can_be_cancelled_and_one_that_left_can_not(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    await house.reply(conversation.key, "gone")
    await house.quiet()
    [gone] = (await house.parts(conversation.key))[-1].deliveries
    await house.ann.write(integrations.pause_integration, house.integration)
    house.chaskiq.integrations.clear()
    await house.reply(conversation.key, "never")
    [waits] = (await house.parts(conversation.key))[-1].deliveries

    cancelled = await house.ann.write(dead_letters.cancel, waits.id)
    again = await house.ann.write(dead_letters.cancel, waits.id)
    with pytest.raises(ConflictError, match="is sent"):
        await house.ann.write(dead_letters.cancel, gone.id)
    await house.ann.write(integrations.resume_integration, house.integration)
    await house.quiet()

    assert (cancelled.delivery.state, again.delivery.state, texts(house)) == ("cancelled", "cancelled", ["gone"])
    await house.ann.write(dead_letters.retry, waits.id)
    await house.quiet()
    assert texts(house) == ["gone", "never"]


async def test_what_is_refused_as_it_is_goes_as_plain_text_once(database: Database) -> None:
    channel = TinyChannel()
    channel.manifest = replace(
        channel.manifest,
        capabilities=replace(channel.manifest.capabilities, text=TextCapability(level=Level.FULL, max_length=100)),
    )
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.outbox.faults.extend([ContentError("can't parse entities", code="400")] * 3)
        bold = {"type": "text", "text": "Bold", "marks": [{"type": "bold"}]}

        for content in ([bold], [{"type": "text", "text": "Plain"}]):
            document = {"type": "doc", "content": [{"type": "paragraph", "content": content}]}
            await house.ann.write(reply, conversation.key, content=read_document(document))
            await house.quiet()

        states = [part.deliveries[0].state for part in (await house.parts(conversation.key))[1:]]
        assert (len(channel.outbox.attempts), states) == (3, ["failed", "failed"])
        assert channel.outbox.attempts[1].content == document_from_text("Bold")


async def test_what_a_broken_integration_has_waits_and_agents_are_told(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.append(ReauthError("Unauthorized", code="401"))
    await house.reply(conversation.key, "refused")
    await house.quiet()
    await house.reply(conversation.key, "waits")

    async def is_left_alone() -> bool:
        return bool(house.chaskiq.gate.closed())

    await until(is_left_alone)
    assert (len(house.tiny.outbox.attempts), await state_of(house, conversation.key)) == (1, "queued")

    async def are_told() -> bool:  # a change is read once no transaction of the server is older
        kinds = [kind_of(one.payload) for one in await house.system.read(read_changes, "events")]
        return [kind for kind in kinds if kind] == ["integration_broken"]

    await until(are_told)
    await house.ann.write(integrations.resume_integration, house.integration)
    await house.quiet()
    assert texts(house) == ["waits"]


async def test_what_waited_a_day_for_a_broken_integration_fails(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.append(ReauthError("Unauthorized", code="401"))
    await house.reply(conversation.key, "refused")
    await house.quiet()

    await house.reply(conversation.key, "waits")
    await house.system.write(make_older)
    await house.quiet()

    [delivery] = (await house.parts(conversation.key))[-1].deliveries
    assert delivery.state == "failed"
    assert delivery.error is not None
    assert (delivery.error.class_, delivery.error.message) == ("account", "the integration did not work for 24 hours")


def kind_of(payload: Mapping[str, object]) -> object:
    """What a notification is about; None of other messages."""
    data = payload["data"]
    return data.get("kind") if payload["type"] == "notification" and isinstance(data, Mapping) else None


async def test_the_streams_tell_every_state_of_a_delivery_and_the_database_says_the_same(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.append(RetryLaterError("once more", retry_after_seconds=0))

    part = await house.reply(conversation.key, "told")
    await house.quiet()

    async def told() -> list[list[object]]:
        changes = await house.system.read(read_changes, "events")
        return [states_in(one.payload) for one in changes if part_key_of(one.payload) == part.key]

    async def is_settled() -> bool:
        return len(await told()) >= 5  # PostgreSQL shows a change once all older transactions have ended, anyone's

    await until(is_settled)
    assert await told() == [["queued"], ["sending"], ["queued"], ["sending"], ["sent"]]
    assert await state_of(house, conversation.key) == "sent"


def part_key_of(payload: Mapping[str, object]) -> object:
    data = payload["data"]
    return data.get("key") if payload["type"] == "conversation_part" and isinstance(data, Mapping) else None


def states_in(payload: Mapping[str, object]) -> list[object]:
    """The states of a part's deliveries, as a stream tells them."""
    data = payload["data"]
    assert isinstance(data, Mapping)
    return [one["state"] for one in data["deliveries"]]
