"""Telegram all the way: the sandbox posts webhooks to the real server, which answers through the Bot API."""

from collections.abc import AsyncIterator

import pytest

from chaskiq_core.desk import integrations
from chaskiq_core.host.call import Limits
from chaskiq_telegram.sandbox import Fault, FaultKind
from tests.harness.databases import Database
from tests.harness.telegram_desk import BOT, TelegramDesk, a_telegram_desk

pytestmark = pytest.mark.anyio

SEND = "sendMessage"


@pytest.fixture
async def bot(database: Database) -> AsyncIterator[TelegramDesk]:
    async with a_telegram_desk(database, limits=Limits(send_seconds=2)) as made:
        yield made


async def test_a_text_comes_in_and_the_answer_goes_out(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Where is my order?")
    await bot.reply(conversation.key, "On its way <to you> & yours")
    delivery = await bot.delivery(conversation.key)

    assert conversation.main_participant.name == "Maya"
    assert conversation.channels[0].provider_channel_id == "1001"
    [(message_id, text)] = await bot.customer_sees()
    assert text == "On its way <to you> & yours"
    assert (delivery.state, delivery.external_ids) == ("sent", (message_id,))
    [integration] = await bot.ann.read(integrations.integrations)
    assert (integration.state, integration.settings["access_token"]) == ("active", "••••••")


async def test_twelve_replies_leave_in_order_once_with_their_ids_whatever_telegram_does(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Tell me everything")
    bot.sandbox.faults.add(Fault(kind=FaultKind.TOO_MANY_REQUESTS, method=SEND, retry_after=1, skip=3))
    bot.sandbox.faults.add(Fault(kind=FaultKind.SERVER_ERROR, method=SEND, skip=7))
    texts = [f"Line {number}" for number in range(12)]  # at one a second to a chat, after its burst

    for text in texts:
        await bot.reply(conversation.key, text)
    await bot.quiet()

    seen = await bot.customer_sees()
    assert [text for _, text in seen] == texts
    deliveries = [part.deliveries[0] for part in (await bot.parts(conversation.key))[1:]]
    assert [delivery.external_ids for delivery in deliveries] == [(message_id,) for message_id, _ in seen]
    assert {delivery.state for delivery in deliveries} == {"sent"}


async def test_a_customer_who_blocked_the_bot_fails_the_delivery_with_that_reason(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Leave me alone")
    (await bot.telegram.post(f"/sandbox/bots/{BOT}/chats/1001/block")).raise_for_status()

    await bot.reply(conversation.key, "One more thing")

    await bot.quiet()
    [delivery] = [part.deliveries[0] for part in await bot.parts(conversation.key) if part.text == "One more thing"]
    assert delivery.state == "failed"
    assert delivery.error is not None
    assert (delivery.error.class_, delivery.error.code) == ("recipient", "403")
    assert "blocked by the user" in delivery.error.message


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.GARBAGE, FaultKind.HANG])
async def test_what_telegram_took_and_never_confirmed_is_unknown_and_not_sent_twice(
    bot: TelegramDesk, kind: FaultKind
) -> None:
    conversation = await bot.customer_writes("Hello?")
    bot.sandbox.faults.add(Fault(kind=kind, method=SEND, accept=True))

    await bot.reply(conversation.key, "Perhaps")
    await bot.reply(conversation.key, "Surely")
    await bot.quiet()

    perhaps, surely = (part.deliveries[0] for part in (await bot.parts(conversation.key))[-2:])
    assert (perhaps.state, surely.state) == ("unknown", "sent")
    assert perhaps.error is not None
    assert perhaps.error.class_ == "ambiguous"
    assert [text for _, text in await bot.customer_sees()] == ["Perhaps", "Surely"]


async def test_a_connection_that_was_reset_before_telegram_took_it_is_not_sent_blindly_again(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Hello?")
    bot.sandbox.faults.add(Fault(kind=FaultKind.RESET_BEFORE, method=SEND))

    await bot.reply(conversation.key, "Perhaps")
    delivery = await bot.delivery(conversation.key)

    assert delivery.state == "unknown"
    assert await bot.customer_sees() == []


async def test_a_revoked_token_breaks_the_integration_with_telegram_s_sentence(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Hello?")
    (await bot.telegram.post(f"/sandbox/bots/{BOT}/revoke")).raise_for_status()

    await bot.reply(conversation.key, "Never arrives")
    delivery = await bot.delivery(conversation.key)

    assert delivery.error is not None
    assert (delivery.state, delivery.error.class_, delivery.error.code) == ("failed", "reauth", "401")
    [integration] = await bot.ann.read(integrations.integrations)
    assert (integration.state, integration.state_reason) == ("broken", "Unauthorized")


async def test_a_text_over_telegram_s_limit_leaves_in_pieces(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Tell me everything")
    text = "\n".join(f"This is sentence number {number} of a long story." for number in range(200))

    await bot.reply(conversation.key, text)
    delivery = await bot.delivery(conversation.key)

    seen = await bot.customer_sees()
    assert "\n".join(piece for _, piece in seen) == text
    assert len(seen) == 3
    assert delivery.external_ids == tuple(message_id for message_id, _ in seen)
