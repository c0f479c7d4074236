"""sendMessage: the text, by parse mode or given entities, within Telegram's limits."""

from chaskiq_telegram.sandbox.detected import with_detected
from chaskiq_telegram.sandbox.entities import parse_html
from chaskiq_telegram.sandbox.errors import BotApiError, bad_request
from chaskiq_telegram.sandbox.formatted import Entity, FormattedText, clean, utf16_length
from chaskiq_telegram.sandbox.json_value import Json, JsonObject, integer_at, object_at
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.sending import open_chat, send, show_entities

MAX_TEXT_CODE_POINTS = 4096  # after entity parsing
MAX_RAW_BYTES = 32 * 1024


def send_message(call: Call) -> Answer:
    """Send a text."""
    raw = call.parameters.text("text")
    if not raw:
        raise bad_request("message text is empty")
    formatted = with_detected(clean(_formatted(call, raw)))
    if not formatted.text:
        raise bad_request("text must be non-empty")
    open_chat(call)  # Telegram looks for the chat before it measures the text
    if len(formatted.text) > MAX_TEXT_CODE_POINTS:
        raise bad_request("message is too long")
    entities = show_entities(call, formatted.entities)
    content: JsonObject = {"text": formatted.text}
    return send(call, content | {"entities": entities} if entities else content)


def _formatted(call: Call, raw: str) -> FormattedText:
    """The text as its parse mode or its entities say."""
    if len(raw.encode()) > MAX_RAW_BYTES:
        raise bad_request("text is too long")
    match call.parameters.text("parse_mode").lower():
        case "html":
            return parse_html(raw)
        case "" | "none":
            given = call.parameters.array("entities", "message entities") or []
            return FormattedText(raw, tuple(_given_entity(raw, value) for value in given))
        case _:
            # the real server knows Markdown too; here it is refused rather than shown raw
            raise bad_request("unsupported parse_mode")


def _given_entity(text: str, value: Json) -> Entity:
    """An entity that the bot passed."""
    if not isinstance(value, dict):
        raise _refusal("an Object expected")
    kind, offset, length = value.get("type"), integer_at(value, "offset"), integer_at(value, "length")
    if not isinstance(kind, str):
        raise _refusal('Field "type" must be of type String')
    if offset is None or length is None:
        raise _refusal('Field "offset" and "length" must be of type Number')
    if offset < 0 or length <= 0 or offset + length > utf16_length(text):
        raise bad_request("entity beginning or end is out of the text")
    return Entity(
        type=kind,
        offset=offset,
        length=length,
        url=_text(value, "url"),
        language=_text(value, "language"),
        custom_emoji_id=_text(value, "custom_emoji_id"),
        user_id=integer_at(object_at(value, "user"), "id"),
    )


def _text(value: JsonObject, name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) else None


def _refusal(reason: str) -> BotApiError:
    return bad_request(f"can't parse MessageEntity: {reason}")
