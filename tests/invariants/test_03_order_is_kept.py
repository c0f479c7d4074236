"""Invariant 3: parts keep the provider's order within a chat, deliveries leave in the order of their parts."""

import random

import anyio
import pytest

from tests.harness.databases import Database
from tests.harness.house import House, a_house, a_message

pytestmark = pytest.mark.anyio

CHATS = tuple("abcdef")
MESSAGES = 12


async def test_messages_of_many_chats_keep_their_order_whatever_else_arrives(house: House) -> None:
    async def one_chat(chat: str) -> None:
        for number in range(1, MESSAGES + 1):
            await house.post(a_message(int(f"{ord(chat)}{number:03}"), f"{number}", chat=chat))

    async with anyio.create_task_group() as tasks:
        for chat in CHATS:
            tasks.start_soon(one_chat, chat)
    await house.quiet()

    for chat in CHATS:
        parts = await house.parts((await house.conversation(chat)).key)
        assert [part.text for part in parts] == [str(number) for number in range(1, MESSAGES + 1)]
        assert [part.seq for part in parts] == list(range(1, MESSAGES + 1))


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_two_workers_on_one_database_reorder_nothing(database: Database) -> None:
    chance = random.Random(1)
    async with a_house(database) as one, a_house(database) as two:
        numbers = dict.fromkeys(CHATS, 0)
        for _ in range(60):
            chat = chance.choice(CHATS)
            numbers[chat] += 1
            message = a_message(int(f"{ord(chat)}{numbers[chat]:03}"), str(numbers[chat]), chat=chat)
            await chance.choice((one, two)).post(message)
        await one.quiet()
        for chat in CHATS:
            key = (await one.conversation(chat)).key
            for number in range(5):
                await chance.choice((one, two)).reply(key, f"{chat} {number}")
        await one.quiet()

        for chat in CHATS:
            parts = await one.parts((await one.conversation(chat)).key)
            written = [part.text for part in parts if part.author.type == "app_user"]
            assert written == [str(number) for number in range(1, numbers[chat] + 1)]
            sent = [piece.text for house in (one, two) for piece in house.tiny.outbox.sent if piece.channel_id == chat]
            assert sorted(sent) == [f"{chat} {number}" for number in range(5)]
            when = {d.id: d.external_ids for part in parts for d in part.deliveries}
            assert all(when.values())
