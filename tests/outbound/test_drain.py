"""What comes of a send: retried, failed with its reason, unknown, moved; in order, each piece once."""

from collections.abc import Callable

import anyio
import pytest

from chaskiq_core import desk
from chaskiq_core.desk import dead_letters, integrations
from chaskiq_core.errors import (
    AccountError,
    ConflictError,
    ContentError,
    MovedError,
    ReauthError,
    RecipientError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
    WindowError,
)
from chaskiq_core.host.call import Limits
from chaskiq_core.model import DeliveryState
from chaskiq_core.plugin.views import DeliveryView
from tests.harness.databases import Database
from tests.harness.house import House, a_house
from tests.harness.wait import until

pytestmark = pytest.mark.anyio


async def last_delivery(house: House, key: str) -> DeliveryView:
    """The delivery of the newest part."""
    [delivery] = (await house.parts(key))[-1].deliveries
    return delivery


async def test_what_the_provider_did_not_take_is_sent_again(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.extend([RetryLaterError("slow down", code="429", retry_after_seconds=0.05)] * 2)

    await house.reply(conversation.key, "Once")
    await house.quiet()

    assert [piece.text for piece in house.tiny.outbox.sent] == ["Once"]
    assert len(house.tiny.outbox.attempts) == 3
    assert len({piece.attempt_id for piece in house.tiny.outbox.attempts}) == 3
    assert (await last_delivery(house, conversation.key)).state == "sent"


@pytest.mark.parametrize(
    ("error", "error_class"),
    [
        (RecipientError("Forbidden: bot was blocked by the user", code="403"), "recipient"),
        (ContentError("message is too long", code="400"), "content"),
        (WindowError("outside the window", code="131047"), "window"),
        (ReauthError("Unauthorized", code="401"), "reauth"),
        (AccountError("account locked", code="131031"), "account"),
    ],
    ids=["recipient", "content", "window", "reauth", "account"],
)
async def test_a_refusal_fails_with_its_reason(house: House, error: SendError, error_class: str) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.append(error)

    await house.reply(conversation.key, "Never arrives")
    await house.quiet()

    delivery = await last_delivery(house, conversation.key)
    assert delivery.state == "failed"
    assert delivery.error is not None
    assert (delivery.error.class_, delivery.error.code, delivery.error.message) == (
        error_class,
        error.code,
        error.message,
    )
    assert len(house.tiny.outbox.attempts) == 1


async def test_refused_credentials_break_the_integration(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.append(ReauthError("Unauthorized", code="401"))

    await house.reply(conversation.key, "Never arrives")
    await house.quiet()

    [integration] = await house.ann.read(integrations.integrations)
    assert (integration.state, integration.state_reason) == ("broken", "Unauthorized")
    shown = await house.ann.read(desk.show, conversation.key)
    assert not shown.channels[0].can_send.free_form


def hang(house: House) -> None:
    house.tiny.outbox.faults.append(60.0)


def raise_something(house: House) -> None:
    house.tiny.outbox.faults.append(KeyError("a bug of the plugin"))


def lose_the_answer(house: House) -> None:
    house.tiny.outbox.faults.append(UnknownOutcomeError("connection reset"))


@pytest.mark.parametrize("fault", [hang, raise_something, lose_the_answer])
async def test_what_nobody_can_know_is_unknown_and_not_sent_again(
    database: Database, fault: Callable[[House], None]
) -> None:
    async with a_house(database, limits=Limits(send_seconds=0.3)) as house:
        conversation = await house.customer_writes("Hello?")
        house.tiny.outbox.takes_before_fault = True
        fault(house)

        await house.reply(conversation.key, "Perhaps")
        await house.reply(conversation.key, "For sure")
        await house.quiet()

        perhaps, for_sure = (await house.parts(conversation.key))[-2:]
        assert perhaps.deliveries[0].state == "unknown"
        assert perhaps.deliveries[0].error is not None
        assert perhaps.deliveries[0].error.class_ == "ambiguous"
        assert for_sure.deliveries[0].state == "sent"
        assert [piece.text for piece in house.tiny.outbox.sent] == ["Perhaps", "For sure"]


async def test_an_unknown_one_is_settled_by_an_agent_s_decision_only(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.extend([UnknownOutcomeError("reset"), UnknownOutcomeError("reset")])
    await house.reply(conversation.key, "One")
    await house.reply(conversation.key, "Two")
    await house.quiet()
    one, two = (part.deliveries[0].id for part in (await house.parts(conversation.key))[-2:])

    await house.ann.write(dead_letters.confirm, one)
    await house.ann.write(dead_letters.retry, two)
    await house.quiet()

    states = [part.deliveries[0].state for part in (await house.parts(conversation.key))[-2:]]
    assert states == ["sent", "sent"]
    assert [piece.text for piece in house.tiny.outbox.sent] == ["Two"]
    with pytest.raises(ConflictError):
        await house.ann.write(dead_letters.retry, two)


async def test_a_chat_that_moved_is_followed(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    house.tiny.outbox.faults.append(MovedError("upgraded", channel_id="8", code="400"))

    await house.reply(conversation.key, "After the move")
    await house.quiet()

    assert [(piece.channel_id, piece.text) for piece in house.tiny.outbox.sent] == [("8", "After the move")]
    shown = await house.ann.read(desk.show, conversation.key)
    assert [channel.provider_channel_id for channel in shown.channels] == ["8"]


async def test_a_retry_resumes_at_the_first_piece_without_a_receipt(house: House) -> None:
    conversation = await house.customer_writes("Tell me all")
    text = "\n".join(f"Sentence number {n} of a long story." for n in range(8))
    later = RetryLaterError("slow down", retry_after_seconds=0.05)
    house.tiny.outbox.on_send = lambda piece: (
        house.tiny.outbox.faults.append(later) if len(house.tiny.outbox.attempts) == 3 else None
    )

    await house.reply(conversation.key, text)
    await house.quiet()

    assert "\n".join(piece.text for piece in house.tiny.outbox.sent) == text
    assert len(house.tiny.outbox.attempts) == len(house.tiny.outbox.sent) + 1


async def test_thirty_replies_leave_in_order_once_whatever_delays_them(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    outbox = house.tiny.outbox
    later = RetryLaterError("slow down", retry_after_seconds=0.01)
    outbox.on_send = lambda piece: outbox.faults.append(later) if len(outbox.attempts) % 7 == 3 else None

    async with anyio.create_task_group() as tasks:
        for number in range(30):
            tasks.start_soon(house.reply, conversation.key, f"Reply {number}")
    await house.quiet()

    replies = (await house.parts(conversation.key))[1:]
    assert [piece.text for piece in outbox.sent] == [part.text for part in replies]
    assert {part.deliveries[0].state for part in replies} == {DeliveryState.SENT}
    ids = [part.deliveries[0].external_ids for part in replies]
    assert ids == [(str(1001 + n),) for n in range(30)]


async def test_a_paused_integration_sends_nothing_until_it_is_resumed(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    await house.ann.write(integrations.pause_integration, house.integration)
    house.chaskiq.integrations.clear()
    await house.reply(conversation.key, "Later")

    async def was_left_alone() -> bool:
        return bool(house.chaskiq.gate.closed())

    await until(was_left_alone)
    assert house.tiny.outbox.attempts == []
    house.chaskiq.integrations.clear()
    await house.ann.write(integrations.resume_integration, house.integration)
    house.chaskiq.integrations.clear()
    await house.quiet()

    assert [piece.text for piece in house.tiny.outbox.sent] == ["Later"]
