"""The table of Bot API methods. A new method is a function in a file of its own and one line here."""

from chaskiq_telegram.sandbox.errors import bad_request, not_found
from chaskiq_telegram.sandbox.methods.call import Answer, Call, Method
from chaskiq_telegram.sandbox.methods.send_message import send_message
from chaskiq_telegram.sandbox.methods.sending import open_chat
from chaskiq_telegram.sandbox.methods.webhook_methods import delete_webhook, get_webhook_info, set_webhook

CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def find_method(name: str) -> tuple[str, Method]:
    """The method in Telegram's spelling and what it does; the name may come in any case."""
    for known, method in METHODS.items():
        if known.lower() == name.lower():
            return known, method
    raise not_found()


def get_me(call: Call) -> Answer:
    """The bot itself."""
    return Answer(
        result=call.bot.user
        | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
    )


def send_chat_action(call: Call) -> Answer:
    """Show that the bot is typing; nothing of it is kept but the log."""
    if call.parameters.text("action").lower() not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    open_chat(call)
    return Answer(result=True)


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "sendMessage": send_message,
    "sendChatAction": send_chat_action,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
