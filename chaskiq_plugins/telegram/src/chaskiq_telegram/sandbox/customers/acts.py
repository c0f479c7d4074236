"""What people do in Telegram: write, block a bot, unblock it; and raw updates, for all that is not built yet."""

from dataclasses import dataclass

from chaskiq_telegram.sandbox.delivering.updates import MESSAGE_KINDS, is_wanted, kind_of
from chaskiq_telegram.sandbox.detected import with_detected
from chaskiq_telegram.sandbox.errors import CustomerApiError
from chaskiq_telegram.sandbox.formatted import FormattedText, clean
from chaskiq_telegram.sandbox.json_value import Json, JsonObject, integer_at, object_at
from chaskiq_telegram.sandbox.memory.state import Bot, Chat
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox

MAX_TEXT_CODE_POINTS = 4096
CHAT_FIELDS = ("id", "first_name", "last_name", "username")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message that a person has sent."""

    update_id: int | None  # None: the bot did not ask for such updates
    message: JsonObject  # as the bot gets it


def write(sandbox: TelegramSandbox, bot: Bot, sender: JsonObject, text: str, *, reply_to: int | None = None) -> Written:
    """A person writes to the bot in their private chat; both are made if they don't exist."""
    formatted = with_detected(clean(FormattedText(text)))
    if not 1 <= len(formatted.text) <= MAX_TEXT_CODE_POINTS:
        raise CustomerApiError(422, f"a text has 1 to {MAX_TEXT_CODE_POINTS} characters")
    with sandbox.database.transaction():
        person, chat = _person_and_chat(sandbox, bot, sender)
        if chat.is_blocked:
            raise CustomerApiError(409, "this person has blocked the bot; unblock it first")
        message: JsonObject = {
            "message_id": 0,
            "from": person,
            "chat": chat.chat,
            "date": int(sandbox.now()),
            **_answered(sandbox, bot, chat, reply_to),
            "text": formatted.text,
        }
        if formatted.entities:
            message["entities"] = [entity.as_json() for entity in formatted.entities]
        message["message_id"] = sandbox.state.take_message_id(bot.id, chat.id)
        sandbox.state.keep_message(bot.id, chat.id, "customer", message)
        update_id = _emit_if_wanted(sandbox, bot, {"message": message})
    sandbox.news.ring()
    return Written(update_id=update_id, message=message)


def set_blocked(sandbox: TelegramSandbox, bot: Bot, chat_id: int, *, is_blocked: bool) -> int | None:
    """A person blocks or unblocks the bot; the update_id that tells it, None if nothing changed or is told."""
    with sandbox.database.transaction():
        chat = sandbox.state.chat(bot.id, chat_id)
        if chat is None:
            raise CustomerApiError(404, f"the bot has no chat {chat_id}")
        if not sandbox.state.set_blocked(bot.id, chat_id, is_blocked=is_blocked):
            return None
        member: JsonObject = {"user": bot.user, "status": "member"}
        kicked: JsonObject = {"user": bot.user, "status": "kicked", "until_date": 0}
        change: JsonObject = {
            "chat": chat.chat,
            "from": sandbox.state.person(chat_id) or chat.chat,
            "date": int(sandbox.now()),
            "old_chat_member": member if is_blocked else kicked,
            "new_chat_member": kicked if is_blocked else member,
        }
        return _emit_if_wanted(sandbox, bot, {"my_chat_member": change})


def push(sandbox: TelegramSandbox, bot: Bot, update: JsonObject) -> int:
    """Send any update as it is, wanted or not; the chat and the message in it become known, so the bot can answer."""
    kind = kind_of(update)
    body = object_at(update, kind)
    chat = object_at(body, "chat")
    with sandbox.database.transaction():
        chat_id = integer_at(chat, "id")
        if kind in MESSAGE_KINDS and chat_id is not None:
            sandbox.state.keep_chat(bot.id, chat)
            sender = object_at(body, "from")
            if integer_at(sender, "id") is not None and sender.get("is_bot") is False:
                sandbox.state.keep_person(sender)
            if integer_at(body, "message_id") is not None:
                sandbox.state.keep_message(bot.id, chat_id, "customer", body)
        update_id = sandbox.emit(bot, update)
    sandbox.news.ring()
    return update_id


def _emit_if_wanted(sandbox: TelegramSandbox, bot: Bot, update: JsonObject) -> int | None:
    allowed = sandbox.pending.webhook(bot.id).allowed_updates
    return sandbox.emit(bot, update) if is_wanted(kind_of(update), list(allowed)) else None


def _person_and_chat(sandbox: TelegramSandbox, bot: Bot, sender: JsonObject) -> tuple[JsonObject, Chat]:
    """The person as known after this, and their private chat with the bot."""
    known = sandbox.state.person(integer_at(sender, "id") or 0)
    unnamed: dict[str, Json] = {"id": sender.get("id"), "is_bot": False, "first_name": f"Customer {sender.get('id')}"}
    person = sandbox.state.keep_person((known or unnamed) | sender)
    shown: JsonObject = {name: person[name] for name in CHAT_FIELDS if name in person}
    return person, sandbox.state.keep_chat(bot.id, shown | {"type": "private"})


def _answered(sandbox: TelegramSandbox, bot: Bot, chat: Chat, reply_to: int | None) -> JsonObject:
    if reply_to is None:
        return {}
    found = sandbox.state.message(bot.id, chat.id, reply_to)
    if found is None:
        raise CustomerApiError(404, f"the chat has no message {reply_to}")
    return {"reply_to_message": {name: value for name, value in found.message.items() if name != "reply_to_message"}}
