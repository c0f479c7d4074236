"""One text in and out, told to the end: from the webhook to the part, from the reply to the provider's id."""

import anyio
import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.desk import dead_letters, people, staff
from chaskiq_core.errors import ConflictError
from chaskiq_core.model import App
from chaskiq_core.store.unit import Unit
from tests.harness.house import House, a_message

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


async def test_a_message_becomes_a_part_of_a_lead(house: House) -> None:
    conversation = await house.customer_writes("Where is my order?")

    [part] = await house.parts(conversation.key)
    assert (part.seq, part.kind, part.text, part.author.type) == (1, "content", "Where is my order?", "app_user")
    assert [(source.provider, source.external_id) for source in part.sources] == [("tiny", "1")]
    assert conversation.main_participant.kind == "lead"
    assert conversation.main_participant.name == "Person 7"
    assert [(channel.provider, channel.provider_channel_id) for channel in conversation.channels] == [("tiny", "7")]


async def test_a_reply_goes_out_and_keeps_the_provider_s_id(house: House) -> None:
    conversation = await house.customer_writes("Hello?")

    await house.reply(conversation.key, "At your service")
    await house.quiet()

    assert [(piece.channel_id, piece.text) for piece in house.tiny.outbox.sent] == [("7", "At your service")]
    part = (await house.parts(conversation.key))[-1]
    [delivery] = part.deliveries
    assert (delivery.state, delivery.external_ids, delivery.error) == ("sent", ("1001",), None)
    assert [source.external_id for source in part.sources] == ["1001"]


async def test_a_long_reply_leaves_in_pieces_in_order(house: House) -> None:
    conversation = await house.customer_writes("Tell me all")
    text = "\n".join(f"Sentence number {n} of a long story." for n in range(12))

    await house.reply(conversation.key, text)
    await house.quiet()

    sent = [piece.text for piece in house.tiny.outbox.sent]
    assert len(sent) > 3
    assert "\n".join(sent) == text
    assert len((await house.parts(conversation.key))[-1].deliveries[0].external_ids) == len(sent)


async def test_answers_point_at_each_other_on_both_sides(house: House) -> None:
    conversation = await house.customer_writes("First question", number=1)
    asked = (await house.parts(conversation.key))[0]
    await house.ann.write(desk.reply, conversation.key, content=document_from_text("Answer"), reply_to=asked.key)
    await house.quiet()
    answer = (await house.parts(conversation.key))[-1]
    await house.post(a_message(2, "Thanks", reply_to=1001))
    await house.quiet()

    assert house.tiny.outbox.sent[0].reply_to == "1"
    assert (await house.parts(conversation.key))[-1].reply_to == answer.key


async def test_a_note_never_leaves(house: House) -> None:
    conversation = await house.customer_writes("Hello?")

    note = await house.reply(conversation.key, "He is a friend of the boss", private_note=True)
    await house.quiet()

    assert house.tiny.outbox.attempts == []
    assert note.deliveries == ()
    assert (await house.ann.read(desk.show, conversation.key)).unread_count == 0


