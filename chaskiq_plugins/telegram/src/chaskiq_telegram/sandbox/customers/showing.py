"""Messages and chats as whoever plays a person sees them: all that a page needs, and no Bot API knowledge."""

from urllib.parse import quote

from chaskiq_core.testing.sandbox import Json, JsonObject, object_at
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.messages import StoredMessage
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox

FILE_KINDS = ("photo", "animation", "video", "audio", "voice", "video_note", "sticker", "document")
FACT_KINDS = ("venue", "location", "contact", "poll", "dice")  # a venue has a location too
SERVICE_KINDS = (
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "forum_topic_created",
    "forum_topic_closed",
    "forum_topic_reopened",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "group_chat_created",
    "supergroup_chat_created",
    "pinned_message",
)


def show_message(sandbox: TelegramSandbox, chat: Chat, stored: StoredMessage, files_url: str) -> JsonObject:
    """The message; `files_url` is where its file can be fetched."""
    message = stored.message
    kind = kind_of_message(message)
    return {
        "message_id": stored.message_id,
        "direction": stored.direction,
        "kind": kind,
        "from": message.get("from"),
        "date": message.get("date"),
        "text": message.get("text", message.get("caption")),
        "caption": message.get("caption"),
        "entities": message.get("entities", message.get("caption_entities", [])),
        "file": _show_file(message, kind, files_url) if kind in FILE_KINDS else None,
        "details": message.get(kind) if kind in FACT_KINDS or kind in SERVICE_KINDS else None,
        "album": message.get("media_group_id"),
        "reply_to": _reply_to(message),
        "quote": object_at(message, "quote").get("text"),
        "thread_id": message.get("message_thread_id") if message.get("is_topic_message") else None,
        "forwarded_from": object_at(message, "forward_origin", "sender_user").get("first_name"),
        "keyboard": object_at(message, "reply_markup").get("inline_keyboard", []),
        "reactions": sandbox.reactions.shown(chat.space, chat.id, stored.message_id),
        "edited": message.get("edit_date"),
        "deleted": stored.is_deleted,
        "change": sandbox.changes.of_message(chat.space, chat.id, stored.message_id),
    }


def kind_of_message(message: JsonObject) -> str:
    """The name of its content; "service" for what only tells that something happened."""
    if "text" in message:
        return "text"
    kinds = (*FILE_KINDS, *FACT_KINDS, *SERVICE_KINDS)
    return next((kind for kind in kinds if kind in message), "other")


def show_chat(sandbox: TelegramSandbox, chat: Chat, files_url: str) -> JsonObject:
    """The chat, who is in it and its last message."""
    last = sandbox.state.last_message(chat.space, chat.id)
    return {
        "chat_id": chat.id,
        "chat": chat.chat,
        "blocked": chat.is_blocked,
        "last_message": show_message(sandbox, chat, last, files_url) if last else None,
        "members": [
            {"person": sandbox.state.person(user_id) or {"id": user_id}, "status": status}
            for user_id, status in sandbox.groups.members(chat.space, chat.id).items()
            if not sandbox.state.is_bot(user_id)
        ],
        "bot_status": sandbox.groups.status(chat.space, chat.id, chat.space),
        "topics": [
            {"thread_id": topic.thread_id, "name": topic.name, "closed": topic.is_closed}
            for topic in sandbox.groups.topics(chat.space, chat.id)
        ],
        "migrated_to": sandbox.groups.migrated_to(chat.space, chat.id),
    }


def _reply_to(message: JsonObject) -> int | None:
    answered = object_at(message, "reply_to_message")
    # in a topic, what answers the message that made it answers nothing
    return None if "forum_topic_created" in answered else integer_at(answered, "message_id")


def _show_file(message: JsonObject, kind: str, files_url: str) -> JsonObject:
    value: Json = message.get(kind)
    if isinstance(value, list):  # a photo: the last size is the largest
        value = value[-1] if value else None
    file = value if isinstance(value, dict) else {}
    return {
        "file_id": file.get("file_id"),
        "url": f"{files_url}/{quote(str(file.get('file_id')))}",
        "name": file.get("file_name"),
        "mime_type": file.get("mime_type"),
        "size": file.get("file_size"),
        "width": file.get("width", file.get("length")),
        "height": file.get("height", file.get("length")),
        "duration": file.get("duration"),
        "title": file.get("title"),
        "performer": file.get("performer"),
    }
