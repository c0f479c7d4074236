"""deleteMessage and deleteMessages."""

from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.messages import StoredMessage
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.chats import find_message, open_chat

MAX_AGE_SECONDS = 48 * 3600
MAX_AT_ONCE = 100


def delete_message(call: Call) -> Answer:
    chat, found = find_message(call, "message to delete not found")
    if not _may_delete(call, chat, found):
        raise bad_request("message can't be deleted for everyone")
    _delete(call, chat, found)
    return Answer(result=True)


def delete_messages(call: Call) -> Answer:
    """Delete those that are there and may be deleted; the others are passed over."""
    wanted = call.parameters.array("message_ids", "message identifiers")
    if not wanted:
        raise bad_request("message identifiers are not specified")
    if len(wanted) > MAX_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    chat = open_chat(call)
    for value in wanted:
        message_id = integer_at({"id": value}, "id")
        found = call.sandbox.state.message(chat.space, chat.id, message_id) if message_id else None
        if found and _may_delete(call, chat, found):
            _delete(call, chat, found)
    return Answer(result=True)


def _may_delete(call: Call, chat: Chat, found: StoredMessage) -> bool:
    is_young = call.sandbox.now() - (integer_at(found.message, "date") or 0) < MAX_AGE_SECONDS
    if chat.chat.get("type") == "private":
        return is_young
    is_administrator = call.sandbox.groups.status(chat.space, chat.id, call.bot.id) == "administrator"
    return is_administrator or (found.direction == "bot" and is_young)


def _delete(call: Call, chat: Chat, found: StoredMessage) -> None:
    call.sandbox.state.delete_message(chat.space, chat.id, found.message_id)
    call.sandbox.changed(chat.space, chat.id, found.message_id)
