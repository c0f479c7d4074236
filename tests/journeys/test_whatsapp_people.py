"""A person is one person, and their chat one conversation, under a phone number, a user id, or both in any order."""

from collections.abc import AsyncIterator, Callable

import pytest

from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import (
    BUSINESS,
    OMAR,
    OTHER_NUMBER_ID,
    RUTH,
    RUTH_ID,
    Fields,
    body,
    message,
    messages,
    value,
)
from tests.harness.databases import Database
from tests.harness.whatsapp_house import WhatsAppHouse, a_whatsapp_house

pytestmark = pytest.mark.anyio

NAMELESS: list[Fields] = [{"user_id": RUTH_ID, "profile": {"name": "Ruth"}}]


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[WhatsAppHouse]:
    async with a_whatsapp_house(database) as made:
        yield made


def by_phone(wamid: str, text: str = "hi") -> Fields:
    contacts = [{"wa_id": RUTH, "profile": {"name": "Ruth"}}]
    told = message(wamid=wamid, text={"body": text}, from_user_id=None)
    return messages(told, contacts=contacts)


def by_user_id(wamid: str, text: str = "hi") -> Fields:
    told = message(wamid=wamid, text={"body": text})
    return messages({**told, "from": ""}, contacts=NAMELESS)


def by_both(wamid: str, text: str = "hi") -> Fields:
    return messages(message(wamid=wamid, text={"body": text}))


@pytest.mark.parametrize(
    "order",
    [
        (by_both, by_phone, by_user_id),
        (by_both, by_user_id, by_phone),
        (by_phone, by_both, by_user_id),
        (by_user_id, by_both, by_phone),
    ],
)
async def test_all_ids_lead_to_one_person_and_one_conversation(
    shop: WhatsAppHouse, order: tuple[Callable[[str, str], Fields], ...]
) -> None:
    await shop.comes_in(*(make(f"wamid.{n}", f"line {n}") for n, make in enumerate(order)))

    assert [part.text for part in await shop.parts()] == ["line 0", "line 1", "line 2"]
    assert len(await shop.people()) == 1


async def test_both_ids_in_one_batch_are_one_conversation(shop: WhatsAppHouse) -> None:
    first, second = message(wamid="wamid.1"), {**message(wamid="wamid.2"), "from": None}

    await shop.comes_in(messages(first, second))

    assert len(await shop.parts()) == 2


async def test_somebody_known_by_a_user_id_alone_is_visible(shop: WhatsAppHouse) -> None:
    await shop.comes_in(by_user_id("wamid.1"))

    conversation = await shop.conversation()
    [person] = await shop.people()
    assert conversation.channels[0].provider_channel_id == RUTH_ID
    assert (person.name, person.phone, person.profiles[0].external_id) == ("Ruth", None, RUTH_ID)


async def test_people_without_any_id_are_not_one_person(shop: WhatsAppHouse) -> None:
    nobody = {**message(), "from": "", "from_user_id": ""}

    await shop.comes_in(messages(nobody, contacts=[]), messages({**nobody, "id": "wamid.2"}, contacts=[]))

    assert await shop.conversations() == []


async def test_a_new_number_takes_the_person_and_the_chat_along(shop: WhatsAppHouse) -> None:
    moved = {
        "from": RUTH,
        "id": "wamid.S",
        "type": "system",
        "system": {"type": "user_changed_number", "wa_id": OMAR, "user_id": "BR.9"},
    }
    later = {**message(wamid="wamid.2", text={"body": "new phone"}), "from": OMAR, "from_user_id": "BR.9"}

    await shop.comes_in(by_both("wamid.1"), messages(moved, contacts=[]), messages(later, contacts=[]))

    conversation = await shop.conversation()
    [person] = await shop.people()
    assert [part.text for part in await shop.parts()] == ["hi", "new phone"]
    assert conversation.channels[0].provider_channel_id == OMAR
    assert (person.phone, person.profiles[0].external_id) == (f"+{OMAR}", OMAR)


async def test_a_number_that_was_given_up_is_a_strangers(shop: WhatsAppHouse) -> None:
    moved = {
        "from": RUTH,
        "id": "wamid.S",
        "type": "system",
        "system": {"type": "user_changed_number", "wa_id": OMAR},
    }
    stranger = messages({**message(wamid="wamid.2"), "from_user_id": "DE.new"}, contacts=[])

    await shop.comes_in(by_both("wamid.1"), messages(moved, contacts=[]), stranger)

    assert len(await shop.people()) == 2
    assert len(await shop.conversations()) == 2


