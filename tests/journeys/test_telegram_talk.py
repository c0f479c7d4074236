"""Telegram beyond one text: edits, reactions, buttons, groups, several bots, chats that move, texts in pieces."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_text, read_document
from chaskiq_core.desk import people
from chaskiq_core.plugin import (
    AddPart,
    ConversationView,
    Effect,
    ObserverContext,
    PartView,
    ask_option,
    hookimpl,
)
from chaskiq_telegram.sandbox import Fault, FaultKind
from tests.harness.databases import Database
from tests.harness.telegram_desk import BOT, MAYA, SECOND_BOT, TelegramDesk, a_telegram_desk
from tests.harness.wait import until

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

OMAR = {"id": 1002, "first_name": "Omar"}
LIN = {"id": 1003, "first_name": "Lin"}


class Asking:
    """Asks back with two buttons when a customer writes `options`."""

    name = "asking"

    @hookimpl
    async def part_added(
        self, part: PartView, conversation: ConversationView, context: ObserverContext
    ) -> Sequence[Effect]:
        if part.text != "options":
            return []
        return [AddPart(block=ask_option("How can we help?", {"track": "Track it", "talk": "Talk to us"}))]


@pytest.fixture
async def bot(database: Database) -> AsyncIterator[TelegramDesk]:
    async with a_telegram_desk(database, plugins={"asking": Asking()}) as made:
        yield made


@dataclass(frozen=True)
class Seen:
    """A message of the bot in a chat."""

    id: int
    text: str
    keyboard: list[list[str]]


async def seen(bot: TelegramDesk, *, chat: int = 1001) -> list[Seen]:
    shown = []
    for one in await bot.shown(chat=chat):
        keyboard = one["keyboard"]
        assert isinstance(keyboard, list)
        rows = [[button["text"] for button in row] for row in keyboard]
        shown.append(Seen(int(str(one["message_id"])), str(one["text"]), rows))
    return shown


async def test_what_an_agent_edits_and_deletes_changes_in_the_chat(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Hello?")
    first, second = await bot.reply(conversation.key, "Helo"), await bot.reply(conversation.key, "Ignore this")
    await bot.quiet()

    await bot.ann.write(desk.edit, conversation.key, first.key, content=document_from_text("Hello"))
    await bot.ann.write(desk.delete, conversation.key, second.key)
    await bot.quiet()

    assert [one.text for one in await seen(bot)] == ["Hello"]
    assert [part.deliveries[0].error for part in (await bot.parts(conversation.key))[1:]] == [None, None]


async def test_an_edit_that_telegram_refuses_for_good_is_told_to_the_agents(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Hello?")
    part = await bot.reply(conversation.key, "Helo")
    await bot.quiet()
    description = "Bad Request: message can't be edited"
    bot.sandbox.faults.add(Fault(kind=FaultKind.BAD_REQUEST, method="editMessageText", description=description))

    await bot.ann.write(desk.edit, conversation.key, part.key, content=document_from_text("Hello"))
    delivery = await bot.delivery(conversation.key)

    assert delivery.state == "sent"
    assert delivery.error is not None
    assert "can't be edited" in delivery.error.message


async def test_looks_reach_telegram_and_plain_text_does_where_it_can_t_read_them(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Hello?")
    bold = {"type": "text", "text": "bold", "marks": [{"type": "bold"}]}
    content = read_document({"type": "doc", "content": [{"type": "paragraph", "content": [bold]}]})

    await bot.ann.write(desk.reply, conversation.key, content=content)
    await bot.quiet()
    bot.sandbox.faults.add(
        Fault(kind=FaultKind.BAD_REQUEST, method="sendMessage", description="Bad Request: can't parse entities: no")
    )
    await bot.ann.write(desk.reply, conversation.key, content=content)
    await bot.quiet()

    shown = await bot.shown()
    assert [one["text"] for one in shown] == ["bold", "bold"]
    assert [bool(one["entities"]) for one in shown] == [True, False]


async def test_a_customer_s_edit_and_reaction_change_their_parts(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Wher is it?")
    await bot.reply(conversation.key, "On its way")
    await bot.quiet()
    theirs, ours = await bot.parts(conversation.key)
    message = f"/chats/1001/messages/{theirs.sources[0].external_id}"

    await bot.act(f"{message}/edit", {"from": MAYA, "text": "Where is it?"})
    answer = f"/chats/1001/messages/{ours.deliveries[0].external_ids[0]}"
    await bot.act(f"{answer}/react", {"from": MAYA, "emoji": ["👍"]})

    async def both_arrived() -> bool:
        edited, liked = await bot.parts(conversation.key)
        return edited.text == "Where is it?" and bool(liked.reactions)

    await until(both_arrived)
    _, liked = await bot.parts(conversation.key)
    assert [one["emoji"] for one in liked.reactions] == ["👍"]


async def test_a_pressed_button_answers_the_question_once_and_telegram_is_told(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("options")
    await bot.quiet()
    [question] = await seen(bot)
    assert (question.text, question.keyboard) == ("How can we help?", [["Track it", "Talk to us"]])

    for choice in ("Talk to us", "Track it"):
        press = await bot.act(f"/chats/1001/messages/{question.id}/press", {"from": MAYA, "text": choice})
        told = await bot.telegram.get(f"/sandbox/bots/{BOT}/presses/{press['callback_query_id']}?wait=10")
        assert told.json()["answer"] is not None
    await bot.quiet()

    _, block, answer = await bot.parts(conversation.key)
    assert (answer.text, answer.author.type, answer.reply_to) == ("Talk to us", "app_user", block.key)
    assert block.block is not None
    assert (block.block["state"], block.block["values"]) == ("replied", {"id": "talk", "label": "Talk to us"})


async def test_an_agent_who_writes_is_shown_as_typing(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Hello?")

    statuses = [(await bot.rest.post(f"/conversations/{conversation.key}/typing")).status_code for _ in range(3)]
    await bot.quiet()

    assert statuses == [204, 204, 204]
    calls = (await bot.telegram.get("/sandbox/calls?method=sendChatAction&wait=10")).json()["calls"]
    assert [call["parameters"]["action"] for call in calls] == ["typing"]


async def test_three_people_in_a_group_are_one_conversation_of_three(bot: TelegramDesk) -> None:
    made = await bot.act("/groups", {"title": "Team", "members": [MAYA, OMAR, LIN]})
    group = int(str(made["chat_id"]))

    for person, text in ((MAYA, "Hi from Maya"), (OMAR, "Hi from Omar")):
        await bot.customer_writes(text, sender=person, chat_id=group)
    conversation = await bot.customer_writes("Hi from Lin", sender=LIN, chat_id=group)
    await bot.reply(conversation.key, "Hello, all of you")
    await bot.quiet()

    [conversation] = (await bot.ann.read(desk.inbox)).items
    assert conversation.main_participant.name == "Maya"
    assert sorted(person.name for person in conversation.participants) == ["Lin", "Maya", "Omar"]
    texts = [part for part in await bot.parts(conversation.key) if part.kind == "content"]
    assert [(part.author.name, part.text) for part in texts] == [
        ("Maya", "Hi from Maya"),
        ("Omar", "Hi from Omar"),
        ("Lin", "Hi from Lin"),
        ("Ann", "Hello, all of you"),
    ]
    assert [one.text for one in await seen(bot, chat=group)] == ["Hello, all of you"]


async def test_topics_of_a_forum_are_conversations_of_their_own(bot: TelegramDesk) -> None:
    made = await bot.act("/groups", {"title": "Forum", "is_forum": True, "members": [MAYA]})
    forum = int(str(made["chat_id"]))
    keys = []
    for name in ("Orders", "Returns"):
        topic = await bot.act(f"/groups/{forum}/topics", {"name": name, "from": MAYA})
        conversation = await bot.customer_writes(f"About {name}", chat_id=forum, thread_id=topic["thread_id"])
        await bot.reply(conversation.key, f"Yes, {name}?")
        keys.append((conversation.key, topic["thread_id"]))
    await bot.quiet()

    assert len({key for key, _ in keys}) == 2
    shown = await bot.shown(chat=forum)
    assert [(one["text"], one["thread_id"]) for one in shown] == [
        ("Yes, Orders?", keys[0][1]),
        ("Yes, Returns?", keys[1][1]),
    ]


async def test_a_group_that_moved_keeps_its_conversation(bot: TelegramDesk) -> None:
    made = await bot.act("/groups", {"title": "Team", "members": [MAYA, OMAR]})
    group = int(str(made["chat_id"]))
    before = await bot.customer_writes("Before", chat_id=group)

    moved = await bot.act(f"/groups/{group}/migrate", {})
    await bot.reply(before.key, "Still here?")
    await bot.quiet()
    after = await bot.customer_writes("After", sender=OMAR, chat_id=moved["chat_id"])

    assert after.key == before.key
    assert [one.text for one in await seen(bot, chat=int(str(moved["chat_id"])))] == ["Still here?"]


async def test_two_bots_of_one_app_are_two_conversations_of_one_contact(bot: TelegramDesk) -> None:
    await bot.add_bot(SECOND_BOT)

    first = await bot.customer_writes("To the first")
    second = await bot.customer_writes("To the second", bot=SECOND_BOT)
    await bot.reply(first.key, "From the first")
    await bot.reply(second.key, "From the second")
    await bot.quiet()

    assert first.key != second.key
    assert [one.name for one in (await bot.ann.read(people.contacts)).items] == ["Maya"]
    assert first.main_participant.id == second.main_participant.id
    assert [text for _, text in await bot.customer_sees()] == ["From the first"]
    assert [text for _, text in await bot.customer_sees(bot=SECOND_BOT)] == ["From the second"]


async def test_a_text_in_four_pieces_leaves_once_in_order_with_a_429_at_the_third(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Tell me everything")
    text = "\n".join(f"This is sentence number {number} of a long story." for number in range(300))
    bot.sandbox.faults.add(Fault(kind=FaultKind.TOO_MANY_REQUESTS, method="sendMessage", retry_after=1, skip=2))

    await bot.reply(conversation.key, text)
    delivery = await bot.delivery(conversation.key)

    pieces = await bot.customer_sees()
    assert len(pieces) == 4
    assert "\n".join(piece for _, piece in pieces) == text
    assert (delivery.state, delivery.external_ids) == ("sent", tuple(id_ for id_, _ in pieces))


@pytest.mark.parametrize("kind", [FaultKind.DUPLICATE, FaultKind.HOLD, FaultKind.LOST_ANSWER])
async def test_what_telegram_delivers_twice_late_or_again_is_a_part_once(bot: TelegramDesk, kind: FaultKind) -> None:
    bot.sandbox.faults.add(Fault(kind=kind, times=3))
    texts = [f"message {number}" for number in range(6)]

    for text in texts:
        await bot.act("/messages", {"from": MAYA, "text": text})
    bot.sandbox.faults.clear()
    await bot.act("/messages", {"from": OMAR, "text": "the last one"})
    conversation = await bot.conversation_with(texts[-1])

    async def all_there() -> bool:
        return len(await bot.parts(conversation.key)) >= len(texts)

    await until(all_there)
    await bot.quiet()
    assert sorted(part.text for part in await bot.parts(conversation.key)) == texts
