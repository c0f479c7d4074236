"""The chat and the message that a call is about, or Telegram's refusal."""

from chaskiq_core.testing.sandbox import JsonObject
from chaskiq_telegram.sandbox.errors import bad_request, chat_migrated, forbidden
from chaskiq_telegram.sandbox.ids import whole_number
from chaskiq_telegram.sandbox.memory.connections import Connection
from chaskiq_telegram.sandbox.memory.messages import StoredMessage
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.methods.call import Call

TITLES = {"group": "group chat", "supergroup": "supergroup chat", "channel": "channel chat"}
GENERAL_TOPIC = 1


def open_chat(call: Call, name: str = "chat_id") -> Chat:
    """The chat of this parameter, if this bot may write to it."""
    chat_id = _chat_id(call, name)
    if connection := business_connection(call):
        return _open_business(call, connection, chat_id)
    state, groups = call.sandbox.state, call.sandbox.groups
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
    if new_chat_id := groups.migrated_to(chat.space, chat_id):
        raise chat_migrated(new_chat_id)
    title = TITLES.get(str(chat.chat.get("type")), "chat")
    match groups.status(chat.space, chat_id, call.bot.id):
        case "left":
            raise forbidden(f"bot is not a member of the {title}")
        case "kicked":
            raise forbidden(f"bot was kicked from the {title}")
    return chat


def business_connection(call: Call) -> Connection | None:
    """The connection that the call names, if it names one."""
    connection_id = call.parameters.text("business_connection_id")
    if not connection_id:
        return None
    connection = call.sandbox.connections.find(call.bot.id, connection_id)
    if connection is None:
        raise bad_request("business connection not found")
    return connection


def find_message(call: Call, missing: str) -> tuple[Chat, StoredMessage]:
    """The message of `chat_id` and `message_id`; refused in these words if there is none."""
    chat = open_chat(call)
    message_id = call.parameters.integer("message_id")
    if not message_id:
        raise bad_request("message identifier is not specified")
    found = call.sandbox.state.message(chat.space, chat.id, message_id)
    if found is None:
        raise bad_request(missing)
    return chat, found


def thread_fields(call: Call, chat: Chat) -> JsonObject:
    """What a message of the call's thread shows of it; refused if there is no such thread, or it is closed."""
    thread_id = call.parameters.integer("message_thread_id")
    if not thread_id:
        return {}
    if chat.chat.get("type") == "private":
        raise bad_request("message thread not found")
    if not chat.chat.get("is_forum"):
        # outside a forum a thread is a chain of answers, named by its first message
        if call.sandbox.state.message(chat.space, chat.id, thread_id) is None:
            raise bad_request("message thread not found")
        return {"message_thread_id": thread_id}
    if thread_id == GENERAL_TOPIC:
        return {}
    topic = call.sandbox.groups.topic(chat.space, chat.id, thread_id)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.is_closed and call.sandbox.groups.status(chat.space, chat.id, call.bot.id) != "administrator":
        raise bad_request("TOPIC_CLOSED")
    return {"message_thread_id": thread_id, "is_topic_message": True}


def _open_business(call: Call, connection: Connection, chat_id: int) -> Chat:
    if not connection.is_enabled:
        raise bad_request("BUSINESS_CONNECTION_INVALID")
    if not connection.can_reply:
        raise bad_request("not enough rights to send messages on behalf of the business account")
    chat = call.sandbox.state.chat(connection.space, chat_id)
    if chat is None:
        raise bad_request("BUSINESS_PEER_INVALID")
    return chat


def _chat_id(call: Call, name: str) -> int:
    text = call.parameters.text(name).strip()
    if not text:
        raise bad_request("chat_id is empty")
    chat_id = whole_number(text)
    if chat_id is None:
        raise bad_request("chat not found")
    return chat_id