async def test_unread_counts_what_agents_wrote_and_first_reply_is_kept(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    await house.reply(conversation.key, "Only for us", private_note=True)
    assert (await house.ann.read(desk.show, conversation.key)).first_agent_reply_at is None

    first = await house.reply(conversation.key, "One")
    await house.reply(conversation.key, "Two")

    shown = await house.ann.read(desk.show, conversation.key)
    assert shown.unread_count == 2
    assert shown.first_agent_reply_at == first.created_at


async def test_a_repeated_message_is_one_part(house: House) -> None:
    for _ in range(3):
        await house.post(a_message(1, "Only once"))
    await house.quiet()

    conversation = await house.conversation()
    assert [part.text for part in await house.parts(conversation.key)] == ["Only once"]


async def test_one_message_raced_from_eight_clients_is_one_part(house: House) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(house.post, a_message(1, "Only once"))
    await house.quiet()

    conversation = await house.conversation()
    assert [part.text for part in await house.parts(conversation.key)] == ["Only once"]


async def test_eight_messages_at_once_of_someone_new_make_one_conversation(house: House) -> None:
    async with anyio.create_task_group() as tasks:
        for number in range(1, 9):
            tasks.start_soon(house.post, a_message(number, f"Message {number}"))
    await house.quiet()

    page = await house.ann.read(desk.inbox)
    assert len(page.items) == 1
    assert len((await house.ann.read(people.contacts)).items) == 1
    parts = await house.parts(page.items[0].key)
    assert sorted(part.text for part in parts) == [f"Message {number}" for number in range(1, 9)]
    assert [part.seq for part in parts] == list(range(1, 9))


async def test_a_replayed_message_adds_nothing(house: House) -> None:
    conversation = await house.customer_writes("Only once")
    [item] = (await house.ann.read(dead_letters.inbound, state="done")).items

    await house.ann.write(dead_letters.replay, item.id)
    await house.quiet()

    assert len(await house.parts(conversation.key)) == 1
    [again] = (await house.ann.read(dead_letters.inbound, state="ignored")).items
    assert again.error == "we have this message already"


async def test_a_poisoned_message_is_parked_and_its_lane_goes_on(house: House) -> None:
    await house.post(a_message(1, "before"), a_message(2, "bad", poison=True), a_message(3, "after"))
    await house.quiet()

    conversation = await house.conversation()
    assert [part.text for part in await house.parts(conversation.key)] == ["before", "after"]
    [failed] = (await house.ann.read(dead_letters.inbound)).items
    assert failed.error is not None
    assert "poison" in failed.error


async def test_a_message_into_a_closed_conversation_reopens_it(house: House) -> None:
    conversation = await house.customer_writes("Hello?", number=1)
    await house.ann.write(desk.close, conversation.key)

    again = await house.customer_writes("One more thing", number=2)

    assert (again.key, again.state) == (conversation.key, "opened")
    kinds = [(part.kind, part.event.action if part.event else part.text) for part in await house.parts(again.key)]
    assert kinds == [
        ("content", "Hello?"),
        ("event", "closed"),
        ("event", "reopened"),
        ("content", "One more thing"),
    ]


async def test_a_message_long_after_closing_starts_a_new_conversation_and_the_old_one_can_still_answer(
    house: House,
) -> None:
    old = await house.customer_writes("Hello?", number=1)
    await house.ann.write(desk.close, old.key)
    await house.system.write(never_reopen)

    new = await house.customer_writes("Something else", number=2)
    await house.reply(old.key, "To the old question")
    await house.reply(new.key, "To the new one")
    await house.quiet()

    assert new.key != old.key
    assert [piece.text for piece in house.tiny.outbox.sent] == ["To the old question", "To the new one"]
    assert (await house.ann.read(desk.show, old.key)).state == "closed"


async def test_asking_for_what_is_so_already_leaves_no_event(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    for _ in range(2):
        await house.ann.write(desk.close, conversation.key)
        await house.ann.write(desk.assign, conversation.key, agent_id=None)

    events = [part.event.action for part in await house.parts(conversation.key) if part.event]
    assert events == ["closed"]


async def test_two_who_assign_at_once_are_told_apart(house: House) -> None:
    conversation = await house.customer_writes("Hello?")
    ann = (await house.ann.read(list_ids))[0]
    await house.ann.write(desk.assign, conversation.key, agent_id=ann, expected_assignee_id=None, expects=True)

    with pytest.raises(ConflictError):
        await house.ann.write(desk.assign, conversation.key, agent_id=ann, expected_assignee_id=None, expects=True)

    assert (await house.ann.read(desk.show, conversation.key)).assignee is not None


def never_reopen(unit: Unit) -> None:
    [app] = unit.lock(unit.select(App).where(App.id == unit.app_id))
    app.settings = {**app.settings, "reopen_within_hours": 0}


def list_ids(unit: Unit) -> list[str]:
    return [agent.id for agent in staff.list_agents(unit) if agent.role == "admin"]
