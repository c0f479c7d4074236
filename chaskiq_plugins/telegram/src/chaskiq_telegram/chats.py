"""Telegram's chats, topics and business connections as the core's Chat, and a Chat's thread on its way out."""

from dataclasses import dataclass

from chaskiq_core.plugin import Chat, JsonObject
from chaskiq_telegram.fields import is_true, number_id_at, object_at, text_at
from chaskiq_telegram.update import Place, Update, place_of

GROUP_TYPES = frozenset({"group", "supergroup", "channel"})
DIRECT = "dm:"
BUSINESS = "biz:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread as sendMessage wants it: at most one of the three."""

    topic: int | None = None
    direct_topic: int | None = None
    connection: str | None = None


def chat_of(update: Update) -> Chat | None:
    """The chat that an update happened in, with its topic or business connection; None: it names none."""
    place = place_of(update)
    if place is None:
        return None
    if place.connection:
        key = (
            f"biz:{place.connection}"
            if update.kind == "business_connection"
            else f"biz:{place.connection}:{place.chat_id}"
        )
        return Chat(channel_id=place.chat_id, thread_id=_connection_thread(place.connection), key=key)
    holder = update.holder
    chat = bare_chat(place.chat_id, object_at(holder, "chat"))
    if topic := topic_of(holder):
        return _within(chat, topic, f"{place.chat_id}:topic:{topic}")
    if topic := number_id_at(object_at(holder, "direct_messages_topic"), "topic_id"):
        return _within(chat, f"{DIRECT}{topic}", f"{place.chat_id}:dm:{topic}")
    return chat


def bare_chat(chat_id: str, chat: JsonObject) -> Chat:
    """A chat without a thread; what `chat` does not tell is told by its id: groups have negative ones."""
    kind = text_at(chat, "type")
    return Chat(
        channel_id=chat_id,
        is_group=kind in GROUP_TYPES if kind else chat_id.startswith("-"),
        title=text_at(chat, "title"),
        key=chat_id,
    )


def topic_of(message: JsonObject) -> str:
    """The forum topic of a message; '' outside of forums, where message_thread_id is only a chain of replies."""
    return number_id_at(message, "message_thread_id") if is_true(message, "is_topic_message") else ""


def message_key(place: Place, message: JsonObject, update_id: str) -> str:
    """What a message is known by within the bot's account, in every update about it."""
    message_id = number_id_at(message, "message_id")
    if message_id not in ("", "0"):
        return f"{place.name}:{message_id}"
    # Ephemeral messages all have message_id 0, and their own ids are used again after a while.
    if ephemeral := number_id_at(message, "ephemeral_message_id"):
        return f"{place.name}:ephemeral:{ephemeral}:{number_id_at(message, 'date')}"
    return f"{place.name}:update:{update_id}"


def thread_of(thread_id: str) -> Thread:
    """The thread that `chat_of` named so."""
    if not thread_id:
        return Thread()
    if thread_id.startswith(BUSINESS):
        return Thread(connection=thread_id.removeprefix(BUSINESS))
    direct = thread_id.removeprefix(DIRECT)
    if not direct.removeprefix("-").isdecimal():
        return Thread(connection=thread_id)
    return Thread(direct_topic=int(direct)) if thread_id.startswith(DIRECT) else Thread(topic=int(direct))


def _connection_thread(connection: str) -> str:
    # A connection's id is a word; one of digits only would be taken for a topic.
    return f"{BUSINESS}{connection}" if connection.removeprefix("-").isdecimal() else connection


def _within(chat: Chat, thread_id: str, key: str) -> Chat:
    return Chat(channel_id=chat.channel_id, thread_id=thread_id, is_group=chat.is_group, title=chat.title, key=key)
