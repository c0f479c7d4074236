"""What a person can send, as the fields of a message."""

from chaskiq_core.testing.sandbox import CustomerApiError, JsonObject
from chaskiq_telegram.sandbox.customers.bodies import CustomerMessage
from chaskiq_telegram.sandbox.detected import with_detected
from chaskiq_telegram.sandbox.errors import BotApiError
from chaskiq_telegram.sandbox.files.incoming import Incoming
from chaskiq_telegram.sandbox.files.media import Hints, check_photo, keep_media, shown_media
from chaskiq_telegram.sandbox.formatted import Entity, FormattedText, clean
from chaskiq_telegram.sandbox.memory.files import StoredFiles
from chaskiq_telegram.sandbox.methods.parameters import Parameters
from chaskiq_telegram.sandbox.methods.send_facts import new_dice, new_poll
from chaskiq_telegram.sandbox.methods.texts import CAPTION, TEXT, TextField

MAX_ALBUM = 10
WITHOUT_CAPTION = frozenset({"video_note", "sticker"})


def plain_content(sent: CustomerMessage) -> JsonObject:
    """The content of a message without files; exactly one kind must be there."""
    given = [
        name for name in ("text", "location", "venue", "contact", "poll", "dice") if getattr(sent, name) is not None
    ]
    if len(given) != 1:
        raise CustomerApiError(422, "a message has one content: text, location, venue, contact, poll, dice or files")
    if sent.text is not None:
        return text_content(sent.text, TEXT, sent.entities)
    if sent.location:
        return {"location": sent.location.model_dump(exclude_none=True)}
    if sent.venue:
        venue: JsonObject = sent.venue.model_dump(exclude_none=True)
        return {"location": venue["location"], "venue": venue}
    if sent.contact:
        return {"contact": sent.contact.model_dump(exclude_none=True)}
    if sent.poll:
        try:
            return {"poll": new_poll(sent.poll.question, sent.poll.options, Parameters({}))}
        except BotApiError as error:
            raise CustomerApiError(422, error.description) from None
    return {"dice": new_dice(sent.dice or "🎲")}


def text_content(text: str, field: TextField, entities: list[Entity] | None = None) -> JsonObject:
    """A text or a caption; refused if it is empty or too long."""
    formatted = with_detected(clean(FormattedText(text, tuple(entities or ()))))
    if not 1 <= len(formatted.text) <= field.max_code_points:
        raise CustomerApiError(422, f"a {field.name} has 1 to {field.max_code_points} characters")
    if not formatted.entities:
        return {field.name: formatted.text}
    return {field.name: formatted.text, field.entities: [entity.as_json() for entity in formatted.entities]}


def file_contents(files: StoredFiles, bot_id: int, sent: CustomerMessage, came: list[Incoming]) -> list[JsonObject]:
    """The contents of a message for each file; the caption is the first one's, as Telegram's apps put it."""
    if len(came) > MAX_ALBUM:
        raise CustomerApiError(422, f"an album has up to {MAX_ALBUM} files")
    if sent.text is not None and sent.caption is not None:
        raise CustomerApiError(422, "the text of files is their caption")
    contents = [_file_content(files, bot_id, sent, incoming) for incoming in came]
    caption = sent.caption or sent.text
    if caption and not any(name in contents[0] for name in WITHOUT_CAPTION):
        contents[0] |= text_content(caption, CAPTION, sent.entities)
    return contents


def _file_content(files: StoredFiles, bot_id: int, sent: CustomerMessage, incoming: Incoming) -> JsonObject:
    if not incoming.size:
        raise CustomerApiError(422, "a file must not be empty")
    kind = sent.kind or _usual_kind(incoming)
    if kind == "photo":
        try:
            check_photo(incoming)
        except BotApiError as error:
            raise CustomerApiError(422, error.description) from None
    hints = Hints(duration_seconds=sent.duration or 0, title=sent.title, performer=sent.performer, emoji=sent.emoji)
    return shown_media(keep_media(files, bot_id, kind, incoming, hints))


def _usual_kind(incoming: Incoming) -> str:
    """What Telegram's apps make of a file that was picked as picture or video; all else is a document."""
    look = incoming.look
    if look.mime_type == "image/gif":
        return "animation"
    if look.is_video:
        return "video"
    if look.is_sound:
        return "audio"
    return "photo" if look.is_image else "document"
