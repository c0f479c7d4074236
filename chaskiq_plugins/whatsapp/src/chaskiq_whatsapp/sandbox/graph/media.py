"""Files that a business uploads and downloads: their types and sizes, their addresses."""

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from chaskiq_core.testing.sandbox import JsonObject, json_response
from chaskiq_whatsapp.manifest import AUDIO_TYPES, DOCUMENT_TYPES, IMAGE_TYPES, VIDEO_TYPES
from chaskiq_whatsapp.sandbox.errors import GraphError, gone
from chaskiq_whatsapp.sandbox.memory.media import StoredMedia
from chaskiq_whatsapp.sandbox.sandbox import WhatsAppSandbox

MEGABYTE = 1 << 20
TYPES = {
    "image": IMAGE_TYPES,
    "video": VIDEO_TYPES,
    "audio": AUDIO_TYPES,
    "document": DOCUMENT_TYPES,
    "sticker": frozenset({"image/webp"}),
}
MAX_BYTES = {"image": 5 * MEGABYTE, "video": 16 * MEGABYTE, "audio": 16 * MEGABYTE, "document": 100 * MEGABYTE}
MAX_BYTES |= {"sticker": MEGABYTE // 2}


async def upload(sandbox: WhatsAppSandbox, number_id: str, request: Request) -> JsonObject:
    """`POST /{number}/media`: multipart with messaging_product, type and file."""
    async with request.form() as form:
        if form.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required.")
        file, mime = form.get("file"), form.get("type")
        if not isinstance(file, UploadFile):
            raise GraphError(100, "The parameter file is required.")
        told = (mime if isinstance(mime, str) else file.content_type or "").partition(";")[0].strip().lower()
        kind = next((name for name, types in TYPES.items() if told in types), None)
        if kind is None:
            known = ", ".join(sorted(one for types in TYPES.values() for one in types))
            raise GraphError(
                100, f"Param file must be a file with one of the following types: {known}. Received: {told}"
            )
        content = await file.read()
        if len(content) > MAX_BYTES[kind]:
            raise GraphError(131053, f"File size {len(content)} exceeds the limit of {MAX_BYTES[kind]} bytes")
        stored = sandbox.media.add(number_id, told, file.filename or "", content)
    return {"id": stored.id}


def look_up(sandbox: WhatsAppSandbox, media_id: str, base: str) -> JsonObject:
    """`GET /{media}`: an address for five minutes."""
    stored = sandbox.media.find(media_id)
    if stored is None:
        raise gone(media_id)
    secret = sandbox.media.address(media_id, now=sandbox.now())
    return {
        "messaging_product": "whatsapp",
        "url": f"{base}/files/{secret}",
        "mime_type": stored.mime,
        "sha256": stored.sha256,
        "file_size": len(stored.bytes),
        "id": stored.id,
    }


def download(sandbox: WhatsAppSandbox, request: Request) -> Response:
    """The bytes at an address, with the token only."""
    if not request.headers.get("authorization", "").startswith("Bearer "):
        return Response("<html>Log in to Facebook</html>", status_code=401, media_type="text/html")
    try:
        sandbox.numbers.check_token(request.headers["authorization"].removeprefix("Bearer "))
    except GraphError as error:
        return error.response()
    stored = sandbox.media.at(request.path_params["secret"], now=sandbox.now())
    if stored is None:
        return json_response({"error": "URL signature expired"}, status=404)
    return Response(stored.bytes, media_type=stored.mime)


def check_kind(kind: str, stored: StoredMedia) -> None:
    """Whether a file may be sent as this; Meta says so in a status, mostly, and here at once."""
    if stored.mime not in TYPES[kind]:
        raise GraphError(131053, f"Unsupported {kind.capitalize()} mime type {stored.mime}.")
