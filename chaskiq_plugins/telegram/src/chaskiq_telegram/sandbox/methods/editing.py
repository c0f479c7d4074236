"""editMessageText, …Caption, …Media and …ReplyMarkup: a message of the bot's own becomes another one."""

from chaskiq_core.testing.sandbox import JsonObject
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.files.media import shown_media
from chaskiq_telegram.sandbox.memory.messages import StoredMessage
from chaskiq_telegram.sandbox.memory.state import Chat
from chaskiq_telegram.sandbox.methods.albums import read_media
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.chats import find_message
from chaskiq_telegram.sandbox.methods.keyboards import check_inline
from chaskiq_telegram.sandbox.methods.parameters import Parameters
from chaskiq_telegram.sandbox.methods.texts import CAPTION, TEXT, read_formatted, show_formatted

MEDIA_FIELDS = ("photo", "video", "animation", "audio", "document")
CAPTIONED = (*MEDIA_FIELDS, "voice")
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_message_text(call: Call) -> Answer:
    if not call.parameters.text("text"):
        raise bad_request("message text is empty")
    formatted = read_formatted(call.parameters, TEXT)
    if not formatted.text:
        raise bad_request("text must be non-empty")
    chat, found = _own_message(call)
    if "text" not in found.message:
        raise bad_request("there is no text in the message to edit")
    content = show_formatted(call.sandbox.state, formatted, TEXT)
    return _replace(call, chat, found, content, ("text", "entities"))


def edit_message_caption(call: Call) -> Answer:
    formatted = read_formatted(call.parameters, CAPTION)
    chat, found = _own_message(call)
    if not any(name in found.message for name in CAPTIONED):
        raise bad_request("there is no caption in the message to edit")
    content = show_formatted(call.sandbox.state, formatted, CAPTION)
    return _replace(call, chat, found, content, ("caption", "caption_entities"))


def edit_message_media(call: Call) -> Answer:
    media = call.parameters.object("media", "input media")
    if media is None:
        raise bad_request("input media is not specified")
    kind, item = str(media.get("type")).lower(), Parameters(media)
    if kind not in MEDIA_FIELDS:
        raise bad_request("can't parse InputMedia: invalid type specified")
    caption = read_formatted(item, CAPTION)
    chat, found = _own_message(call)
    if not any(name in found.message for name in MEDIA_FIELDS):
        raise bad_request("there is no media in the message to edit")
    shown = show_formatted(call.sandbox.state, caption, CAPTION)
    file = read_media(call, kind, item, is_plain=True)
    return _replace(call, chat, found, shown_media(file) | shown, (*MEDIA_FIELDS, "caption", "caption_entities"))


def edit_message_reply_markup(call: Call) -> Answer:
    chat, found = _own_message(call)
    return _replace(call, chat, found, {}, ())


def _own_message(call: Call) -> tuple[Chat, StoredMessage]:
    """The message to edit, if it is the bot's own."""
    chat, found = find_message(call, "message to edit not found")
    if found.direction != "bot":
        raise bad_request("message can't be edited")
    return chat, found


def _replace(call: Call, chat: Chat, found: StoredMessage, content: JsonObject, replaced: tuple[str, ...]) -> Answer:
    """The message with this content and keyboard instead of the former ones; refused if that changes nothing."""
    before = found.message
    markup = check_inline(call.parameters.object("reply_markup", "reply keyboard markup") or {})
    kept = {name: value for name, value in before.items() if name not in (*replaced, "reply_markup", "edit_date")}
    after: JsonObject = {**kept, **content, **({"reply_markup": markup} if markup else {})}
    if after == {name: value for name, value in before.items() if name != "edit_date"}:
        raise bad_request(NOT_MODIFIED)
    if replaced or "edit_date" in before:  # a message that only got another keyboard doesn't show as edited
        after["edit_date"] = int(call.sandbox.now())
    call.sandbox.state.keep_message(chat.space, chat.id, "bot", after)
    call.sandbox.changed(chat.space, chat.id, found.message_id)
    return Answer(result=after)
