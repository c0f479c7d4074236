"""The uncertain moment: each idempotency settles an unknown outcome in its own way, and Telegram's kind in none."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from chaskiq_core.desk import dead_letters, integrations
from chaskiq_core.errors import UnknownOutcomeError
from chaskiq_core.model import Delivery, LaneKind
from chaskiq_core.plugin import Idempotency, Piece
from chaskiq_core.plugin.views import DeliveryView
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house import House, a_house
from tests.harness.telling_channel import LookupChannel, TellingChannel
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

LOST = UnknownOutcomeError("the connection was reset")


async def delivery_of(house: House, key: str) -> DeliveryView:
    """The delivery of the newest part."""
    [delivery] = (await house.parts(key))[-1].deliveries
    return delivery


def texts(channel: TellingChannel) -> list[str]:
    return [piece.text for piece in channel.outbox.sent]


def hurry(unit: Unit) -> None:
    """The wait of all deliveries is over."""
    for delivery in unit.all(unit.select(Delivery)):
        unit.change(
            unit.update(Delivery)
            .where(Delivery.id == delivery.id, Delivery.due_at > unit.now)
            .values(due_at=unit.now, version=Delivery.version + 1)
        )
        unit.wake(LaneKind.OUTBOUND, delivery.lane_key, integration_id=delivery.integration_id)


def let_settling_end(unit: Unit) -> None:
    """Nobody waits any longer for the provider's word."""
    past = unit.now - timedelta(seconds=1)
    unit.change(
        unit.update(Delivery)
        .where(Delivery.settle_by.is_not(None))
        .values(settle_by=past, due_at=past, version=Delivery.version + 1)
    )
    for delivery in unit.all(unit.select(Delivery)):
        unit.wake(LaneKind.OUTBOUND, delivery.lane_key, integration_id=delivery.integration_id)


@pytest.mark.parametrize("taken", [True, False])
async def test_a_provider_that_dedupes_by_key_is_sent_it_again_under_the_same_key(
    database: Database, taken: bool
) -> None:
    channel = TellingChannel(Idempotency.KEY)
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.outbox.faults.append(LOST)
        channel.outbox.takes_before_fault = taken

        await house.reply(conversation.key, "Once")
        await house.quiet(each=lambda: house.system.write(hurry))

        assert (texts(channel), channel.absorbed) == (["Once"], 1 if taken else 0)
        delivery = await delivery_of(house, conversation.key)
        assert (delivery.state, delivery.external_ids, delivery.error) == ("sent", ("1001",), None)


@pytest.mark.parametrize("taken", [True, False])
async def test_a_provider_that_can_be_asked_is_asked_and_sent_again_only_what_it_has_not(
    database: Database, taken: bool
) -> None:
    channel = LookupChannel()
    channel.answers.append(UnknownOutcomeError("no answer to the look-up either"))
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.outbox.faults.append(LOST)
        channel.outbox.takes_before_fault = taken

        await house.reply(conversation.key, "First")
        await house.reply(conversation.key, "Second")
        await house.quiet(each=lambda: house.system.write(hurry))

        assert texts(channel) == ["First", "Second"]
        assert len(set(channel.asked)) == 1
        assert len(channel.asked) == 2
        assert {(await house.parts(conversation.key))[n].deliveries[0].state for n in (-1, -2)} == {"sent"}


async def test_a_provider_that_never_answers_the_look_up_leaves_it_to_the_agents(database: Database) -> None:
    channel = LookupChannel()
    channel.answers = [UnknownOutcomeError("away")] * 100
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.outbox.faults.append(LOST)
        await house.reply(conversation.key, "First")

        async def was_asked() -> bool:
            await house.system.write(hurry)
            return bool(channel.asked)

        await until(was_asked)
        await house.system.write(let_settling_end)
        await house.quiet()

        assert (await delivery_of(house, conversation.key)).state == "unknown"


@pytest.mark.parametrize("echo", [False, True], ids=["by a status", "by an echo"])
async def test_a_callback_settles_an_unknown_one_and_its_lane_goes_on(database: Database, echo: bool) -> None:
    channel = TellingChannel(Idempotency.CALLBACK)
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.outbox.faults.append(LOST)
        channel.outbox.takes_before_fault = True
        await house.reply(conversation.key, "First")
        await becomes(house, conversation.key, "unknown")
        await house.reply(conversation.key, "Second")

        key = channel.outbox.attempts[0].key
        told = {"echo": key, "text": "First"} if echo else {"status": "delivered", "of": "1001", "key": key}
        await house.post({"id": 1001, "chat": "7", **told})
        await house.quiet()

        assert texts(channel) == ["First", "Second"]
        first = (await house.parts(conversation.key))[1]
        assert first.deliveries[0].state == ("sent" if echo else "delivered")
        assert [source.external_id for source in first.sources] == ["1001"]
        assert [part.text for part in await house.parts(conversation.key)] == ["Hello?", "First", "Second"]


