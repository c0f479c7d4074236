"""A part that was edited or deleted after it left: its messages follow, in their order, whatever goes wrong."""

from collections import deque
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.errors import ForbiddenError, InvalidError
from chaskiq_core.fitting.fit import FittedPiece
from chaskiq_core.model import Delivery, DeliveryState
from chaskiq_core.outbound.head import PieceState
from chaskiq_core.outbound.revise import Extend, Rewrite, Withdraw, revisions
from chaskiq_core.plugin import ContentError, PartView, RecipientError, RetryLaterError, UnknownOutcomeError
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house import House, a_house
from tests.harness.rich_channel import RichChannel
from tests.harness.tiny_channel import MAX_TEXT, TinyChannel

pytestmark = pytest.mark.anyio

LONG = "A sentence of the long text. " * (3 * MAX_TEXT // 30)


@pytest.fixture
def channel() -> RichChannel:
    return RichChannel()


@pytest.fixture
async def house(database: Database, channel: RichChannel) -> AsyncIterator[House]:
    async with a_house(database, tiny=channel) as house:
        yield house


async def sent_part(house: House, text: str = "Hello") -> tuple[str, PartView]:
    conversation = await house.customer_writes("Hi")
    part = await house.reply(conversation.key, text)
    await house.quiet()
    return conversation.key, part


async def edit(house: House, key: str, part: PartView, text: str) -> PartView:
    return await house.ann.write(desk.edit, key, part.key, content=document_from_text(text))


async def the_part(house: House, key: str, part: PartView) -> PartView:
    return next(one for one in await house.parts(key) if one.key == part.key)


def be_due(unit: Unit) -> None:
    unit.change(unit.update(Delivery).values(due_at=unit.now))


async def test_an_edit_reaches_the_message_that_was_sent(house: House, channel: RichChannel) -> None:
    key, part = await sent_part(house)

    await edit(house, key, part, "Hello there")
    await house.quiet()

    assert channel.asked.edits == [("10010", "Hello there")]
    shown = await the_part(house, key, part)
    assert (shown.text, shown.edited_at is not None) == ("Hello there", True)
    assert [(one.state, one.error) for one in shown.deliveries] == [("sent", None)]


async def test_a_deleted_part_is_taken_back(house: House, channel: RichChannel) -> None:
    key, part = await sent_part(house)

    await house.ann.write(desk.delete, key, part.key)
    await house.quiet()

    assert channel.asked.deletes == ["10010"]
    assert (await the_part(house, key, part)).text == ""


async def test_a_part_that_was_deleted_before_it_left_never_leaves(database: Database, channel: RichChannel) -> None:
    async with a_house(database, tiny=channel, workers=False) as house:
        await house.post({"id": 1, "chat": "7", "text": "Hi"})
        await house.take_in()
        key = (await house.conversation()).key
        part = await house.reply(key, "Never mind")
        await house.ann.write(desk.delete, key, part.key)
    async with a_house(database, tiny=channel) as house:
        await house.quiet()

        [delivery] = (await the_part(house, key, part)).deliveries

    assert channel.outbox.attempts == []
    assert (delivery.state, delivery.error) == ("cancelled", None)


async def test_a_part_edited_before_it_left_leaves_as_it_is_now(database: Database, channel: RichChannel) -> None:
    async with a_house(database, tiny=channel, workers=False) as house:
        await house.post({"id": 1, "chat": "7", "text": "Hi"})
        await house.take_in()
        key = (await house.conversation()).key
        part = await house.reply(key, "Helo")
        await edit(house, key, part, "Hello")
    async with a_house(database, tiny=channel) as house:
        await house.quiet()

    assert [piece.text for piece in channel.outbox.sent] == ["Hello"]
    assert channel.asked.edits == []


@pytest.mark.parametrize("error", [RetryLaterError("away", retry_after_seconds=0), UnknownOutcomeError("reset")])
async def test_an_edit_whose_answer_is_lost_is_told_again(house: House, channel: RichChannel, error: Exception) -> None:
    key, part = await sent_part(house)
    channel.asked.faults.append(error)

    await edit(house, key, part, "Hello there")
    await house.quiet(each=lambda: house.system.write(be_due))

    assert channel.asked.edits == [("10010", "Hello there")]


async def test_an_edit_made_while_another_is_told_is_told_too(house: House, channel: RichChannel) -> None:
    key, part = await sent_part(house)
    channel.asked.meanwhile = lambda: edit(house, key, part, "Hello, world")

    await edit(house, key, part, "Hello there")
    await house.quiet()

    assert [text for _, text in channel.asked.edits] == ["Hello there", "Hello, world"]
    assert (await the_part(house, key, part)).text == "Hello, world"


async def test_what_is_written_after_an_edit_leaves_after_it(house: House, channel: RichChannel) -> None:
    key, part = await sent_part(house)
    order: list[str] = []
    channel.outbox.on_send = lambda piece: order.append(piece.text)
    channel.asked.faults.append(RetryLaterError("slow down", retry_after_seconds=0.2))

    await edit(house, key, part, "Hello there")
    await house.reply(key, "Anything else?")
    await house.quiet()

    assert channel.asked.edits == [("10010", "Hello there")]
    assert order == ["Anything else?"]
    assert channel.asked.faults == deque()


@pytest.mark.parametrize("error", [ContentError("message can't be edited"), RecipientError("blocked")])
async def test_an_edit_that_is_refused_is_shown_to_the_agents(
    house: House, channel: RichChannel, error: Exception
) -> None:
    key, part = await sent_part(house)
    channel.asked.faults.append(error)

    await edit(house, key, part, "Hello there")
    await house.quiet()

    [delivery] = (await the_part(house, key, part)).deliveries
    assert delivery.state == "sent"
    assert delivery.error is not None
    assert "the change did not reach it" in delivery.error.message


async def test_a_channel_that_can_t_edit_says_so(database: Database) -> None:
    async with a_house(database, tiny=TinyChannel()) as house:
        key, part = await sent_part(house)

        await edit(house, key, part, "Hello there")
        await house.quiet()

        [delivery] = (await the_part(house, key, part)).deliveries
    assert delivery.error is not None
    assert "can't change what was sent" in delivery.error.message


async def test_a_shorter_text_withdraws_messages_and_a_longer_one_adds_some(house: House, channel: RichChannel) -> None:
    key, part = await sent_part(house, LONG)
    before = len(channel.outbox.sent)
    assert before > 2

    await edit(house, key, part, "Short")
    await house.quiet()
    assert [text for _, text in channel.asked.edits] == ["Short"]
    assert len(channel.asked.deletes) == before - 1

    await edit(house, key, part, LONG)
    await house.quiet()
    shown = [channel.asked.edits[-1][1], *(piece.text for piece in channel.outbox.sent[before:])]
    assert "".join("".join(shown).split()) == "".join(LONG.split())
    assert [one.state for one in (await the_part(house, key, part)).deliveries] == ["sent"]


async def test_only_who_wrote_a_part_may_change_it(house: House) -> None:
    conversation = await house.customer_writes("Hi")
    [theirs] = await house.parts(conversation.key)
    note = await house.reply(conversation.key, "Note", private_note=True)

    with pytest.raises(ForbiddenError):
        await edit(house, conversation.key, theirs, "I said something else")
    with pytest.raises(ForbiddenError):
        await house.ann.write(desk.delete, conversation.key, theirs.key)
    with pytest.raises(InvalidError):
        await edit(house, conversation.key, note, "  ")
    assert (await edit(house, conversation.key, note, "Another note")).text == "Another note"


async def test_an_edited_note_reaches_nobody(house: House, channel: RichChannel) -> None:
    conversation = await house.customer_writes("Hi")
    note = await house.reply(conversation.key, "Note", private_note=True)

    await edit(house, conversation.key, note, "Secret")
    await house.ann.write(desk.delete, conversation.key, note.key)
    await house.quiet()

    assert (channel.outbox.attempts, channel.asked.edits, channel.asked.deletes) == ([], [], [])


def a_piece(n: int, text: str, *, withdrawn: bool = False) -> PieceState:
    return PieceState(
        n=n,
        state=DeliveryState.SENT,
        fitted=FittedPiece(text=text, content=document_from_text(text)),
        deadline=None,
        attempt_id=None,
        external_ids=() if withdrawn else (str(n),),
        withdrawn=withdrawn,
    )


@given(
    before=st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=5),
    after=st.lists(st.sampled_from("abc")),
)
def test_the_revisions_make_the_messages_what_the_part_says(before: list[tuple[str, bool]], after: list[str]) -> None:
    pieces = [a_piece(n, text, withdrawn=gone) for n, (text, gone) in enumerate(before)]
    fitted = [FittedPiece(text=text, content=document_from_text(text)) for text in after]
    shown = {piece.n: piece.fitted.text for piece in pieces if not piece.withdrawn}

    for change in revisions(pieces, fitted):
        match change:
            case Rewrite(n=n, fitted=now):
                assert shown[n] != now.text
                shown[n] = now.text
            case Withdraw(n=n):
                del shown[n]
            case Extend(fitted=now):
                shown[100 + len(shown)] = now.text

    assert [text for _, text in sorted(shown.items())] == after
