"""The keyboard of a message: refused where Telegram refuses it. Pure."""

from chaskiq_telegram.sandbox.errors import BotApiError, bad_request
from chaskiq_telegram.sandbox.json_value import Json, JsonObject

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


def check_markup(markup: JsonObject) -> JsonObject:
    """The part of the markup that stays on the message: its inline keyboard, or {}."""
    if "inline_keyboard" not in markup:
        return {}
    rows = _list(markup["inline_keyboard"], 'Field "inline_keyboard" must be of type Array')
    for row in rows:
        for button in _list(row, 'Field "inline_keyboard" must be an Array of Arrays'):
            _check_button(button)
    kept: list[Json] = [row for row in rows if row]
    return {"inline_keyboard": kept} if kept else {}


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