async def test_a_callback_that_never_comes_leaves_it_to_the_agents_and_the_lane_goes_on(database: Database) -> None:
    channel = TellingChannel(Idempotency.CALLBACK)
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.outbox.faults.append(LOST)
        await house.reply(conversation.key, "First")
        await becomes(house, conversation.key, "unknown")
        await house.reply(conversation.key, "Second")

        await house.system.write(let_settling_end)
        await house.quiet()

        states = [part.deliveries[0].state for part in (await house.parts(conversation.key))[1:]]
        assert (states, texts(channel)) == (["unknown", "sent"], ["Second"])


async def test_where_nothing_can_settle_it_it_is_shown_and_never_sent_again(database: Database) -> None:
    channel = TellingChannel(Idempotency.NONE)
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.outbox.faults.append(LOST)

        await house.reply(conversation.key, "Once")
        await house.quiet()

        assert len(channel.outbox.attempts) == 1
        assert (await delivery_of(house, conversation.key)).state == "unknown"


async def test_an_integration_may_be_told_to_send_an_unknown_one_again(database: Database) -> None:
    channel = TellingChannel(Idempotency.NONE)
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        view = await house.ann.write(integrations.decide_unknown, house.integration, on_unknown="resend")
        assert view.on_unknown == "resend"
        channel.outbox.faults.append(LOST)
        channel.outbox.takes_before_fault = True

        await house.reply(conversation.key, "Twice, if need be")
        await house.quiet(each=lambda: house.system.write(hurry))

        assert texts(channel) == ["Twice, if need be"] * 2
        assert (await delivery_of(house, conversation.key)).state == "sent"


async def test_an_agent_s_resend_and_confirm_end_the_waiting(database: Database) -> None:
    channel = TellingChannel(Idempotency.CALLBACK)
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.outbox.faults.extend([LOST, LOST])
        await house.reply(conversation.key, "First")
        await becomes(house, conversation.key, "unknown")

        await house.ann.write(dead_letters.retry, (await delivery_of(house, conversation.key)).id)
        await becomes(house, conversation.key, "unknown", attempts=2)
        await house.ann.write(dead_letters.confirm, (await delivery_of(house, conversation.key)).id)
        await house.quiet()

        assert (await delivery_of(house, conversation.key)).state == "sent"


async def test_a_status_that_comes_while_we_send_finds_its_delivery(database: Database) -> None:
    """It is committed before our own receipt."""
    channel = TellingChannel(Idempotency.CALLBACK)
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        told: dict[str, object] = {"status": "delivered", "of": "1001"}
        channel.meanwhile = posts_meanwhile(house, lambda piece: {**told, "key": piece.key})

        await house.reply(conversation.key, "First")
        await house.quiet()

        delivery = await delivery_of(house, conversation.key)
        assert (delivery.state, delivery.external_ids) == ("delivered", ("1001",))


async def test_a_status_by_the_provider_s_id_that_comes_before_our_commit_is_not_lost(database: Database) -> None:
    channel = TellingChannel(Idempotency.NONE)
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        channel.meanwhile = posts_meanwhile(house, lambda piece: {"status": "read", "of": "1001"})

        await house.reply(conversation.key, "First")

        await becomes(house, conversation.key, "read")
        assert (await house.parts(conversation.key))[-1].read_at is not None


async def test_statuses_only_ever_go_further(database: Database) -> None:
    channel = TellingChannel(Idempotency.NONE)
    async with a_house(database, tiny=channel) as house:
        conversation = await house.customer_writes("Hello?")
        await house.reply(conversation.key, "First")
        await house.quiet()

        for n, status in enumerate(("read", "delivered", "sent", "failed")):
            await house.post({"id": 50 + n, "chat": "7", "status": status, "of": "1001"})
            await house.quiet()

        assert (await delivery_of(house, conversation.key)).state == "read"


async def test_a_failing_status_among_messages_holds_none_back(database: Database) -> None:
    channel = TellingChannel(Idempotency.NONE)
    async with a_house(database, tiny=channel) as house:
        await house.post(
            {"id": 1, "chat": "7", "text": "before"},
            {"id": 2, "chat": "7", "status": "nonsense", "of": "9"},
            {"id": 3, "chat": "7", "text": "after"},
        )
        await house.quiet()

        conversation = await house.conversation()
        assert [part.text for part in await house.parts(conversation.key)] == ["before", "after"]
        [failed] = (await house.ann.read(dead_letters.inbound)).items
        assert failed.dedupe_key == "2"


async def becomes(house: House, key: str, state: str, *, attempts: int = 1) -> None:
    """Wait until the newest part's delivery is in a state after so many attempts."""

    async def is_so() -> bool:
        return (await delivery_of(house, key)).state == state and len(house.tiny.outbox.attempts) >= attempts

    await until(is_so)


def posts_meanwhile(house: House, told: Callable[[Piece], dict[str, object]]) -> Callable[[Piece], Awaitable[object]]:
    """Post a webhook while the provider has the message and we have no answer yet, and wait until it is taken in."""

    async def post(piece: Piece) -> None:
        await house.post({"id": 99, "chat": "7", **told(piece)})

        async def is_taken_in() -> bool:
            page = await house.ann.read(dead_letters.inbound, state="pending")
            return not page.items

        await until(is_taken_in)

    return post
