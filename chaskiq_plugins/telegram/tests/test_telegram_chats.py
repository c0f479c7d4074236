"""Which conversation a message belongs to: chat, topic and business connection, each apart from the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.plugin import Chat, MessageDeleted, MessageEdited, MessageReceived
from chaskiq_plugins.telegram.tests.telegram_updates import (
    FORUM,
    GROUP,
    NEWS,
    OMAR,
    OWNER,
    RUTH,
    Fields,
    message,
    parse_as,
    private,
    update,
)
from chaskiq_telegram.chats import Thread, chat_of, thread_of
from chaskiq_telegram.update import Update

CONNECTION = "bizConn_Qk3x"
DIRECT: Fields = {"id": -1009000500, "type": "supergroup", "title": "Bike News", "is_direct_messages": True}
IN_TOPIC: Fields = {"chat": FORUM, "message_thread_id": 9, "is_topic_message": True}
OPENED = message(message_id=9, **IN_TOPIC, forum_topic_created={"name": "Brakes"})


def received(**fields: object) -> MessageReceived:
    return parse_as(MessageReceived, update(text="x", **fields))


def from_business(**fields: object) -> MessageReceived:
    return parse_as(MessageReceived, update("business_message", text="x", business_connection_id=CONNECTION, **fields))


@pytest.mark.parametrize(
    ("event", "chat"),
    [
        (received(), Chat(channel_id="71001", key="71001")),
        (received(chat=GROUP), Chat(channel_id="-1009000100", is_group=True, title="Bike Club", key="-1009000100")),
        (received(chat={"id": -5}), Chat(channel_id="-5", is_group=True, key="-5")),
        (
            received(**IN_TOPIC),
            Chat(
                channel_id="-1009000200",
                thread_id="9",
                is_group=True,
                title="Bike Forum",
                key="-1009000200:topic:9",
            ),
        ),
        (
            received(chat=GROUP, message_thread_id=9),
            Chat(channel_id="-1009000100", is_group=True, title="Bike Club", key="-1009000100"),
        ),
        (
            received(message_thread_id=4, is_topic_message=True),
            Chat(channel_id="71001", thread_id="4", key="71001:topic:4"),
        ),
        (
            received(chat=DIRECT, direct_messages_topic={"topic_id": 71001, "user": RUTH}),
            Chat(
                channel_id="-1009000500",
                thread_id="dm:71001",
                is_group=True,
                title="Bike News",
                key="-1009000500:dm:71001",
            ),
        ),
        (from_business(), Chat(channel_id="71001", thread_id=CONNECTION, key=f"biz:{CONNECTION}:71001")),
    ],
)
def test_a_conversation_is_chat_and_thread(event: MessageReceived, chat: Chat) -> None:
    assert event.chat == chat


def test_a_message_in_a_topic_answers_nothing_by_itself() -> None:
    plain = received(**IN_TOPIC, reply_to_message=OPENED)
    bare = received(**IN_TOPIC, reply_to_message={"message_id": 9, "chat": FORUM, "date": 0})
    answer = received(**IN_TOPIC, reply_to_message=message(message_id=12, **IN_TOPIC))
    grouped = received(chat=GROUP, message_thread_id=9, reply_to_message=message(message_id=9, chat=GROUP))

    assert (plain.reply_to, bare.reply_to) == (None, None)
    assert (answer.reply_to, answer.reply_to_key) == ("12", "-1009000200:12")
    assert grouped.reply_to == "9"


def test_a_business_chat_is_not_the_bots_own_chat_with_the_same_person() -> None:
    theirs, ours = from_business(), received()

    assert (theirs.message_key, ours.message_key) == (f"{CONNECTION}:71001:500", "71001:500")
    assert theirs.direction == "in"


def test_what_the_owner_writes_in_their_own_app_goes_out() -> None:
    event = from_business(sender=OWNER, chat=private(OMAR), reply_to_message=message(message_id=498))

    assert event.direction == "out"
    assert event.sender is not None
    assert event.recipient is not None
    assert (event.sender.name, event.recipient.name, event.recipient.id) == ("Petra Novak", "Omar", "71002")
    assert event.reply_to_key == f"{CONNECTION}:71002:498"


def test_what_a_bot_sent_in_the_owners_name_goes_out_too() -> None:
    assert from_business(sender_business_bot={"id": 1, "is_bot": True}).direction == "out"


def test_business_edits_and_deletes_find_their_messages() -> None:
    edited = parse_as(
        MessageEdited,
        update("edited_business_message", text="y", business_connection_id=CONNECTION, sender=OWNER),
    )
    payload = {"business_connection_id": CONNECTION, "chat": private(), "message_ids": [500, "501", None, [502]]}
    deleted = parse_as(MessageDeleted, update("deleted_business_messages", payload))

    assert (edited.message_key, edited.direction) == (f"{CONNECTION}:71001:500", "out")
    assert deleted.message_ids == ("500", "501")
    assert deleted.message_keys == (f"{CONNECTION}:71001:500", f"{CONNECTION}:71001:501")


def test_ephemeral_messages_are_not_one_message() -> None:
    keys = [
        received(message_id=0, ephemeral_message_id=7).message_key,
        received(message_id=0, ephemeral_message_id=8).message_key,
        received(message_id=0, ephemeral_message_id=7, date=1_790_009_000).message_key,
        received(message_id=0).message_key,
        received(message_id=0).message_key,
        received(message_id=None).message_key,
    ]
    again = update("edited_message", text="y", message_id=0, ephemeral_message_id=7, edit_date=1_790_000_100)

    assert len(set(keys)) == len(keys)
    assert parse_as(MessageEdited, again).message_key == keys[0]


def test_a_channels_posts_are_its_own() -> None:
    event = parse_as(MessageReceived, update("channel_post", text="x", sender=None, sender_chat=NEWS, chat=NEWS))

    assert event.chat is not None
    assert (event.chat.key, event.chat.is_group) == ("-1009000300", True)


@given(
    number=st.integers(min_value=1, max_value=1 << 52),
    connection=st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True),
)
def test_a_thread_is_found_again_by_its_name(number: int, connection: str) -> None:
    topic: Fields = {"chat": FORUM, "message_thread_id": number, "is_topic_message": True}
    direct: Fields = {"chat": DIRECT, "direct_messages_topic": {"topic_id": number}}
    business: Fields = {"chat": private(), "business_connection_id": connection}

    def thread(content: Fields) -> Thread:
        chat = chat_of(Update("1", "message", content))
        assert chat is not None
        return thread_of(chat.thread_id)

    assert thread(topic) == Thread(topic=number)
    assert thread(direct) == Thread(direct_topic=number)
    assert thread(business) == Thread(connection=connection)
    assert thread_of("") == Thread()
