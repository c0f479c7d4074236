"""forwardMessage and copyMessage."""

from chaskiq_core.testing.sandbox import JsonObject
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.memory.messages import StoredMessage
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.chats import open_chat
from chaskiq_telegram.sandbox.methods.sending import send
from chaskiq_telegram.sandbox.methods.texts import CAPTION, read_formatted, show_formatted

ENVELOPE = frozenset(
    {
        "message_id",
        "message_thread_id",
        "is_topic_message",
        "business_connection_id",
        "sender_business_bot",
        "from",
        "chat",
        "date",
        "edit_date",
        "reply_to_message",
        "quote",
        "reply_markup",
        "media_group_id",
        "forward_origin",
    }
)
ORIGIN = "forward_origin"


def forward_message(call: Call) -> Answer:
    """The message, with its origin."""
    found = _source(call, "message to forward not found")
    origin = found.message.get(ORIGIN) or {
        "type": "user",
        "sender_user": found.message.get("from"),
        "date": found.message.get("date"),
    }
    return send(call, {ORIGIN: origin, **_content(found)})


def copy_message(call: Call) -> Answer:
    """The message's content as the bot's own, under another caption if there is one."""
    found = _source(call, "message to copy not found")
    content = _content(found)
    if "caption" in call.parameters.values and "text" not in content:
        caption = show_formatted(call.sandbox.state, read_formatted(call.parameters, CAPTION), CAPTION)
        content = {name: value for name, value in content.items() if not name.startswith("caption")} | caption
    answer = send(call, content)
    return Answer(result={"message_id": answer.message_ids[0]}, message_ids=answer.message_ids)


def _source(call: Call, missing: str) -> StoredMessage:
    chat = open_chat(call, "from_chat_id")
    found = call.sandbox.state.message(chat.space, chat.id, call.parameters.integer("message_id"))
    if found is None:
        raise bad_request(missing)
    return found


def _content(found: StoredMessage) -> JsonObject:
    return {name: value for name, value in found.message.items() if name not in ENVELOPE}
