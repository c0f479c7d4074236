"""Serves a sandbox's phone page and its files. What strangers send can't run there: nothing inline, nothing foreign."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def phone_routes(folder: Path) -> list[Route]:
    """`/phone`, which is the folder's index.html, and the files beside it; anything else is Starlette's 404."""

    async def page(request: Request) -> Response:
        return _read(folder, "index.html")

    async def file(request: Request) -> Response:
        return _read(folder, request.path_params["name"])

    return [Route("/phone", page), Route("/phone/{name}", file)]


def _read(folder: Path, name: str) -> Response:
    # only names that are there, so no path leads out of the folder
    found = {path.name: path for path in folder.iterdir()}.get(name)
    if found is None or found.suffix not in TYPES:
        raise HTTPException(404)
    return Response(found.read_bytes(), media_type=TYPES[found.suffix], headers=HEADERS)
