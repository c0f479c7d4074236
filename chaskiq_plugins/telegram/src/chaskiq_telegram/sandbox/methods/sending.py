"""What every send method shares, whatever it sends: chat, message answered, keyboard, stored message."""

from collections.abc import Mapping

from chaskiq_telegram.sandbox.errors import bad_request, forbidden
from chaskiq_telegram.sandbox.formatted import Entity
from chaskiq_telegram.sandbox.json_value import Json, JsonObject, integer_at, whole_number
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.keyboards import check_markup


def send(call: Call, content: Mapping[str, Json]) -> Answer:
    """Store a message with this content (its text, later its photo, …) and answer with it, or refuse it."""
    markup = check_markup(call.parameters.object("reply_markup", "reply keyboard markup") or {})
    reply = call.parameters.object("reply_parameters", "reply parameters")
    chat = open_chat(call)
    if chat.chat.get("type") == "private" and call.parameters.integer("message_thread_id"):
        raise bad_request("message thread not found")
    answered = _answered_message(call, chat, reply)
    sandbox = call.sandbox
    if sandbox.limits:
        sandbox.limits.take(call.bot.id, chat.id, now=sandbox.now())
    message: JsonObject = {
        "message_id": sandbox.state.take_message_id(call.bot.id, chat.id),
        "from": call.bot.user,
        "chat": chat.chat,
        "date": int(sandbox.now()),
        **({"reply_to_message": answered} if answered else {}),
        **content,
        **({"reply_markup": markup} if markup else {}),
    }
    kept = sandbox.state.keep_message(call.bot.id, chat.id, "bot", message)
    sandbox.news.ring()
    return Answer(result=message, message_ids=(kept.message_id,))


def open_chat(call: Call) -> Chat:
    """The chat of `chat_id`, if this bot may write to it."""
    name = call.parameters.text("chat_id").strip()
    if not name:
        raise bad_request("chat_id is empty")
    chat_id = whole_number(name)
    if chat_id is None:
        raise bad_request("chat not found")
    state = call.sandbox.state
    if state.is_bot(chat_id):
        raise forbidden("bot can't send messages to bots")
    chat = state.chat(call.bot.id, chat_id)
    if chat is None:
        # a person known to Telegram has to write first; of an unknown one nothing is told
        if state.person(chat_id) is not None:
            raise forbidden("bot can't initiate conversation with a user")
        raise bad_request("chat not found")
    if chat.is_blocked:
        raise forbidden("bot was blocked by the user")
    return chat


def show_entities(call: Call, entities: tuple[Entity, ...]) -> list[Json]:
    """The entities as the API shows them; a mention of somebody unknown is dropped, as Telegram does."""
    shown: list[Json] = []
    for entity in entities:
        if entity.user_id is None:
            shown.append(entity.as_json())
        elif person := call.sandbox.state.person(entity.user_id):
            shown.append(entity.as_json() | {"user": person})
    return shown


def _answered_message(call: Call, chat: Chat, reply: JsonObject | None) -> JsonObject | None:
    """The message that this one answers, without the one that it answered in turn."""
    if reply is None:
        wanted = call.parameters.integer("reply_to_message_id")
        may_be_missing = call.parameters.flag("allow_sending_without_reply")
    else:
        wanted = integer_at(reply, "message_id") or 0
        may_be_missing = reply.get("allow_sending_without_reply") is True
    if not wanted:
        return None
    found = call.sandbox.state.message(call.bot.id, chat.id, wanted)
    if found is None:
        if may_be_missing:
            return None
        raise bad_request("message to be replied not found")
    return {name: value for name, value in found.message.items() if name != "reply_to_message"}
