"""What every send method shares, whatever it sends: chat, thread, message answered, keyboard, stored message."""

from collections.abc import Mapping, Sequence

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.messages import without_answered
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.chats import business_connection, open_chat, thread_fields
from chaskiq_telegram.sandbox.methods.keyboards import Markup, check_markup


def send(call: Call, content: Mapping[str, Json]) -> Answer:
    """Store a message with this content and answer with it, or refuse it."""
    [message] = send_all(call, [content])
    return Answer(result=message, message_ids=(integer_at(message, "message_id") or 0,))


def send_all(call: Call, contents: Sequence[Mapping[str, Json]]) -> list[JsonObject]:
    """Store a message for each content, all under the same chat, thread and keyboard; all or none."""
    markup = check_markup(call.parameters.object("reply_markup", "reply keyboard markup") or {})
    reply = call.parameters.object("reply_parameters", "reply parameters")
    chat = open_chat(call)
    thread = thread_fields(call, chat)
    answered = _answered(call, chat, reply) or _topic_start(call, chat, thread)
    if call.sandbox.limits:
        for _ in contents:
            call.sandbox.limits.take(call.bot.id, chat.id, now=call.sandbox.now())
    envelope: JsonObject = {
        **_sender(call),
        "chat": chat.chat,
        "date": int(call.sandbox.now()),
        **thread,
        **answered,
    }
    footer: JsonObject = {"reply_markup": markup.inline} if markup.inline else {}
    sent = [_store(call, chat, {**envelope, **content, **footer}) for content in contents]
    _show_below(call, chat, markup)
    return sent


def _store(call: Call, chat: Chat, message: JsonObject) -> JsonObject:
    state = call.sandbox.state
    numbered: JsonObject = {"message_id": state.take_message_id(chat.space, chat.id), **message}
    kept = state.keep_message(chat.space, chat.id, "bot", numbered)
    call.sandbox.changed(chat.space, chat.id, kept.message_id)
    return numbered


def _sender(call: Call) -> JsonObject:
    """The bot, or the account that it writes for."""
    connection = business_connection(call)
    if connection is None:
        return {"from": call.bot.user}
    return {
        "business_connection_id": connection.connection_id,
        "sender_business_bot": call.bot.user,
        "from": call.sandbox.state.person(connection.user_id),
    }


def _show_below(call: Call, chat: Chat, markup: Markup) -> None:
    """Whatever the bot was doing is done; its reply keyboard stands until another one, or none, is sent."""
    footers = call.sandbox.footers
    is_changed = footers.rest(chat.space, chat.id)
    if markup.reply or markup.removes:
        footers.set_keyboard(chat.space, chat.id, markup.reply)
        is_changed = True
    if is_changed:
        call.sandbox.changed(chat.space, chat.id)


def _answered(call: Call, chat: Chat, reply: JsonObject | None) -> JsonObject:
    """The fields that show which message this one answers, without the one that it answered in turn."""
    if reply is None:
        wanted = call.parameters.integer("reply_to_message_id")
        may_be_missing = call.parameters.flag("allow_sending_without_reply")
    else:
        wanted = integer_at(reply, "message_id") or 0
        may_be_missing = reply.get("allow_sending_without_reply") is True
    if not wanted:
        return {}
    found = call.sandbox.state.message(chat.space, chat.id, wanted)
    if found is None:
        if may_be_missing:
            return {}
        raise bad_request("message to be replied not found")
    shown: JsonObject = {"reply_to_message": without_answered(found.message)}
    quote = reply.get("quote") if reply else None
    if not quote:
        return shown
    text = str(found.message.get("text") or found.message.get("caption") or "")
    if not isinstance(quote, str) or quote not in text:
        raise bad_request("QUOTE_TEXT_INVALID")
    position = len(text[: text.index(quote)].encode("utf-16-le")) // 2
    return shown | {"quote": {"text": quote, "position": position, "is_manual": True}}


def _topic_start(call: Call, chat: Chat, thread: JsonObject) -> JsonObject:
    """In a topic, a message that answers none answers the one that made the topic."""
    if not thread.get("is_topic_message"):
        return {}
    start = call.sandbox.state.message(chat.space, chat.id, integer_at(thread, "message_thread_id") or 0)
    return {"reply_to_message": without_answered(start.message)} if start else {}
