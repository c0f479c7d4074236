"""People write: whatever the content is, it becomes a message, and an update if the bot wants it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaskiq_core.testing.sandbox import CustomerApiError, Json, JsonObject
from chaskiq_telegram.sandbox.customers.people import Place
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.messages import without_answered
from chaskiq_telegram.sandbox.methods.albums import new_album_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message that a person has sent."""

    update_id: int | None  # None: the bot did not ask for such updates
    message: JsonObject  # as the bot gets it


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a message is connected with."""

    reply_to: int | None = None  # a message_id of the same chat
    quote: str | None = None  # a part of that message's text
    thread_id: int | None = None  # a topic of the forum


def write(place: Place, contents: Sequence[JsonObject], context: Context) -> list[Written]:
    """A person sends messages with these contents; more than one are an album."""
    sandbox, chat = place.sandbox, place.chat
    if chat.is_blocked:
        raise CustomerApiError(409, "this person has blocked the bot; unblock it first")
    album: JsonObject = {"media_group_id": new_album_id()} if len(contents) > 1 else {}
    connection: JsonObject = {"business_connection_id": place.connection.connection_id} if place.connection else {}
    envelope: JsonObject = {
        **connection,
        "from": place.person,
        "chat": chat.chat,
        "date": int(sandbox.now()),
        **_thread(place, context),
        **album,
    }
    with sandbox.database.transaction():
        written = [store(place, envelope | content) for content in contents]
        footers = sandbox.footers
        if (footers.keyboard(chat.space, chat.id) or {}).get("one_time_keyboard") or _is_force_reply(place):
            footers.set_keyboard(chat.space, chat.id, None)
    return written


def store(place: Place, message: JsonObject) -> Written:
    """Keep this message under the chat's next id, and tell the bot."""
    sandbox, chat = place.sandbox, place.chat
    numbered: JsonObject = {"message_id": sandbox.state.take_message_id(chat.space, chat.id), **message}
    sandbox.state.keep_message(chat.space, chat.id, "customer", numbered)
    place.changed(integer_at(numbered, "message_id") or 0)
    update_id = emit(place, {place.kind("message"): numbered})
    return Written(update_id=update_id, message=numbered)


def emit(place: Place, update: JsonObject) -> int | None:
    """Tell the bot, if it asked for such updates and is where it happens."""
    sandbox, chat = place.sandbox, place.chat
    is_outside = sandbox.groups.status(chat.space, chat.id, place.bot.id) in ("left", "kicked")
    is_off = place.connection is not None and not place.connection.is_enabled
    return None if is_outside or is_off else sandbox.emit_wanted(place.bot, update)


def _is_force_reply(place: Place) -> bool:
    keyboard = place.sandbox.footers.keyboard(place.chat.space, place.chat.id)
    return keyboard is not None and "force_reply" in keyboard


def _thread(place: Place, context: Context) -> JsonObject:
    """The fields that connect a message with a topic and with another message."""
    thread: JsonObject = {}
    start: Json = None
    if context.thread_id is not None:
        topic = place.sandbox.groups.topic(place.chat.space, place.chat.id, context.thread_id)
        if topic is None:
            raise CustomerApiError(404, f"the chat has no topic {context.thread_id}")
        if topic.is_closed:
            raise CustomerApiError(409, "the topic is closed")
        thread = {"message_thread_id": topic.thread_id, "is_topic_message": True}
        # what answers nothing in a topic answers the message that made it
        start = without_answered(place.find(topic.thread_id).message)
    if context.reply_to is None:
        return thread | {"reply_to_message": start} if start else thread
    answered = place.find(context.reply_to).message
    return thread | {"reply_to_message": without_answered(answered)} | _quote(answered, context.quote)


def _quote(answered: JsonObject, quote: str | None) -> JsonObject:
    if quote is None:
        return {}
    text = str(answered.get("text") or answered.get("caption") or "")
    if not quote or quote not in text:
        raise CustomerApiError(422, "the quote is no part of the message")
    position = len(text[: text.index(quote)].encode("utf-16-le", "surrogatepass")) // 2
    return {"quote": {"text": quote, "position": position, "is_manual": True}}
