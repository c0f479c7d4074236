"""sendMediaGroup: two to ten files that stand together."""

import secrets

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.files.media import shown_media
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.files import StoredFile
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.chats import open_chat
from chaskiq_telegram.sandbox.methods.given_files import given_file, read_hints
from chaskiq_telegram.sandbox.methods.parameters import Parameters
from chaskiq_telegram.sandbox.methods.sending import send_all
from chaskiq_telegram.sandbox.methods.texts import CAPTION, read_formatted, show_formatted

LEAST, MOST = 2, 10
ITEM_KINDS = frozenset({"photo", "video", "audio", "document"})
AMONG_THEMSELVES = ("audio", "document")  # these stand only with their like


def send_media_group(call: Call) -> Answer:
    """Send an album."""
    media = call.parameters.array("media", "input media")
    if media is None or not media:
        raise bad_request("there are no messages to send")
    if len(media) > MOST:
        raise bad_request("too many messages to send as an album")
    if len(media) < LEAST:
        raise bad_request("there are not enough messages to send as an album")
    open_chat(call)
    items = [_read_item(item) for item in media]
    _check_mix([kind for kind, _ in items])
    captions = [show_formatted(call.sandbox.state, read_formatted(item, CAPTION), CAPTION) for _, item in items]
    files = [read_media(call, kind, item, is_plain=True) for kind, item in items]
    album = new_album_id()
    contents: list[JsonObject] = [
        {"media_group_id": album, **shown_media(file), **caption} for file, caption in zip(files, captions, strict=True)
    ]
    sent = send_all(call, contents)
    message_ids = tuple(integer_at(message, "message_id") or 0 for message in sent)
    return Answer(result=list[Json](sent), message_ids=message_ids)


def read_media(call: Call, kind: str, item: Parameters, *, is_plain: bool) -> StoredFile:
    """The file of an InputMedia object."""
    return given_file(call, item.values.get("media"), kind, read_hints(call, item), is_plain=is_plain)


def new_album_id() -> str:
    return str(10**16 + secrets.randbelow(10**16))


def _read_item(item: Json) -> tuple[str, Parameters]:
    if not isinstance(item, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    kind = str(item.get("type")).lower()
    if kind not in ITEM_KINDS:
        raise bad_request("can't use the media of the specified type in the album")
    return kind, Parameters(item)


def _check_mix(kinds: list[str]) -> None:
    for kind in AMONG_THEMSELVES:
        if kind in kinds and len(set(kinds)) > 1:
            raise bad_request(f"{kind.capitalize()} can't be mixed with other media types")
