"""The table of Bot API methods. A new method is a function in a file of its own and one line here."""

from chaskiq_telegram.sandbox.errors import not_found
from chaskiq_telegram.sandbox.methods import answering, copying, deleting, editing, looking, send_facts
from chaskiq_telegram.sandbox.methods.albums import send_media_group
from chaskiq_telegram.sandbox.methods.call import Method
from chaskiq_telegram.sandbox.methods.send_media import FILE_METHODS
from chaskiq_telegram.sandbox.methods.send_message import send_message
from chaskiq_telegram.sandbox.methods.webhook_methods import delete_webhook, get_webhook_info, set_webhook


def find_method(name: str) -> tuple[str, Method]:
    """The method in Telegram's spelling and what it does; the name may come in any case."""
    for known, method in METHODS.items():
        if known.lower() == name.lower():
            return known, method
    raise not_found()


METHODS: dict[str, Method] = {
    "getMe": looking.get_me,
    "sendMessage": send_message,
    **FILE_METHODS,
    "sendMediaGroup": send_media_group,
    "sendLocation": send_facts.send_location,
    "sendVenue": send_facts.send_venue,
    "sendContact": send_facts.send_contact,
    "sendPoll": send_facts.send_poll,
    "sendDice": send_facts.send_dice,
    "forwardMessage": copying.forward_message,
    "copyMessage": copying.copy_message,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": deleting.delete_message,
    "deleteMessages": deleting.delete_messages,
    "setMessageReaction": answering.set_message_reaction,
    "sendChatAction": answering.send_chat_action,
    "answerCallbackQuery": answering.answer_callback_query,
    "getFile": looking.get_file,
    "getChat": looking.get_chat,
    "getChatMember": looking.get_chat_member,
    "getChatMemberCount": looking.get_chat_member_count,
    "getUserProfilePhotos": looking.get_user_profile_photos,
    "getBusinessConnection": looking.get_business_connection,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
