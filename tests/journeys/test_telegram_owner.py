"""The business side in Telegram itself: the owner in groups, and business accounts that the bot is connected to."""

from collections.abc import AsyncIterator

import pytest

from chaskiq_core import desk
from tests.harness.databases import Database
from tests.harness.telegram_desk import BOT, MAYA, TelegramDesk, a_telegram_desk

pytestmark = pytest.mark.anyio

OWNER = {"id": 2001, "first_name": "Petra"}


@pytest.fixture
async def bot(database: Database) -> AsyncIterator[TelegramDesk]:
    async with a_telegram_desk(database, telegram={"user_id": "2001"}) as made:
        yield made


async def test_what_the_owner_writes_in_a_group_is_an_agent_s_and_goes_nowhere(bot: TelegramDesk) -> None:
    made = await bot.act("/groups", {"title": "Team", "members": [MAYA, OWNER]})
    group = made["chat_id"]

    await bot.customer_writes("Is anybody here?", chat_id=group)
    conversation = await bot.customer_writes("I am", sender=OWNER, chat_id=group)
    await bot.quiet()

    asked, answered = [part for part in await bot.parts(conversation.key) if part.kind == "content"]
    assert (asked.author.type, asked.author.name) == ("app_user", "Maya")
    assert (answered.author.type, answered.author.name) == ("agent", "Ann")
    assert answered.deliveries == ()
    assert [person.name for person in conversation.participants] == ["Maya"]
    assert await bot.shown(chat=int(str(group))) == []


async def test_a_business_account_s_customer_is_answered_in_its_name(bot: TelegramDesk) -> None:
    connection = (await bot.act("/business", {"owner": OWNER}))["business_connection"]
    assert isinstance(connection, dict)
    business = {"business_connection_id": connection["id"]}

    conversation = await bot.customer_writes("Do you repair bikes?", **business)
    await bot.act("/messages", {"from": OWNER, "chat_id": MAYA["id"], "text": "We do", **business})
    await bot.conversation_with("We do")
    await bot.reply(conversation.key, "Bring it by")
    await bot.quiet()

    authors = [(part.author.type, part.text) for part in await bot.parts(conversation.key)]
    assert authors == [("app_user", "Do you repair bikes?"), ("agent", "We do"), ("agent", "Bring it by")]
    chat = f"/sandbox/bots/{BOT}/chats/{MAYA['id']}/messages"
    shown = (await bot.telegram.get(chat, params=business)).json()["messages"]
    assert [one["text"] for one in shown] == ["Do you repair bikes?", "We do", "Bring it by"]
    assert [one.provider_thread_id for one in conversation.channels] == [connection["id"]]
    assert len((await bot.ann.read(desk.inbox)).items) == 1
