"""Texts and captions as a bot passes them: by parse mode or with entities, cleaned, measured, ready to show."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Json, JsonObject, object_at
from chaskiq_telegram.sandbox.detected import with_detected
from chaskiq_telegram.sandbox.entities import parse_html
from chaskiq_telegram.sandbox.errors import BotApiError, bad_request
from chaskiq_telegram.sandbox.formatted import Entity, FormattedText, clean, utf16_length
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.state import State
from chaskiq_telegram.sandbox.methods.parameters import Parameters

MAX_TEXT_CODE_POINTS = 4096  # after entity parsing
MAX_CAPTION_CODE_POINTS = 1024  # after entity parsing
MAX_RAW_BYTES = 32 * 1024


@dataclass(frozen=True, slots=True)
class TextField:
    """Where a text stands in a call and in a message."""

    name: str
    entities: str
    max_code_points: int
    too_long: str  # what Telegram says then


TEXT = TextField("text", "entities", MAX_TEXT_CODE_POINTS, "message is too long")
CAPTION = TextField("caption", "caption_entities", MAX_CAPTION_CODE_POINTS, "message caption is too long")


def read_formatted(parameters: Parameters, field: TextField) -> FormattedText:
    """The text of this field with its entities, not yet measured; "" if there is none."""
    raw = parameters.text(field.name)
    if len(raw.encode()) > MAX_RAW_BYTES:
        raise bad_request("text is too long")
    match parameters.text("parse_mode").lower():
        case "html":
            formatted = parse_html(raw)
        case "" | "none":
            given = parameters.array(field.entities, "message entities") or []
            formatted = FormattedText(raw, tuple(_given_entity(raw, value) for value in given))
        case _:
            # the real server knows Markdown too; here it is refused rather than shown raw
            raise bad_request("unsupported parse_mode")
    return with_detected(clean(formatted))


def show_formatted(state: State, formatted: FormattedText, field: TextField) -> JsonObject:
    """The fields of a message that show this text; {} for none; refused if it is too long."""
    if len(formatted.text) > field.max_code_points:
        raise bad_request(field.too_long)
    if not formatted.text:
        return {}
    entities = show_entities(state, formatted.entities)
    return {field.name: formatted.text, **({field.entities: entities} if entities else {})}


def show_entities(state: State, entities: tuple[Entity, ...]) -> list[Json]:
    """The entities as the API shows them; a mention of somebody unknown is dropped, as Telegram does."""
    shown: list[Json] = []
    for entity in entities:
        if entity.user_id is None:
            shown.append(entity.as_json())
        elif person := state.person(entity.user_id):
            shown.append(entity.as_json() | {"user": person})
    return shown


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
