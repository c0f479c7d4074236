"""What a bot does without a message: it reacts, answers a press, shows that it is at work."""

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.chats import find_message, open_chat
from chaskiq_telegram.sandbox.updates import lifetime_seconds

MAX_ANSWER_LENGTH = 200
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
# the ones that need no premium, as the Bot API's page lists them
REACTION_LIST = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 "
    "🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)
REACTIONS = frozenset(REACTION_LIST.split())


def send_chat_action(call: Call) -> Answer:
    """Show for a few seconds what the bot is doing."""
    action = call.parameters.text("action").lower()
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = open_chat(call)
    call.sandbox.footers.act(chat.space, chat.id, action, now=call.sandbox.now())
    call.sandbox.changed(chat.space, chat.id)
    return Answer(result=True)


def set_message_reaction(call: Call) -> Answer:
    """React to a message, or take the reaction back; a bot has one at most."""
    wanted = call.parameters.array("reaction", "reaction types") or []
    reactions: list[Json] = [_reaction(value) for value in wanted]
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    chat, found = find_message(call, "message to react not found")
    call.sandbox.reactions.replace(chat.space, chat.id, found.message_id, call.bot.id, reactions)
    call.sandbox.changed(chat.space, chat.id, found.message_id)
    return Answer(result=True)


def answer_callback_query(call: Call) -> Answer:
    """Answer a press while it lives."""
    press = call.sandbox.presses.find(call.bot.id, call.parameters.text("callback_query_id"))
    if press is None or call.sandbox.now() - press.at > lifetime_seconds("callback_query"):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = call.parameters.text("text")
    if len(text) > MAX_ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    answer: JsonObject = {
        "text": text,
        "alert": call.parameters.flag("show_alert"),
        "url": call.parameters.text("url") or None,
    }
    call.sandbox.presses.answer(press.query_id, answer)
    call.sandbox.changed(press.space, press.chat_id)
    return Answer(result=True)


def _reaction(value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise bad_request("can't parse reaction types: expected an Object")
    if value.get("type") != "emoji" or str(value.get("emoji")).rstrip("\ufe0f") not in REACTIONS:
        raise bad_request("REACTION_INVALID")
    return {"type": "emoji", "emoji": str(value["emoji"]).rstrip("\ufe0f")}
