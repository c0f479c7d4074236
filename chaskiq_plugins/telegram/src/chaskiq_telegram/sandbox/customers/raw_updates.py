"""Raw updates, for all that nobody can do here."""

from chaskiq_core.testing.sandbox import JsonObject, object_at
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.bots import Bot
from chaskiq_telegram.sandbox.memory.groups import Topic
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox
from chaskiq_telegram.sandbox.updates import MESSAGE_KINDS, kind_of


def push(sandbox: TelegramSandbox, bot: Bot, update: JsonObject) -> int:
    """Send any update as it is, wanted or not; the chat and the message in it become known, so the bot can answer."""
    kind = kind_of(update)
    body = object_at(update, kind)
    chat = object_at(body, "chat")
    with sandbox.database.transaction():
        chat_id = integer_at(chat, "id")
        if kind in MESSAGE_KINDS and chat_id is not None:
            sandbox.state.keep_chat(bot.id, chat)
            _learn(sandbox, bot, chat_id, body)
        if kind == "callback_query" and isinstance(body.get("id"), str):
            sandbox.presses.add_raw(str(body["id"]), bot.id, object_at(body, "message"), at=sandbox.now())
        update_id = sandbox.emit(bot, update)
    sandbox.news.ring()
    return update_id


def _learn(sandbox: TelegramSandbox, bot: Bot, chat_id: int, message: JsonObject) -> None:
    """Remember who wrote, what, and in which topic."""
    sender, message_id = object_at(message, "from"), integer_at(message, "message_id")
    sender_id, thread_id = integer_at(sender, "id"), integer_at(message, "message_thread_id")
    if sender_id is not None and sender.get("is_bot") is False:
        sandbox.state.keep_person(sender)
        if chat_id < 0 and sandbox.groups.status(bot.id, chat_id, sender_id) is None:
            sandbox.groups.set_status(bot.id, chat_id, sender_id, "member")
    if message_id is not None:
        sandbox.state.keep_message(bot.id, chat_id, "customer", message)
        sandbox.changed(bot.id, chat_id, message_id)
    is_topic = message.get("is_topic_message") is True and thread_id is not None
    if is_topic and thread_id is not None and sandbox.groups.topic(bot.id, chat_id, thread_id) is None:
        topic = Topic(thread_id=thread_id, name=f"Topic {thread_id}", is_closed=False)
        sandbox.groups.keep_topic(bot.id, chat_id, topic)
