"""A person blocks a bot, and unblocks it."""

from chaskiq_core.testing.sandbox import CustomerApiError, JsonObject
from chaskiq_telegram.sandbox.memory.bots import Bot
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox


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
        sandbox.changed(bot.id, chat_id)
        return sandbox.emit_wanted(bot, {"my_chat_member": change})
