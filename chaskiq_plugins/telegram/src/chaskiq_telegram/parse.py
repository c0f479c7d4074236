"""An update as events: what happened in a chat is of a kind that the core knows, all else is ignored with a reason."""

from chaskiq_core.plugin import (
    ButtonPressed,
    Chat,
    Ignored,
    InboundEvent,
    JsonObject,
    MessageDeleted,
    ReactionChanged,
    WebhookRequest,
)
from chaskiq_telegram.chats import chat_of, message_key
from chaskiq_telegram.fields import number_id_at, object_at, objects_at, text_at, token_at, whole
from chaskiq_telegram.manifest import TelegramSettings
from chaskiq_telegram.reading.content import service_kind
from chaskiq_telegram.reading.membership import read_business_connection, read_member, read_service_message
from chaskiq_telegram.reading.message import read_message, time_at
from chaskiq_telegram.reading.people import actor_of
from chaskiq_telegram.update import EDIT_KINDS, MESSAGE_KINDS, Place, Update, place_of, read_update

MAX_DELETED = 100
"""Messages that one event deletes; Telegram tells as many at once."""
PAID_REACTION = "⭐"


def parse_update(request: WebhookRequest, settings: TelegramSettings) -> list[InboundEvent]:
    """The events of an update, nearly always one; UnreadableError if the body is none."""
    update = read_update(request)
    place, chat = place_of(update), chat_of(update)
    if update.kind == "callback_query":
        return [_pressed(update, place, chat)]
    if place is None or chat is None:
        return [_ignored(update, None, f"{_named(update)}: it belongs to no chat")]
    if update.kind == "deleted_business_messages":
        return _deleted(update, place, chat)
    return [_in_chat(update, place, chat, settings)]


def _in_chat(update: Update, place: Place, chat: Chat, settings: TelegramSettings) -> InboundEvent:
    if update.kind in MESSAGE_KINDS or update.kind in EDIT_KINDS:
        if kind := service_kind(update.content):
            return read_service_message(update, chat, kind)
        return read_message(update, place, chat, settings)
    match update.kind:
        case "message_reaction":
            return _reacted(update, place, chat)
        case "my_chat_member" | "chat_member":
            return read_member(update, chat)
        case "business_connection":
            return read_business_connection(update, chat)
    return _ignored(update, chat, f"{_named(update)}: not an event of a conversation")


def _pressed(update: Update, place: Place | None, chat: Chat | None) -> InboundEvent:
    query = update.content
    callback_id = token_at(query, "id")
    if not callback_id:
        return _ignored(update, chat, "callback_query: it has no id")
    message = object_at(query, "message")
    message_id = number_id_at(message, "message_id")
    data = query.get("data")
    return ButtonPressed(
        event_id=update.id,
        chat=chat,
        sender=actor_of(query),
        callback_id=callback_id,
        data=data if isinstance(data, str) else None,
        title=_title_of(message, data) or text_at(query, "game_short_name") or None,
        message_id=message_id or None,
        message_key=message_key(place, message, update.id) if place and message_id else None,
    )


def _title_of(message: JsonObject, data: object) -> str:
    """What stands on the button that carries this data."""
    rows = object_at(message, "reply_markup").get("inline_keyboard")
    buttons = [button for row in rows if isinstance(row, list) for button in row] if isinstance(rows, list) else []
    return next(
        (
            text_at(button, "text")
            for button in buttons
            if isinstance(button, dict) and data is not None and button.get("callback_data") == data
        ),
        "",
    )


def _reacted(update: Update, place: Place, chat: Chat) -> InboundEvent:
    """Telegram tells all reactions of one person, before and after."""
    old, new = (_labels(objects_at(update.content, name)) for name in ("old_reaction", "new_reaction"))
    message_id = number_id_at(update.content, "message_id")
    if not message_id:
        return _ignored(update, chat, "message_reaction: it names no message")
    return ReactionChanged(
        event_id=update.id,
        chat=chat,
        sender=actor_of(update.content),
        at=time_at(update.content, "date"),
        message_id=message_id,
        message_key=message_key(place, update.content, update.id),
        added=tuple(label for label in new if label not in old),
        removed=tuple(label for label in old if label not in new),
    )


def _labels(reactions: list[JsonObject]) -> tuple[str, ...]:
    """Each reaction's label once, in order."""
    return tuple(dict.fromkeys(label for reaction in reactions if (label := _label(reaction))))


def _label(reaction: JsonObject) -> str:
    """An emoji, a custom emoji's id, the star that a paid reaction is shown as, or the name of a newer kind."""
    kind = text_at(reaction, "type")
    label = text_at(reaction, "emoji") or token_at(reaction, "custom_emoji_id")
    return label or (PAID_REACTION if kind == "paid" else kind[:64])


def _deleted(update: Update, place: Place, chat: Chat) -> list[InboundEvent]:
    listed = update.content.get("message_ids")
    ids = [str(found) for one in (listed if isinstance(listed, list) else []) if (found := whole(one)) is not None]
    if not ids:
        return [_ignored(update, chat, "deleted_business_messages: it names no message")]
    return [
        MessageDeleted(
            event_id=update.id,
            chat=chat,
            message_ids=tuple(some),
            message_keys=tuple(f"{place.name}:{message_id}" for message_id in some),
        )
        for some in (ids[at : at + MAX_DELETED] for at in range(0, len(ids), MAX_DELETED))
    ]


def _ignored(update: Update, chat: Chat | None, reason: str) -> Ignored:
    return Ignored(
        event_id=update.id,
        chat=chat,
        sender=actor_of(update.content),
        at=time_at(update.content, "date"),
        reason=reason,
    )


def _named(update: Update) -> str:
    return update.kind[:64] or "an update without a payload"
