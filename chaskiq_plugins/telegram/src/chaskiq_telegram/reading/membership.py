"""Who came, went, blocked the bot, connected it to a business account, or moved with the whole group."""

from chaskiq_core.plugin import Chat, Ignored, InboundEvent, JsonObject, MembershipChanged, Sender
from chaskiq_telegram.chats import bare_chat
from chaskiq_telegram.fields import is_true, number_id_at, object_at, text_at
from chaskiq_telegram.reading.message import time_at
from chaskiq_telegram.reading.people import actor_of, author_of, people_at, person_of
from chaskiq_telegram.update import Update

PRESENT = frozenset({"creator", "administrator", "member"})
GONE = frozenset({"left", "kicked"})


def read_service_message(update: Update, chat: Chat, kind: str) -> InboundEvent:
    """What a service message tells of the chat's members; the others say nothing to us."""
    message = update.content
    author = author_of(message)
    if new_id := number_id_at(message, "migrate_to_chat_id"):
        return _changed(update, chat, author, "migrated", new_chat=_moved(new_id, message))
    if old_id := number_id_at(message, "migrate_from_chat_id"):
        return _changed(update, chat, author, "migrated", old_chat=_moved(old_id, message))
    if came := people_at(message, "new_chat_members") or _one_of(message, "new_chat_member", "new_chat_participant"):
        return _changed(update, chat, author, "joined", members=came)
    if went := _one_of(message, "left_chat_member", "left_chat_participant"):
        return _changed(update, chat, author, "left", members=went)
    return _ignored(update, chat, f"service message: {kind[:64]}")


def read_member(update: Update, chat: Chat) -> InboundEvent:
    """A change of the bot's own membership, or of somebody else's."""
    new, old = object_at(update.content, "new_chat_member"), object_at(update.content, "old_chat_member")
    status = text_at(new, "status")
    member = person_of(object_at(new, "user"))
    is_bot = update.kind == "my_chat_member"
    if not status:
        return _ignored(update, chat, f"{update.kind}: it names no status")
    if is_bot and not chat.is_group:
        change = "bot_unblocked" if _is_present(new) else "bot_blocked"
    elif _is_present(new) and not _is_present(old):
        change = "bot_added" if is_bot else "joined"
    elif not _is_present(new) and (_is_present(old) or is_bot):
        change = "bot_removed" if is_bot else "kicked" if status == "kicked" else "left"
    else:
        # promoted, restricted, pardoned: Telegram's own word
        change = f"bot_{status}" if is_bot else status
    return _changed(update, chat, actor_of(update.content), change, members=(member,) if member else ())


def read_business_connection(update: Update, chat: Chat) -> MembershipChanged:
    """A business account connected the bot, changed its rights, or disconnected it."""
    change = "business_connected" if is_true(update.content, "is_enabled") else "business_disconnected"
    return _changed(update, chat, actor_of(update.content), change)


def _changed(
    update: Update,
    chat: Chat,
    sender: Sender | None,
    change: str,
    *,
    members: tuple[Sender, ...] = (),
    new_chat: Chat | None = None,
    old_chat: Chat | None = None,
) -> MembershipChanged:
    return MembershipChanged(
        event_id=update.id,
        chat=chat,
        sender=sender,
        at=time_at(update.content, "date"),
        change=change,
        members=members,
        new_chat=new_chat,
        old_chat=old_chat,
    )


def _ignored(update: Update, chat: Chat, reason: str) -> Ignored:
    sender = actor_of(update.content)
    return Ignored(event_id=update.id, chat=chat, sender=sender, at=time_at(update.content, "date"), reason=reason)


def _moved(chat_id: str, message: JsonObject) -> Chat:
    return bare_chat(chat_id, {"type": "supergroup", "title": text_at(object_at(message, "chat"), "title")})


def _one_of(message: JsonObject, *names: str) -> tuple[Sender, ...]:
    """The one member in the first of these fields that names somebody; a tuple as the longer lists are."""
    return next(((found,) for name in names if (found := person_of(object_at(message, name)))), ())


def _is_present(member: JsonObject) -> bool:
    status = text_at(member, "status")
    return status in PRESENT or (status == "restricted" and member.get("is_member") is not False)
