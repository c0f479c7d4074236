"""The keyboard of a message: refused where Telegram refuses it. Pure."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_telegram.sandbox.errors import BotApiError, bad_request

MAX_CALLBACK_DATA_BYTES = 64
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """What a call's reply_markup asks for."""

    inline: JsonObject | None = None  # stays on the message
    reply: JsonObject | None = None  # stands below the chat
    removes: bool = False  # the one that stands there goes


def check_markup(markup: JsonObject) -> Markup:
    """What the markup asks for, or Telegram's refusal."""
    if "inline_keyboard" in markup:
        return Markup(inline=check_inline(markup))
    if "keyboard" in markup:
        return Markup(reply=_reply_keyboard(markup))
    if markup.get("force_reply") is True:
        return Markup(reply={"force_reply": True, **_only(markup, "input_field_placeholder")})
    return Markup(removes=markup.get("remove_keyboard") is True)


def check_inline(markup: JsonObject) -> JsonObject | None:
    """The inline keyboard without its empty rows; None if nothing is left."""
    if "inline_keyboard" not in markup:
        return None
    rows = _list(markup["inline_keyboard"], 'Field "inline_keyboard" must be of type Array')
    for row in rows:
        for button in _list(row, 'Field "inline_keyboard" must be an Array of Arrays'):
            _check_button(button)
    kept: list[Json] = [row for row in rows if row]
    return {"inline_keyboard": kept} if kept else None


def _reply_keyboard(markup: JsonObject) -> JsonObject:
    rows: list[Json] = []
    for row in _list(markup["keyboard"], 'Field "keyboard" must be of type Array'):
        buttons = [_reply_button(button) for button in _list(row, 'Field "keyboard" must be an Array of Arrays')]
        if buttons:
            rows.append(list[Json](buttons))
    if not rows:
        raise bad_request("reply markup is too short")
    options = ("resize_keyboard", "one_time_keyboard", "is_persistent", "input_field_placeholder")
    return {"keyboard": rows, **_only(markup, *options)}


def _reply_button(button: Json) -> JsonObject:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad_request("can't parse keyboard button: Text must be non-empty")
    return button


def _only(markup: JsonObject, *names: str) -> JsonObject:
    return {name: markup[name] for name in names if name in markup}


def _check_button(button: Json) -> None:
    if not isinstance(button, dict):
        raise _refusal("Object expected")
    text = button.get("text")
    if not isinstance(text, str):
        raise _refusal('Field "text" must be of type String')
    if not text.strip():
        raise bad_request("BUTTON_TEXT_EMPTY")
    if not any(action in button for action in ACTIONS):
        raise _refusal("Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str):
            raise _refusal('Field "callback_data" must be of type String')
        if not 1 <= len(data.encode("utf-8", "replace")) <= MAX_CALLBACK_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and (not isinstance(url, str) or "." not in url or " " in url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _list(value: Json, reason: str) -> list[Json]:
    if not isinstance(value, list):
        raise bad_request(f"can't parse reply keyboard markup JSON object: {reason}")
    return value


def _refusal(reason: str) -> BotApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")