async def test_another_number_of_the_app_is_another_conversation_of_the_same_person(shop: WhatsAppHouse) -> None:
    await shop.comes_in(by_both("wamid.1"), messages(message(wamid="wamid.2"), number_id=OTHER_NUMBER_ID))

    threads = {one.channels[0].provider_thread_id for one in await shop.conversations()}
    assert threads == {None, OTHER_NUMBER_ID}
    assert len(await shop.people()) == 1


async def test_a_message_that_comes_twice_in_one_body_is_one_part(shop: WhatsAppHouse) -> None:
    await shop.comes_in(messages(message(), message()), messages(message()))

    assert len(await shop.parts()) == 1


async def test_a_reaction_replaces_the_one_before_and_goes(shop: WhatsAppHouse) -> None:
    async def reactions() -> list[object]:
        return [one["emoji"] for one in (await shop.parts())[0].reactions]

    def react(wamid: str, **reaction: object) -> Fields:
        return message("reaction", wamid=wamid, reaction={"message_id": "wamid.A1", **reaction})

    await shop.writes(message(), react("wamid.R1", emoji="🔥"))
    assert await reactions() == ["🔥"]
    await shop.writes(react("wamid.R2", emoji="👍"))
    assert await reactions() == ["👍"]
    await shop.writes(react("wamid.R3"))
    assert await reactions() == []


async def test_a_press_in_a_chat_that_we_do_not_know_is_a_message(shop: WhatsAppHouse) -> None:
    press = message("button", button={"payload": "YES", "text": "Yes, please"}, context={"id": "wamid.T"})

    await shop.writes(press, press)

    assert [part.text for part in await shop.parts()] == ["Yes, please"]


async def test_a_press_is_a_message_that_can_be_answered(shop: WhatsAppHouse) -> None:
    press = message("button", wamid="wamid.P", button={"payload": "YES", "text": "Yes"}, context={"id": "wamid.T"})
    answer = message(wamid="wamid.A2", context={"id": "wamid.P"})

    await shop.writes(message(), press, answer)

    _, pressed, answered = await shop.parts()
    assert pressed.sources[0].external_id == "wamid.P"
    assert answered.reply_to == pressed.key


async def test_what_led_here_is_kept_beside_the_text(shop: WhatsAppHouse) -> None:
    await shop.writes(message(referral={"source_type": "ad", "source_id": "12"}))

    [part] = await shop.parts()
    assert part.text == "hi"
    assert part.referral == {"source_type": "ad", "source_id": "12"}


async def test_the_past_notifies_nobody_and_its_files_come_later(shop: WhatsAppHouse) -> None:
    threads = [
        {
            "id": RUTH,
            "messages": [
                {"from": RUTH, "id": "wamid.H1", "timestamp": "1780000000", "type": "media_placeholder"},
                {"from": BUSINESS, "to": RUTH, "id": "wamid.H2", "type": "text", "text": {"body": "thanks"}},
            ],
        }
    ]
    picture = message("image", wamid="wamid.H1", image={"id": "55", "mime_type": "image/jpeg", "caption": "lid"})

    await shop.comes_in(body(("history", value(history=[{"threads": threads}]))))
    placeholder, reply = await shop.parts()
    assert (placeholder.text, placeholder.unsupported) == ("[Media placeholder]", True)
    assert reply.author.type == "agent"
    assert reply.deliveries == ()
    conversation = await shop.conversation()
    assert (conversation.unread_count, conversation.first_agent_reply_at) == (0, None)

    await shop.comes_in(body(("history", value(messages=[picture]))))
    filled, _ = await shop.parts()
    assert (filled.text, filled.unsupported, filled.former) == ("lid", False, ())
    assert filled.attachments[0]["type"] == "image"


async def test_what_the_business_wrote_on_its_phone_is_a_part_and_goes_nowhere(shop: WhatsAppHouse) -> None:
    echo = {**message(wamid="wamid.E", text={"body": "on my way"}), "from": BUSINESS, "to": RUTH, "from_user_id": None}

    await shop.comes_in(by_both("wamid.1"), body(("smb_message_echoes", value(message_echoes=[echo]))))

    _, written = await shop.parts()
    assert (written.text, written.author.type, written.deliveries) == ("on my way", "agent", ())
