"""A file as a bot gives it: uploaded, already known by its file_id, or behind a URL."""

from chaskiq_core.testing.sandbox import Json
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.files.fetching import is_url
from chaskiq_telegram.sandbox.files.incoming import Incoming
from chaskiq_telegram.sandbox.files.media import Hints, check_photo, keep_media, kind_of_file
from chaskiq_telegram.sandbox.memory.files import StoredFile
from chaskiq_telegram.sandbox.methods.call import Call
from chaskiq_telegram.sandbox.methods.parameters import Parameters

ATTACHED = "attach://"
WRONG_FILE = "wrong file identifier/HTTP URL specified"


def given_file(
    call: Call, given: Json, kind: str, hints: Hints, *, part: str | None = None, is_plain: bool = False
) -> StoredFile:
    """The file that stands for this kind, kept; `part` is the upload that needs no name."""
    if part is not None and part in call.tray.files and not isinstance(given, str):
        return _keep(call, call.tray.files[part], kind, hints, is_plain=is_plain)
    if not isinstance(given, str) or not given.strip():
        raise bad_request(f"there is no {kind} in the request")
    if given.startswith(ATTACHED):
        incoming = call.tray.files.get(given.removeprefix(ATTACHED))
        if incoming is None:
            raise bad_request(f"attached file '{given.removeprefix(ATTACHED)}' not found")
        return _keep(call, incoming, kind, hints, is_plain=is_plain)
    if is_url(given):
        if refusal := call.tray.refusals.get(given):
            raise bad_request(refusal)
        if given not in call.tray.files:
            raise bad_request(WRONG_FILE)
        return _keep(call, call.tray.files[given], kind, hints, is_plain=is_plain)
    known = call.sandbox.files.find(call.bot.id, given)
    if known is None:
        raise bad_request(WRONG_FILE)
    if (known.kind == "photo") != (kind == "photo") or (kind != "document" and kind != known.kind):
        raise bad_request(f"can't use file of type {_title(known.kind)} as {_title(kind)}")
    return known


def read_hints(call: Call, parameters: Parameters) -> Hints:
    """What these parameters, a call's or those of one item of an album, say about a file."""
    thumbnail = parameters.values.get("thumbnail")
    part = thumbnail.removeprefix(ATTACHED) if isinstance(thumbnail, str) else "thumbnail"
    return Hints(
        width=max(0, parameters.integer("width") or parameters.integer("length")),
        height=max(0, parameters.integer("height")),
        duration_seconds=max(0, parameters.integer("duration")),
        title=parameters.text("title") or None,
        performer=parameters.text("performer") or None,
        emoji=parameters.text("emoji") or None,
        thumbnail=call.tray.files.get(part) if thumbnail is not None else None,
    )


def _keep(call: Call, incoming: Incoming, kind: str, hints: Hints, *, is_plain: bool) -> StoredFile:
    if not incoming.size:
        raise bad_request("file must be non-empty")
    becomes = kind_of_file(kind, incoming.look, is_plain=is_plain)
    if becomes == "photo":
        check_photo(incoming)
    return keep_media(call.sandbox.files, call.bot.id, becomes, incoming, hints)


def _title(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))
