"""Files: uploaded as they come in, never whole in memory; served under signed addresses, run nowhere."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, Response

from chaskiq_core import Chaskiq
from chaskiq_core.desk import media
from chaskiq_core.errors import InvalidError
from chaskiq_core.media.file_store import StoredFile
from chaskiq_core.media.sniff import SHOWN
from chaskiq_core.store.call import utc_now
from chaskiq_server.bodies import TooLargeError, limited
from chaskiq_server.problems import Problem
from chaskiq_server.rest.answers import answer
from chaskiq_server.rest.route import APP_PATH, ERRORS, admit
from chaskiq_server.rest.shapes import Media, problem

CHUNK_BYTES = 1 << 20
FORM_BYTES = 10_000
"""What a form may hold beside its file."""
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'"
router = APIRouter(prefix=f"{APP_PATH}/media", tags=["media"])

UPLOAD_BODY: dict[str, object] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post(
    "",
    status_code=201,
    response_model=Media,
    responses={**ERRORS, 413: problem("the file is too large")},
    openapi_extra=UPLOAD_BODY,
)
async def upload(app_key: str, request: Request) -> Response:
    """A file to attach to a part: multipart, its field is `file`."""
    acting = await admit(request)

    async def keep(stored: StoredFile) -> Response:
        return answer(await acting.write(media.upload, stored), 201)

    return await keep_upload(request, keep)


async def keep_upload(request: Request, keep: Callable[[StoredFile], Awaitable[Response]]) -> Response:
    """Take the file of a form into the media store, and hand it over."""
    chaskiq: Chaskiq = request.app.state.chaskiq
    limit = chaskiq.settings.max_media_bytes
    try:
        async with Request(request.scope, limited(request.receive, limit + FORM_BYTES)).form(
            max_files=1, max_fields=8
        ) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidError("file: give it as a file of a multipart form")
            if (file.size or 0) > limit:
                raise TooLargeError
            return await keep(await _store(chaskiq, file))
    except TooLargeError:
        return Problem(413, f"a file may have {limit} bytes")
    except HTTPException as error:
        raise InvalidError(f"the body is not a multipart form: {error.detail}") from None
    except ClientDisconnect:
        return Response(status_code=499)


@router.get("/{signed}", response_class=Response, responses={404: problem("no such file, or its address is too old")})
async def show(app_key: str, signed: str, request: Request) -> Response:
    """A file's bytes; the address is signed, so no token is needed."""
    chaskiq: Chaskiq = request.app.state.chaskiq
    key = chaskiq.media_links.key_of(app_key, signed, now=utc_now())
    found = await chaskiq.acting(app_key, as_system="media").read(media.medium, key)
    path = chaskiq.files.path_of(key)
    is_shown = found.mime in SHOWN
    return FileResponse(
        path,
        media_type=found.mime,
        headers={
            "content-disposition": disposition(found.filename, inline=is_shown),
            "content-security-policy": SANDBOX,
            "x-content-type-options": "nosniff",
            "cross-origin-resource-policy": "same-origin",
            "referrer-policy": "no-referrer",
            "cache-control": "private, max-age=600",
        },
    )


def disposition(filename: str, *, inline: bool) -> str:
    """Whether a browser shows it or saves it, and under which name (RFC 6266)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in filename)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


async def _store(chaskiq: Chaskiq, file: UploadFile) -> StoredFile:
    async with chaskiq.files.draft(max_bytes=chaskiq.settings.max_media_bytes) as draft:
        while chunk := await file.read(CHUNK_BYTES):
            await draft.write(chunk)
        if not draft.size:
            raise InvalidError("file: it is empty")
        return await chaskiq.files.keep(draft, file.filename or "")
