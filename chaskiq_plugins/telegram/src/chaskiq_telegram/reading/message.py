"""A message that somebody wrote or edited, whatever is in it."""

from datetime import UTC, datetime

from chaskiq_core.plugin import (
    Chat,
    Direction,
    InboundEvent,
    JsonObject,
    MessageEdited,
    MessageReceived,
    Sender,
)
from chaskiq_telegram.chats import message_key, topic_of
from chaskiq_telegram.fields import is_true, number_id_at, object_at, objects_at, text_at, token_at, whole_at
from chaskiq_telegram.manifest import TelegramSettings
from chaskiq_telegram.reading.content import Content, content_of
from chaskiq_telegram.reading.people import author_of, person_of
from chaskiq_telegram.update import EDIT_KINDS, Place, Update


def read_message(update: Update, place: Place, chat: Chat, settings: TelegramSettings) -> InboundEvent:
    """The message or edit in an update."""
    message = update.content
    sender = author_of(message)
    content = content_of(message, settings.api_base)
    if update.kind in EDIT_KINDS:
        return _edited(update, place, chat, sender, content, settings)
    direction = _direction(message, place, settings)
    reply_to = _answered(message)
    return MessageReceived(
        event_id=update.id,
        chat=chat,
        sender=sender,
        at=time_at(message, "date"),
        message_id=number_id_at(message, "message_id"),
        message_key=message_key(place, message, update.id),
        text=content.text,
        content=content.document,
        attachments=content.attachments,
        direction=direction,
        recipient=person_of(object_at(message, "chat")) if direction == "out" and not chat.is_group else None,
        reply_to=reply_to,
        reply_to_key=f"{place.name}:{reply_to}" if reply_to else None,
        quote=text_at(object_at(message, "quote"), "text") or None,
        forwarded=_forwarded(message),
        group_id=token_at(message, "media_group_id") or None,
        command=_command(message),
        unsupported=content.unsupported,
        auto=_is_automatic(update),
    )


def _edited(
    update: Update, place: Place, chat: Chat, sender: Sender | None, content: Content, settings: TelegramSettings
) -> MessageEdited:
    message = update.content
    return MessageEdited(
        event_id=update.id,
        chat=chat,
        sender=sender,
        at=time_at(message, "edit_date") or time_at(message, "date"),
        message_id=number_id_at(message, "message_id"),
        message_key=message_key(place, message, update.id),
        text=content.text,
        content=content.document,
        attachments=content.attachments,
        direction=_direction(message, place, settings),
        reply_to=_answered(message),
        group_id=token_at(message, "media_group_id") or None,
    )


def time_at(value: JsonObject, name: str) -> datetime | None:
    """The time that a unix time is; None: there is none, or it is out of this world."""
    seconds = whole_at(value, name)
    if not seconds or seconds < 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _direction(message: JsonObject, place: Place, settings: TelegramSettings) -> Direction:
    """Out: the owner wrote, here or, through a business connection, in their own app to the chat's other person."""
    writer = number_id_at(object_at(message, "from"), "id")
    if writer and writer == settings.user_id:
        return "out"
    if not place.connection:
        return "in"
    return "out" if "sender_business_bot" in message or (writer and writer != place.chat_id) else "in"


def _answered(message: JsonObject) -> str | None:
    """The id of the message that is answered, in the same chat."""
    answered = object_at(message, "reply_to_message")
    message_id = number_id_at(answered, "message_id")
    # In a topic every message seems to answer the service message that opened the topic and gave it its id.
    if message_id in ("", "0", topic_of(message)) or "forum_topic_created" in answered:
        return None
    return message_id


def _forwarded(message: JsonObject) -> JsonObject | None:
    """Whom a message was forwarded from, as the origin tells it or, in an older Telegram, the single fields."""
    origin = object_at(message, "forward_origin")
    user = object_at(origin, "sender_user") or object_at(message, "forward_from")
    chat = object_at(origin, "sender_chat") or object_at(origin, "chat") or object_at(message, "forward_from_chat")
    person = person_of(user) or person_of(chat)
    hidden = text_at(origin, "sender_user_name") or text_at(message, "forward_sender_name")
    if not origin and not person and not hidden and "forward_date" not in message:
        return None
    told = {
        "name": person.name if person else hidden,
        "id": person.id if person else "",
        "type": text_at(origin, "type") or ("user" if user else "channel" if chat else "hidden_user"),
        "message_id": number_id_at(origin, "message_id") or number_id_at(message, "forward_from_message_id"),
        "signature": text_at(origin, "author_signature") or text_at(message, "forward_signature"),
    }
    return {name: value for name, value in told.items() if value or name == "name"}


def _command(message: JsonObject) -> str | None:
    """The bot command that a message begins with, without slash and bot's name; what follows it is in the text."""
    text = text_at(message, "text")
    begins = any(
        text_at(entity, "type") == "bot_command" and whole_at(entity, "offset") == 0
        for entity in objects_at(message, "entities")
    )
    word = text.split(maxsplit=1)[0] if begins and text.strip() else ""
    return word.removeprefix("/").partition("@")[0] or None


def _is_automatic(update: Update) -> bool:
    """Nobody waits for an answer: a bot wrote, a channel published, or an app answered in its owner's absence."""
    message = update.content
    if update.kind == "channel_post" or is_true(message, "is_automatic_forward") or is_true(message, "is_from_offline"):
        return True
    return not object_at(message, "sender_chat") and is_true(object_at(message, "from"), "is_bot")
